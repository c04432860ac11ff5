import { defaultParameters, type Leg } from '../../src/config/index.js';
import { executionId } from '../../src/core/index.js';
import type { JournalLine, Plan, PlannedExecution } from '../../src/runner/index.js';
import type { Receipt, Refusal, SocketRecord } from '../../src/sinks/index.js';
import { model, Store, type Collection, type TableName } from '../../src/telemetry/index.js';
import {
  verifyRun,
  type ExecutionResult,
  type VerifyHit,
  type VerifyResult,
} from '../../src/verify/index.js';

/** A row of the model by its ECS column names; absent columns are NULL. */
export type ModelRow = Record<string, string | number | boolean | string[] | null>;
export type Tables = Partial<Record<TableName, ModelRow[]>>;

export const runId = '20261124-120000-test';
/** The first command of every world starts here. */
export const start = Date.parse('2026-11-24T12:00:00.000Z');
export const iso = (offset: number) => new Date(start + offset).toISOString();

export interface Variant {
  readonly scenario: string;
  readonly initiator: 'powershell' | 'cmd' | 'rundll32' | 'other';
  readonly protocol: 'ftp' | 'smb' | 'tftp';
  readonly owner: string;
  readonly grade: 'direct' | 'lineage' | 'inferred' | 'none';
  readonly sockets: readonly {
    role: SocketRecord['role'];
    openedBy: 'client' | 'sink';
    client: number;
    server: number;
  }[];
  readonly control?: boolean;
  readonly direction?: 'upload' | 'download';
  readonly outcome?: PlannedExecution['expected']['outcome'];
}

/** One variant per protocol and way, as the field guide describes them. */
export const variants = {
  ftpPassive: {
    scenario: 'powershell-ftp-webclient',
    initiator: 'powershell',
    protocol: 'ftp',
    owner: 'powershell.exe',
    grade: 'direct',
    sockets: [
      { role: 'control', openedBy: 'client', client: 50001, server: 21 },
      { role: 'data', openedBy: 'client', client: 50002, server: 40001 },
    ],
  },
  ftpActive: {
    scenario: 'cmd-ftp-client',
    initiator: 'cmd',
    protocol: 'ftp',
    owner: 'ftp.exe',
    grade: 'lineage',
    sockets: [
      { role: 'control', openedBy: 'client', client: 50001, server: 21 },
      { role: 'data', openedBy: 'sink', client: 50002, server: 20 },
    ],
  },
  smb: {
    scenario: 'cmd-smb-copy',
    initiator: 'cmd',
    protocol: 'smb',
    owner: 'System',
    grade: 'inferred',
    sockets: [{ role: 'data', openedBy: 'client', client: 50001, server: 445 }],
  },
  tftp: {
    scenario: 'cmd-tftp-client',
    initiator: 'cmd',
    protocol: 'tftp',
    owner: 'tftp.exe',
    grade: 'lineage',
    sockets: [
      { role: 'request', openedBy: 'client', client: 50001, server: 69 },
      { role: 'transfer', openedBy: 'sink', client: 50001, server: 40002 },
    ],
  },
  control: {
    scenario: 'control-powershell-ftp-download',
    initiator: 'powershell',
    protocol: 'ftp',
    owner: 'powershell.exe',
    grade: 'direct',
    control: true,
    direction: 'download',
    outcome: 'not_alerted',
    sockets: [
      { role: 'control', openedBy: 'client', client: 50001, server: 21 },
      { role: 'data', openedBy: 'client', client: 50002, server: 40001 },
    ],
  },
} as const satisfies Record<string, Variant>;

export const hostAddress = '10.0.0.5';
export const sinkAddress = '10.0.9.9';
const size = 300_000;
const sha256 = 'a'.repeat(64);
const category = 'data exfiltration to the internet';
const allLegs: Leg[] = [
  'process_creation',
  'network_connection',
  'protocol_log',
  'flow_volume',
  'gateway_log',
];

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
    tracer: { fileName: `${id}.dat`, size, sha256 },
    directory: `C:\\Dyetrace\\${id}`,
    files: [],
    steps: [
      { commandLine: `${variant.initiator} C:\\Dyetrace\\${id}\\${id}.dat`, stdin: null, timeoutMs: 60_000 },
    ],
    expected: {
      outcome: variant.outcome ?? 'alerted',
      attribution: variant.grade,
      socketOwner: variant.owner,
      legs: variant.protocol === 'tftp' ? allLegs.filter((leg) => leg !== 'protocol_log') : allLegs,
      sockets: variant.sockets.map(({ role, openedBy }) => ({
        role,
        openedBy,
        transport: variant.protocol === 'tftp' ? 'udp' : 'tcp',
      })),
    },
    cleanup: [],
    allowedBy: [],
    incidentCategory: variant.control === true ? null : category,
  } as PlannedExecution;
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

function receiptOf(variant: Variant, id: string, at: number, shift: number): Receipt {
  const upload = variant.direction !== 'download';
  return {
    id: `receipt-${id}`,
    protocol: variant.protocol,
    sink: `sink-${variant.protocol}`,
    executionId: id,
    direction: upload ? 'upload' : 'download',
    command: upload ? 'STOR' : 'RETR',
    sockets: variant.sockets.map(({ role, openedBy, client, server }) => {
      const clientEnd = { ip: hostAddress, port: client + shift };
      const serverEnd = { ip: sinkAddress, port: server };
      const content = role === 'data' || role === 'transfer';
      return {
        role,
        transport: variant.protocol === 'tftp' ? ('udp' as const) : ('tcp' as const),
        source: openedBy === 'client' ? clientEnd : serverEnd,
        destination: openedBy === 'client' ? serverEnd : clientEnd,
        openedBy,
        bytesFromClient: content && upload ? size : 120,
        bytesToClient: content && !upload ? size : 80,
      };
    }),
    fileName: `${id}.dat`,
    size,
    sha256,
    complete: true,
    error: null,
    firstByteAt: iso(at + 1000),
    lastByteAt: iso(at + 1500),
  };
}

/** Rows of the endpoint: Sysmon 1 and 3, Security 4688 and 5156, as a host with both would write them. */
function endpointRows(
  variant: Variant,
  id: string,
  at: number,
  receipt: Receipt,
): Required<Pick<Tables, 'process' | 'connection'>> {
  const images: Record<string, string> = {
    powershell: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
    cmd: 'C:\\Windows\\System32\\cmd.exe',
    rundll32: 'C:\\Windows\\System32\\rundll32.exe',
    other: `C:\\Windows\\System32\\${variant.owner}`,
  };
  const image = images[variant.initiator] ?? '';
  const base = 1000 + at;
  const processes = [
    {
      key: 'shell',
      executable: images['cmd'] ?? '',
      pid: base + 1,
      parent: { executable: 'C:\\Windows\\System32\\OpenSSH\\sshd.exe', pid: 900, key: 'sshd' },
    },
    {
      key: 'initiator',
      executable: image,
      pid: base + 2,
      parent: { executable: images['cmd'] ?? '', pid: base + 1, key: 'shell' },
    },
    ...(variant.owner === 'System' || image.endsWith(`\\${variant.owner}`)
      ? []
      : [
          {
            key: 'owner',
            executable: `C:\\Windows\\System32\\${variant.owner}`,
            pid: base + 3,
            parent: { executable: image, pid: base + 2, key: 'initiator' },
          },
        ]),
  ];
  const owner =
    variant.owner === 'System'
      ? { executable: 'System', pid: 4, key: 'system' }
      : (processes.at(-1) ?? { executable: '', pid: 0, key: '' });
  const host = { 'host.name': 'WS01' };
  return {
    process: processes.flatMap(({ key, executable, pid, parent }, index) => {
      const common = {
        ...host,
        '@timestamp': iso(at + 100 + index * 100),
        'event.action': 'start',
        'process.pid': pid,
        'process.executable': executable,
        'process.name': executable.split('\\').at(-1) ?? '',
        'process.command_line': `${executable} C:\\Dyetrace\\${id}\\${id.toUpperCase()}.DAT`,
        'process.parent.pid': parent.pid,
        'process.parent.executable': parent.executable,
      };
      return [
        {
          ...common,
          'event.id': `ws01/sysmon/${id}-${key}`,
          'event.module': 'sysmon',
          'event.code': '1',
          'process.entity_id': `${id}-${key}`,
          'process.parent.entity_id': `${id}-${parent.key}`,
        },
        {
          ...common,
          'event.id': `ws01/security/${id}-${key}`,
          'event.module': 'security',
          'event.code': '4688',
        },
      ];
    }),
    connection: receipt.sockets.flatMap((socket, index) => {
      const common = {
        ...host,
        '@timestamp': iso(at + 900 + index),
        'process.pid': owner.pid,
        'process.executable': owner.executable,
        'source.ip': socket.source.ip,
        'source.port': socket.source.port,
        'destination.ip': socket.destination.ip,
        'destination.port': socket.destination.port,
        'network.transport': socket.transport,
        'network.direction': socket.openedBy === 'client' ? 'egress' : 'ingress',
      };
      return [
        {
          ...common,
          'event.id': `ws01/sysmon/${id}-socket${index}`,
          'event.module': 'sysmon',
          'event.code': '3',
          'process.entity_id': owner.key === 'system' ? 'system' : `${id}-${owner.key}`,
        },
        {
          ...common,
          'event.id': `ws01/security/${id}-socket${index}`,
          'event.module': 'security',
          'event.code': '5156',
        },
      ];
    }),
  };
}

/** Rows of Zeek and of the server's own log. They exist in the SIEM alone. */
function networkRows(
  variant: Variant,
  id: string,
  at: number,
  receipt: Receipt,
): Required<Pick<Tables, 'transfer' | 'flow'>> {
  const [first] = receipt.sockets;
  const tuple = {
    'source.ip': hostAddress,
    'source.port': first?.source.port ?? 0,
    'destination.ip': sinkAddress,
    'destination.port': first?.destination.port ?? 0,
    'network.transport': first?.transport ?? 'tcp',
  };
  const transfer = {
    ...tuple,
    '@timestamp': iso(at + 1400),
    'network.protocol': variant.protocol,
    'event.action': receipt.direction === 'upload' ? (variant.protocol === 'smb' ? 'open' : 'write') : 'read',
    'event.outcome': 'success',
    'file.name': receipt.fileName,
  };
  return {
    transfer: [
      ...(variant.protocol === 'tftp'
        ? []
        : [
            {
              ...transfer,
              'event.id': `zeek/${id}`,
              'event.module': 'zeek',
              'event.code': variant.protocol,
              'observer.type': 'sensor',
              'flow.uid': `C${id}0`,
            },
          ]),
      {
        ...transfer,
        'event.id': `gateway/${id}`,
        'event.module': 'gateway',
        'observer.type': 'server',
        'observer.name': receipt.sink,
      },
    ],
    flow: receipt.sockets.map((socket, index) => {
      const clientFirst = socket.openedBy === 'client';
      return {
        'event.id': `conn/${id}-${index}`,
        'event.module': 'zeek',
        'event.code': 'conn',
        'event.start': iso(at + 900 + index),
        'event.end': iso(at + 1600),
        'observer.name': 'zeek',
        'source.ip': socket.source.ip,
        'source.port': socket.source.port,
        'destination.ip': socket.destination.ip,
        'destination.port': socket.destination.port,
        'network.transport': socket.transport,
        'network.protocol': index === 0 ? variant.protocol : null,
        'source.bytes': clientFirst ? socket.bytesFromClient : socket.bytesToClient,
        'destination.bytes': clientFirst ? socket.bytesToClient : socket.bytesFromClient,
        'source.packets': 100,
        'destination.packets': 100,
        'flow.counter': 'payload',
        'flow.uid': `C${id}${index}`,
      };
    }),
  };
}

const ingested = (rows: ModelRow[] | undefined, delay: number): ModelRow[] =>
  (rows ?? []).map((row) => {
    const at = row['@timestamp'] ?? row['event.end'];
    return {
      ...row,
      'event.ingested': typeof at === 'string' ? new Date(Date.parse(at) + delay).toISOString() : null,
    };
  });

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
      sinkZones: {},
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

/** Other traffic and processes, before and after the run: what shows that sensors and forwarders live. */
function addOrdinaryLife(world: World): void {
  const process = (name: string, at: number): ModelRow => ({
    'event.id': `ws01/${name}/life${at}`,
    'event.module': name,
    'event.code': name === 'sysmon' ? '1' : '4688',
    '@timestamp': iso(at),
    'host.name': 'WS01',
    'event.action': 'start',
    'process.pid': 70,
    'process.entity_id': name === 'sysmon' ? `life${at}` : null,
    'process.executable': 'C:\\Windows\\System32\\svchost.exe',
    'process.command_line': 'svchost.exe -k netsvcs',
  });
  for (const at of [-30_000, 300_000])
    for (const name of ['sysmon', 'security']) {
      world.host.process?.push(process(name, at));
      world.siem.process?.push(...ingested([process(name, at)], 1000));
    }
  const other = {
    'source.ip': '10.0.0.77',
    'source.port': 51_000,
    'destination.ip': '10.0.0.88',
    'network.transport': 'tcp',
  };
  for (const [protocol, port] of [
    ['ftp', 21],
    ['smb', 445],
    ['tftp', 69],
  ] as const) {
    const row = {
      ...other,
      'destination.port': port,
      '@timestamp': iso(-20_000),
      'network.protocol': protocol,
    };
    world.siem.transfer?.push(
      {
        ...row,
        'event.id': `zeek/life-${protocol}`,
        'event.module': 'zeek',
        'observer.type': 'sensor',
        'file.name': 'report.doc',
      },
      {
        ...row,
        'event.id': `gateway/life-${protocol}`,
        'event.module': 'gateway',
        'observer.type': 'server',
        'file.name': 'report.doc',
      },
    );
    world.siem.flow?.push({
      ...other,
      'event.id': `conn/life-${protocol}`,
      'event.module': 'zeek',
      'event.start': iso(-21_000),
      'event.end': iso(-20_000),
      'destination.port': port,
      'source.bytes': 500,
      'destination.bytes': 900,
      'flow.counter': 'payload',
    });
  }
}

export async function storeOf(tables: Tables): Promise<Store> {
  const store = await Store.open({ memoryLimit: '256MB', threads: 1 });
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
export async function verifyWorld(world: World): Promise<VerifyResult> {
  const [siem, host] = [await storeOf(world.siem), await storeOf(world.host)];
  try {
    return await verifyRun({ ...world, siem, host });
  } finally {
    siem.close();
    host.close();
  }
}

/** The first execution of a world, verified. */
export async function verifyFirst(world: World): Promise<ExecutionResult> {
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
