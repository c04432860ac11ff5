import { createAnalytic, hits, unattributed, type AnalyticContext } from '../../../src/analytic/index.js';
import { defaultParameters, type Parameters } from '../../../src/config/index.js';
import { Store, type TableName } from '../../../src/telemetry/index.js';

export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;
export type Rows = Partial<Record<TableName, readonly Row[]>>;

const quoted = (value: Value) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);

/** A store that holds the given rows; event ids are made up where a row has none. */
export async function storeWith(rows: Rows): Promise<Store> {
  const store = await Store.open({ threads: 2 });
  let count = 0;
  for (const [table, list] of Object.entries(rows) as [TableName, readonly Row[]][]) {
    for (const row of list) {
      const full: Row = { 'event.id': `${table}-${String(++count)}`, 'event.module': 'test', ...row };
      const columns = Object.entries(full).map(([name, value]) => `${quoted(value)} as "${name}"`);
      await store.run(`insert into ${table} by name select ${columns.join(', ')}`);
    }
  }
  return store;
}

export function context(
  parameters: Partial<Parameters> = {},
  rest: Partial<Omit<AnalyticContext, 'parameters'>> = {},
): AnalyticContext {
  return {
    parameters: { ...defaultParameters, ...parameters },
    hosts: [],
    approvedTransfers: [],
    incidentRules: [],
    sinkZones: [],
    ...rest,
  };
}

/** The analytic's answer over the given rows. */
export async function judge(rows: Rows, given: AnalyticContext = context()) {
  const store = await storeWith(rows);
  try {
    await createAnalytic(store, given);
    return { hits: await hits(store), unattributed: await unattributed(store) };
  } finally {
    store.close();
  }
}

/** `10:00:00` plus seconds, on one day. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 5, 10, 0, 0) + seconds * 1000).toISOString().replace('Z', '');
}

export const system32 = 'C:\\Windows\\System32\\';
export const powershell = `${system32}WindowsPowerShell\\v1.0\\powershell.exe`;

export const started = (
  seconds: number,
  pid: number,
  executable: string,
  commandLine: string,
  parent: { pid: number; executable: string },
  rest: Row = {},
): Row => ({
  '@timestamp': at(seconds),
  'host.name': 'ws1',
  'event.action': 'start',
  'process.pid': pid,
  'process.executable': executable,
  'process.command_line': commandLine,
  'process.parent.pid': parent.pid,
  'process.parent.executable': parent.executable,
  ...rest,
});

export const explorer = { pid: 100, executable: 'C:\\Windows\\explorer.exe' };

/** Sysmon 3 or 5156 of ws1 (10.0.0.1) to 10.0.0.9. */
export const connected = (
  seconds: number,
  pid: number,
  executable: string,
  ports: readonly [number, number],
  rest: Row = {},
): Row => ({
  '@timestamp': at(seconds),
  'host.name': 'ws1',
  'process.pid': pid,
  'process.executable': executable,
  'source.ip': '10.0.0.1',
  'source.port': ports[0],
  'destination.ip': '10.0.0.9',
  'destination.port': ports[1],
  'network.transport': 'tcp',
  'network.direction': 'egress',
  ...rest,
});

/** A sensor's flow from 10.0.0.1 to 10.0.0.9 in payload bytes. */
export const flowed = (
  seconds: readonly [number, number],
  ports: readonly [number, number],
  bytes: readonly [number, number],
  rest: Row = {},
): Row => ({
  'event.start': at(seconds[0]),
  'event.end': at(seconds[1]),
  'source.ip': '10.0.0.1',
  'source.port': ports[0],
  'destination.ip': '10.0.0.9',
  'destination.port': ports[1],
  'network.transport': 'tcp',
  'source.bytes': bytes[0],
  'destination.bytes': bytes[1],
  'flow.counter': 'payload',
  ...rest,
});

/** A sensor's protocol log between the same two. */
export const logged = (
  seconds: number,
  protocol: 'ftp' | 'smb' | 'tftp',
  ports: readonly [number, number],
  rest: Row,
): Row => ({
  '@timestamp': at(seconds),
  'observer.type': 'sensor',
  'network.protocol': protocol,
  'network.transport': protocol === 'tftp' ? 'udp' : 'tcp',
  'source.ip': '10.0.0.1',
  'source.port': ports[0],
  'destination.ip': '10.0.0.9',
  'destination.port': ports[1],
  ...rest,
});
