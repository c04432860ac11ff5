import { defaultParameters } from '../../src/config/index.js';
import { executionId } from '../../src/core/index.js';
import type { JournalLine, Plan, PlannedExecution } from '../../src/runner/index.js';
import type { Receipt, Refusal } from '../../src/sinks/index.js';
import { model, Store, type Collection, type TableName } from '../../src/telemetry/index.js';
import {
  verifyRun,
  type ExecutionResult,
  type VerifyHit,
  type VerifyResult,
} from '../../src/verify/index.js';
import { addOrdinaryLife, endpointRows, ingested, networkRows, receiptOf } from './verify-rows.js';
import {
  allLegs,
  category,
  hostAddress,
  iso,
  runId,
  sha256,
  sinkAddress,
  size,
  type ModelRow,
  type Tables,
  type Variant,
} from './verify-variants.js';

export * from './verify-variants.js';

export interface World {
  plan: Plan;
  journal: JournalLine[];
  receipts: Receipt[];
  refusals: Refusal[];
  host: Tables;
  siem: Tables;
  collection: Collection;
  hits: VerifyHit[];
  /** Ids of the executions, in order. */
  ids: string[];
}

function planned(variant: Variant, id: string): PlannedExecution {
  return {
    id,
    scenario: variant.scenario,
    initiator: variant.initiator,
    protocol: variant.protocol,
    variant: 'test',
    profile: 'unbalanced',
    control: variant.control ?? false,
    direction: variant.direction ?? 'upload',
    host: {
      id: 'ws01',
      name: 'WS01',
      aliases: ['ws01.lab.example'],
      address: hostAddress,
      role: 'workstation',
      shell: 'cmd',
    },
    sink: {
      id: `sink-${variant.protocol}`,
      address: sinkAddress,
      port: variant.sockets[0]?.server ?? 0,
      zone: 'internet',
    },
    tracers: [{ fileName: `${id}.dat`, size, sha256, piece: null }],
    serverNames: false,
    detached: false,
    directory: `C:\\Dyetrace\\${id}`,
    files: [],
    steps: [
      {
        commandLine: `${variant.initiator} C:\\Dyetrace\\${id}\\${id}.dat`,
        stdin: null,
        timeoutMs: 60_000,
        successExitCodes: [0],
        marker: id,
      },
    ],
    expected: {
      outcome: variant.outcome ?? 'alerted',
      attribution: variant.grade,
      socketOwner: variant.owner,
      legs: variant.protocol === 'tftp' ? allLegs.filter((leg) => leg !== 'protocol_log') : allLegs,
      notObservable: [],
      sockets: variant.sockets.map(({ role, openedBy }) => ({
        role,
        openedBy,
        transport: variant.protocol === 'tftp' ? 'udp' : 'tcp',
      })),
    },
    cleanup: [],
    allowedBy: [],
    incidentCategory: variant.control === true ? null : category,
  };
}

function journalOf(id: string, at: number, commandLine: string, first: number): JournalLine[] {
  return [
    { state: 'execution-started', at: iso(at - 50), execution: id },
    {
      state: 'intent',
      id: first,
      at: iso(at),
      execution: id,
      effect: { kind: 'command', host: 'ws01', commandLine, marker: id },
    },
    {
      state: 'done',
      id: first,
      at: iso(at + 2000),
      command: {
        exitCode: 0,
        ended: 'exit',
        startedAt: iso(at),
        endedAt: iso(at + 2000),
        pid: null,
        stdout: '',
        stderr: '',
      },
    },
    { state: 'undone', id: first, at: iso(at + 2001) },
    { state: 'execution-ended', at: iso(at + 2100), execution: id, error: null },
  ] as JournalLine[];
}

/**
 * A world in which everything works: the executions run one after the other, every sensor sees them, everything is shipped a
 * second later, and the rule alerts. Tests break one thing in it.
 */
export function goodWorld(...chosen: Variant[]): World {
  const ids = chosen.map(({ scenario }) => executionId(runId, scenario, 'ws01'));
  const world: World = {
    ids,
    plan: {
      schema: 'dyetrace.plan/1',
      run: {
        id: runId,
        lab: 'test',
        contact: 'nobody',
        seed: 'seed',
        version: '0.0.0',
        simulated: true,
        plannedAt: iso(-10_000),
      },
      authorisation: { by: 'test', until: iso(86_400_000), reference: null },
      parameters: defaultParameters,
      limits: {
        maxTotalBytes: 1e9,
        maxFileBytes: 1e8,
        maxBytesPerSecond: null,
        totalBytes: size * chosen.length,
      },
      account: { user: 'u', password: 'p' },
      executions: chosen.map((variant, index) => planned(variant, ids[index] ?? '')),
      leftOut: [],
      approvedTransfers: [],
      incidentRules: [],
      sinkZones: [],
    } as unknown as Plan,
    journal: [],
    receipts: [],
    refusals: [],
    host: { process: [], connection: [], transfer: [], flow: [], alert: [], script: [], prevention: [] },
    siem: { process: [], connection: [], transfer: [], flow: [], alert: [], script: [], prevention: [] },
    collection: {
      schema: 'dyetrace.collection/1',
      window: { from: iso(-60_000), until: iso(600_000) },
      collectedAt: iso(600_000),
      siem: [
        {
          source: 'winlogbeat',
          legs: ['process_creation', 'network_connection'],
          records: 100,
          error: null,
          query: 'q',
        },
        { source: 'zeek-conn', legs: ['flow_volume'], records: 100, error: null, query: 'q' },
        { source: 'zeek-ftp', legs: ['protocol_log'], records: 100, error: null, query: 'q' },
        { source: 'gateway', legs: ['gateway_log'], records: 100, error: null, query: 'q' },
      ],
      host: ['sysmon', 'security', 'powershell', 'defender'].map((channel) => ({
        host: 'ws01',
        channel,
        records: 100,
        error: null,
        query: 'q',
      })),
      alerts: { records: 1, error: null, query: 'q' },
      rules: [
        {
          id: 'an1169',
          name: 'AN1169',
          enabled: true,
          excludesPrivateAddresses: false,
          largeTransferBytes: defaultParameters.largeTransferBytes,
          dataFlowDirectionThreshold: 0.9,
          lookBackMs: 86_400_000,
        },
      ],
    },
    hits: [],
  };
  chosen.forEach((variant, index) => {
    const id = ids[index] ?? '';
    const at = index * 10_000;
    const execution = world.plan.executions[index];
    world.journal.push(...journalOf(id, at, execution?.steps[0]?.commandLine ?? '', index + 1));
    const receipt = receiptOf(variant, id, at, index * 10);
    world.receipts.push(receipt);
    const endpoint = endpointRows(variant, id, at, receipt);
    const network = networkRows(variant, id, at, receipt);
    world.host.process?.push(...endpoint.process);
    world.host.connection?.push(...endpoint.connection);
    world.siem.process?.push(...ingested(endpoint.process, 1000));
    world.siem.connection?.push(...ingested(endpoint.connection, 1000));
    world.siem.transfer?.push(...ingested(network.transfer, 1000));
    world.siem.flow?.push(...ingested(network.flow, 1000));
    if (variant.control === true) return;
    const initiator = endpoint.process.find((row) => row['event.id'] === `ws01/sysmon/${id}-initiator`) ?? {};
    world.hits.push({
      id: `hit-${id}`,
      host: { name: 'WS01' },
      initiator: {
        executable: String(initiator['process.executable']),
        pid: Number(initiator['process.pid']),
        entityId: String(initiator['process.entity_id']),
        commandLine: String(initiator['process.command_line']),
      },
      attribution: variant.grade === 'none' ? 'inferred' : variant.grade,
      via: variant.grade === 'inferred' ? 'file_name' : 'entity_id',
      protocol: variant.protocol,
      destination: { ip: sinkAddress, port: receipt.sockets[0]?.destination.port ?? 0 },
      start: iso(at + 900),
      end: iso(at + 1600),
      bytesOut: size + 120,
      outboundShare: 0.99,
      fileNames: [receipt.fileName],
      approvedBy: null,
      severity: 'medium',
      evidence: [`ws01/sysmon/${id}-initiator`, `conn/${id}-0`],
    });
    world.siem.alert?.push({
      'event.id': `alert-${id}`,
      'event.module': 'siem',
      '@timestamp': iso(at + 4500),
      'rule.id': 'an1169',
      'rule.name': 'AN1169',
      'event.severity': 'medium',
      'host.name': 'WS01',
      'process.pid': Number(initiator['process.pid']),
      'process.entity_id': String(initiator['process.entity_id']),
      'process.command_line': String(initiator['process.command_line']),
      'destination.ip': sinkAddress,
      'destination.port': receipt.sockets[0]?.destination.port ?? 0,
      'file.name': receipt.fileName,
      'incident.category': category,
      'alert.evidence': [`ws01/sysmon/${id}-initiator`],
    });
  });
  addOrdinaryLife(world);
  return world;
}

/** A world as it is judged: collection.json may not be there. */
type Judged = Omit<World, 'collection'> & { readonly collection: Collection | null };

export async function storeOf(tables: Tables, threads = 1): Promise<Store> {
  const store = await Store.open({ memoryLimit: '256MB', threads });
  for (const [table, rows] of Object.entries(tables)) {
    if (rows.length === 0) continue;
    await store.run(
      `insert into ${table} by name select r.* from (select unnest(from_json($rows, $shape)) as r)`,
      { rows: JSON.stringify(rows), shape: JSON.stringify([model[table as TableName]]) },
    );
  }
  return store;
}

/** Verifies a world. The stores are made from its rows and closed again. */
export async function verifyWorld(world: Judged, threads = 1): Promise<VerifyResult> {
  const [siem, host] = [await storeOf(world.siem, threads), await storeOf(world.host, threads)];
  try {
    return await verifyRun({ ...world, siem, host });
  } finally {
    siem.close();
    host.close();
  }
}

/** The first execution of a world, verified. */
export async function verifyFirst(world: Judged): Promise<ExecutionResult> {
  const [first] = (await verifyWorld(world)).executions;
  if (first === undefined) throw new Error('the world has no execution');
  return first;
}

/** Removes rows from a table. */
export function drop(tables: Tables, table: TableName, which: (row: ModelRow) => boolean): void {
  tables[table] = (tables[table] ?? []).filter((row) => !which(row));
}

/** Changes rows of a table. */
export function change(
  tables: Tables,
  table: TableName,
  which: (row: ModelRow) => boolean,
  to: (row: ModelRow) => ModelRow,
): void {
  tables[table] = (tables[table] ?? []).map((row) => (which(row) ? { ...row, ...to(row) } : row));
}

/** What the alert rule and the analytic would no longer find: no hit, no alert. */
export function silence(world: World): void {
  world.hits = [];
  world.siem.alert = [];
}

/** Link, leg and cause of every gap, for comparing. */
export const gapsOf = (execution: ExecutionResult) =>
  execution.gaps.map(({ link, leg, cause }) => [link, leg, cause].filter((part) => part !== null).join(' '));

export const firstBroken = (execution: ExecutionResult) =>
  execution.chain.find(({ state }) => state === 'broken')?.link ?? null;
