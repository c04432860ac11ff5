import type { Store } from '../telemetry/index.js';
import type { AnalyticSummary, Hit, Unattributed } from './types.js';

interface HitRow {
  readonly id: string;
  readonly display: string | null;
  readonly addresses: string[] | null;
  readonly client_ip: string;
  readonly executable: string | null;
  readonly original: string | null;
  readonly pid: number | null;
  readonly entity: string | null;
  readonly command_line: string | null;
  readonly user_name: string | null;
  readonly owner_executable: string | null;
  readonly owner_pid: number | null;
  readonly attribution: Hit['attribution'];
  readonly via: Hit['via'];
  readonly protocol: Hit['protocol'];
  readonly protocol_from: Hit['protocolFrom'];
  readonly server_ip: string | null;
  readonly server_port: number | null;
  readonly domain: string | null;
  readonly server_host: string | null;
  readonly start: string | null;
  readonly until: string | null;
  readonly bytes_out: number | null;
  readonly bytes_in: number | null;
  readonly outbound_share: number | null;
  readonly grade: Hit['volume'];
  readonly file_names: string[];
  readonly matched: string[];
  readonly approved_by: string | null;
  readonly severity: Hit['severity'];
  readonly reasons: string[];
  readonly category: string | null;
  readonly evidence: string[];
}

function toHit(row: HitRow): Hit {
  const addresses = row.addresses ?? [];
  return {
    id: row.id,
    host: {
      name: row.display === null || row.display === '' ? row.client_ip : row.display,
      ip: addresses.length > 0 ? addresses : [row.client_ip],
    },
    initiator: {
      executable: row.executable,
      originalFileName: row.original,
      pid: row.pid,
      entityId: row.entity,
      commandLine: row.command_line,
      user: row.user_name,
    },
    socketOwner:
      row.owner_executable === null && row.owner_pid === null
        ? null
        : { executable: row.owner_executable, pid: row.owner_pid },
    attribution: row.attribution,
    via: row.via,
    protocol: row.protocol,
    protocolFrom: row.protocol_from,
    destination: { ip: row.server_ip ?? '', port: row.server_port, name: row.domain ?? row.server_host },
    start: row.start,
    end: row.until,
    bytesOut: row.bytes_out,
    bytesIn: row.bytes_in,
    outboundShare: row.outbound_share,
    volume: row.grade,
    fileNames: row.file_names,
    matchedFileNames: row.matched,
    approvedBy: row.approved_by,
    severity: row.severity,
    reasons: row.reasons,
    incidentCategory: row.category,
    evidence: row.evidence,
  };
}

/** Whether the alert rule raises an alert for it: severity above informational. */
export function firing(hit: Hit): boolean {
  return hit.severity !== 'informational';
}

/** The hits, in order of time. Needs {@link createAnalytic}. */
export async function hits(store: Store): Promise<Hit[]> {
  const rows = await store.rows<HitRow>('select * from hits order by start nulls last, id');
  return rows.map(toHit);
}

/** What no process could be tied to, in order of time. Needs {@link createAnalytic}. */
export async function unattributed(store: Store): Promise<Unattributed[]> {
  const rows = await store.rows<{
    protocol: Unattributed['protocol'];
    client_ip: string;
    client_port: number | null;
    server_ip: string | null;
    server_port: number | null;
    direction: Unattributed['direction'];
    succeeded: boolean | null;
    bytes_out: number | null;
    bytes_in: number | null;
    outbound_share: number | null;
    file_names: string[];
    reason: string;
  }>('select * from unattributed order by start nulls last, file_names, bytes_out, bytes_in, session');
  return rows.map((row) => ({
    protocol: row.protocol,
    client: { ip: row.client_ip, port: row.client_port },
    server: { ip: row.server_ip, port: row.server_port },
    direction: row.direction,
    succeeded: row.succeeded,
    bytesOut: row.bytes_out,
    bytesIn: row.bytes_in,
    outboundShare: row.outbound_share,
    fileNames: row.file_names,
    reason: row.reason,
  }));
}

/** Counts of rows, and how sessions were tied together. Needs {@link createAnalytic}. */
export async function summary(store: Store): Promise<AnalyticSummary> {
  const [counts] = await store.rows<Omit<AnalyticSummary, 'joins'>>(`
    select (select count(*) from process) as processes, (select count(*) from connection) as connections,
      (select count(*) from transfer) as transfers, (select count(*) from flow) as flows,
      (select count(*) from hits) as hits, (select count(*) from sessions) as sessions`);
  const joins = await store.rows<{ method: string; count: number }>(
    'select joined_by as method, count(*) as count from sessions where joined_by is not null group by joined_by order by joined_by',
  );
  return {
    ...(counts ?? { processes: 0, connections: 0, transfers: 0, flows: 0, hits: 0, sessions: 0 }),
    joins: Object.fromEntries(joins.map(({ method, count }) => [method, count])),
  };
}
