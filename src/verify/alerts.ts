import { isExecutionId } from '../core/index.js';
import type { Store } from '../telemetry/index.js';
import { columns, named } from './columns.js';
import type { Evidence } from './context.js';
import type { AlertResult, VerifyHit } from './types.js';

export interface AlertRow {
  readonly id: string;
  readonly at: number | null;
  readonly ingested: number | null;
  readonly ruleId: string | null;
  readonly ruleName: string | null;
  readonly severity: string | null;
  readonly host: string | null;
  readonly hostName: string | null;
  readonly entityId: string | null;
  readonly pid: number | null;
  readonly executable: string | null;
  readonly commandLine: string | null;
  readonly sourceIp: string | null;
  readonly sourcePort: number | null;
  readonly destinationIp: string | null;
  readonly destinationPort: number | null;
  readonly fileName: string | null;
  readonly category: string | null;
  readonly evidence: readonly string[] | null;
}

/** Every alert of the store, the oldest first; one that was delivered twice stands once. Needs the working tables. */
export async function readAlerts(store: Store): Promise<AlertRow[]> {
  const rows = await store.rows<AlertRow>(
    `select ${columns.alert} from alert t ${named} order by "at", "id"`,
  );
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

export function alertResult(row: AlertRow): AlertResult {
  return {
    id: row.id,
    rule: row.ruleName ?? row.ruleId ?? 'unnamed rule',
    at: row.at === null ? null : new Date(row.at).toISOString(),
    severity: row.severity,
    category: row.category,
  };
}

function names(texts: readonly (string | null)[], marker: string): boolean {
  return texts.some((text) => text !== null && words(text).includes(marker));
}

function words(text: string): string[] {
  return text.toLowerCase().split(/[^0-9a-z]+/);
}

/** The parts of an alert or a hit by which it can be tied to an execution. */
interface Finding {
  readonly texts: readonly (string | null)[];
  readonly records: readonly string[];
  readonly host: string | null;
  readonly entityId: string | null;
  readonly pid: number | null;
  readonly source: { readonly ip: string | null; readonly port: number | null };
  readonly destination: { readonly ip: string | null; readonly port: number | null };
  readonly from: number | null;
  readonly until: number | null;
}

const unknownHost = '';

/** An execution that alerts and hits may be about. */
export interface Candidate {
  readonly evidence: Evidence;
  /** Ids of the records that it alone has. */
  readonly own: ReadonlySet<string>;
}

export function candidates(executions: readonly Evidence[]): Candidate[] {
  return executions.map((evidence) => ({ evidence, own: ownRecords(evidence) }));
}

/** Records that this execution alone has: a shared SMB connection or flow belongs to several. */
function ownRecords(evidence: Evidence): Set<string> {
  const { siem, facts } = evidence;
  const sure = [
    ...siem.processes,
    ...siem.scripts,
    ...siem.connections,
    ...siem.transfers,
    ...siem.flows,
  ].filter((row) => {
    const socket = 'socket' in row && row.socket !== null ? facts.sockets[row.socket] : undefined;
    return !['time', 'pid', 'partial 5-tuple'].includes(row.via) && socket?.shared !== true;
  });
  return new Set(sure.map((row) => row.id));
}

/**
 * How surely a finding is about an execution: 3 by a name, an entity id or a record that only this execution has, 2 by host and
 * pid or by the 5-tuple, 1 by host, destination and time, 0 not at all.
 */
function strength(finding: Finding, { evidence, own }: Candidate): number {
  const { facts, siem } = evidence;
  const { planned } = facts;
  const otherHost = finding.host !== null && finding.host !== planned.host.id;
  if (names(finding.texts, planned.id)) return 3;
  // It names another execution, perhaps of another run.
  if (finding.texts.some((text) => text !== null && words(text).some(isExecutionId))) return 0;
  if (finding.records.some((record) => own.has(record))) return 3;
  const processes = siem.processes.filter((row) => row.via !== 'time');
  if (finding.entityId !== null && processes.some((row) => row.entityId === finding.entityId)) return 3;
  const inTime =
    (finding.from === null || finding.from <= facts.until + 3_600_000) &&
    (finding.until === null || finding.until >= facts.from);
  if (!inTime || otherHost) return 0;
  if (finding.pid !== null && finding.pid !== 4 && processes.some((row) => row.pid === finding.pid)) return 2;
  const ends = [finding.source, finding.destination];
  const has = (end: { ip: string; port: number }) =>
    ends.some(({ ip, port }) => ip === end.ip && port === end.port);
  if (facts.sockets.some((socket) => has(socket.client) && has(socket.server))) return 2;
  const near = finding.from === null || finding.from <= facts.until + 60_000;
  const sameDestination =
    finding.destination.ip === planned.sink.address &&
    (finding.destination.port === null ||
      facts.sockets.some((socket) => socket.server.port === finding.destination.port));
  return near && sameDestination && finding.host === planned.host.id ? 1 : 0;
}

/** The executions that a finding is about: those with the surest tie; by time alone the latest that had begun. */
function about(finding: Finding, executions: readonly Candidate[]): string[] {
  const ranked = executions.map((candidate) => ({
    evidence: candidate.evidence,
    strength: strength(finding, candidate),
  }));
  const best = Math.max(0, ...ranked.map((each) => each.strength));
  if (best === 0) return [];
  const surest = ranked.filter((each) => each.strength === best).map((each) => each.evidence.facts);
  if (best === 3) return surest.map((facts) => facts.planned.id);
  const begun = surest.filter((facts) => finding.until === null || facts.from <= finding.until);
  const latest = [...begun].sort((a, b) => b.from - a.from)[0];
  return latest === undefined ? [] : [latest.planned.id];
}

export function executionsOfAlert(row: AlertRow, executions: readonly Candidate[]): string[] {
  return about(
    {
      texts: [row.commandLine, row.fileName],
      records: row.evidence ?? [],
      // A name that the lab does not know is another host.
      host: row.host ?? (row.hostName === null ? null : unknownHost),
      entityId: row.entityId,
      pid: row.pid,
      source: { ip: row.sourceIp, port: row.sourcePort },
      destination: { ip: row.destinationIp, port: row.destinationPort },
      from: row.at,
      until: row.at,
    },
    executions,
  );
}

/** @param host the plan's host id of the hit's host name */
export function executionsOfHit(
  hit: VerifyHit,
  host: string | null,
  executions: readonly Candidate[],
): string[] {
  const time = (text: string | null) => (text === null ? null : Date.parse(text));
  return about(
    {
      texts: [hit.initiator.commandLine, ...hit.fileNames],
      records: hit.evidence,
      host,
      entityId: hit.initiator.entityId,
      pid: hit.initiator.pid,
      source: { ip: null, port: null },
      destination: hit.destination,
      from: time(hit.start),
      until: time(hit.end),
    },
    executions,
  );
}

/** The analytic would alert on it: not approved, and of some severity (decision 19). */
export const isFiring = (hit: VerifyHit): boolean =>
  hit.approvedBy === null && hit.severity !== 'informational';
