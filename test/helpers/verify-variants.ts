import type { Leg } from '../../src/config/index.js';
import type { PlannedExecution } from '../../src/runner/index.js';
import type { SocketRecord } from '../../src/sinks/index.js';
import type { TableName } from '../../src/telemetry/index.js';

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
export const size = 300_000;
export const sha256 = 'a'.repeat(64);
export const category = 'data exfiltration to the internet';
export const allLegs: Leg[] = [
  'process_creation',
  'network_connection',
  'protocol_log',
  'flow_volume',
  'gateway_log',
];
