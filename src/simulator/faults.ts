import { registry } from '../core/index.js';
import type { Fault, FaultHooks, ShippedRecord, WindowsEvent } from './types.js';

type Fields = Readonly<Record<string, unknown>>;

const isSysmon = (event: WindowsEvent, ...ids: readonly number[]) =>
  event.provider === 'Microsoft-Windows-Sysmon' && ids.includes(event.eventId);
const isSecurity = (event: WindowsEvent, ...ids: readonly number[]) =>
  event.provider === 'Microsoft-Windows-Security-Auditing' && ids.includes(event.eventId);
const isNetwork = (event: WindowsEvent) => isSysmon(event, 3) || isSecurity(event, 5156);

/** The object at a key of a record; empty where there is none. */
function fields(record: Fields, key: string): Fields {
  const value = record[key];
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

const code = ({ source, record }: ShippedRecord): string | undefined => {
  if (source !== 'winlogbeat') return undefined;
  const { code: value } = fields(record, 'event');
  return typeof value === 'string' ? value : undefined;
};

const without = (record: Fields, ...keys: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));

const dropEvents = (lost: (event: WindowsEvent) => boolean): FaultHooks => ({
  windowsEvent: (event) => (lost(event) ? null : event),
});
const dropNetworkRecords = (lost: (source: string, record: Fields) => boolean): FaultHooks => ({
  networkRecord: (source, record) => (lost(source, record) ? null : record),
});
const dropShipped = (lost: (record: ShippedRecord) => boolean): FaultHooks => ({
  forward: (record) => (lost(record) ? null : { record }),
});

/** Port 445, or the redirector's own sockets where the lab's SMB listens elsewhere. */
const isSmb = ({ data }: WindowsEvent) =>
  data['DestinationPort'] === '445' ||
  data['DestPort'] === '445' ||
  data['Image'] === 'System' ||
  data['Application'] === 'System';

function changeWinlog(shipped: ShippedRecord, data: Fields): ShippedRecord {
  const winlog = { ...fields(shipped.record, 'winlog'), event_data: data };
  return { ...shipped, record: { ...shipped.record, winlog } };
}

function renamePort(shipped: ShippedRecord): ShippedRecord {
  if (shipped.source !== 'winlogbeat') return shipped;
  const destination = fields(shipped.record, 'destination');
  const data = fields(fields(shipped.record, 'winlog'), 'event_data');
  if ('port' in destination) {
    const rest = { ...without(destination, 'port'), dest_port: destination['port'] };
    return { ...shipped, record: { ...shipped.record, destination: rest } };
  }
  if (!('DestPort' in data)) return shipped;
  return changeWinlog(shipped, { ...without(data, 'DestPort'), dest_port: data['DestPort'] });
}

const hoursMs = 3_600_000;

function shiftTime(shipped: ShippedRecord, milliseconds: number): ShippedRecord {
  const time = shipped.record['@timestamp'];
  if (shipped.source !== 'winlogbeat' || typeof time !== 'string') return shipped;
  const shifted = new Date(Date.parse(time) + milliseconds).toISOString();
  return { ...shipped, record: { ...shipped.record, '@timestamp': shifted } };
}

// A process id that no process has: Windows' are multiples of four.
const strangePid = 999_999;

function breakProcessKeys(shipped: ShippedRecord): ShippedRecord {
  const event = code(shipped);
  if (event === '3') {
    const process = {
      ...fields(shipped.record, 'process'),
      entity_id: '{ffffffff-ffff-ffff-ffff-ffffffffffff}',
      pid: strangePid,
    };
    return { ...shipped, record: { ...shipped.record, process } };
  }
  if (event !== '5156') return shipped;
  const data = fields(fields(shipped.record, 'winlog'), 'event_data');
  return changeWinlog(shipped, { ...data, ProcessID: String(strangePid) });
}

const sampled = ['orig_bytes', 'resp_bytes', 'orig_pkts', 'resp_pkts', 'orig_ip_bytes', 'resp_ip_bytes'];

/** One packet in ten is counted, and nothing scales the counters up again. */
function sample(record: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(record).map(([key, value]) => [
    key,
    sampled.includes(key) && typeof value === 'number' ? Math.floor(value / 10) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

const blank = (event: WindowsEvent, ...names: readonly string[]): WindowsEvent => ({
  ...event,
  data: { ...event.data, ...Object.fromEntries(names.map((name) => [name, ''])) },
});

/** What can go wrong in the simulated lab, by name. Each changes one thing, at the place where it goes wrong in real labs. */
export const faults = registry('fault', {
  'network-events-off': {
    description: 'Sysmon logs no network connections, and Filtering Platform Connection is not audited',
    at: 'sensor',
    hooks: dropEvents(isNetwork),
  },
  'sysmon-network-off': {
    description: "Sysmon's configuration has no NetworkConnect; Security 5156 remains",
    at: 'sensor',
    hooks: dropEvents((event) => isSysmon(event, 3)),
  },
  'sysmon-smb-excluded': {
    description:
      'SMB connections (port 445, System) are left out as noise, in Sysmon and in the audit policy',
    at: 'sensor',
    hooks: dropEvents((event) => isNetwork(event) && isSmb(event)),
  },
  'process-creation-off': {
    description: 'neither Sysmon 1 nor Security 4688 is written',
    at: 'sensor',
    hooks: dropEvents((event) => isSysmon(event, 1) || isSecurity(event, 4688)),
  },
  'command-line-off': {
    description: 'process events carry no command line',
    at: 'sensor',
    hooks: {
      windowsEvent: (event) => {
        if (isSysmon(event, 1)) return blank(event, 'CommandLine', 'ParentCommandLine');
        return isSecurity(event, 4688) ? blank(event, 'CommandLine') : event;
      },
    },
  },
  'zeek-ftp-log-off': {
    description: "Zeek's FTP analyzer is disabled: no ftp.log, and no FTP_DATA in files.log",
    at: 'network sensor',
    hooks: dropNetworkRecords(
      (source, record) =>
        source === 'zeek-ftp' || (source === 'zeek-files' && record['source'] === 'FTP_DATA'),
    ),
  },
  'zeek-conn-off': {
    description: 'Zeek writes no conn.log',
    at: 'network sensor',
    hooks: dropNetworkRecords((source) => source === 'zeek-conn'),
  },
  'flow-sampled': {
    description: 'the network sensor counts one packet in ten',
    at: 'network sensor',
    hooks: { networkRecord: (source, record) => (source === 'zeek-conn' ? sample(record) : record) },
  },
  'gateway-log-off': {
    description: "the receivers' own logs are not forwarded",
    at: 'forwarder',
    hooks: dropShipped(({ source }) => source === 'gateway'),
  },
  'forwarder-drops-network': {
    description: 'the forwarder loses Sysmon 3 and Security 5156; the host has them',
    at: 'forwarder',
    hooks: dropShipped((record) => ['3', '5156'].includes(code(record) ?? '')),
  },
  'forwarder-drops-host': {
    description: "the forwarder loses every record of the hosts' event logs",
    at: 'forwarder',
    hooks: dropShipped(({ source }) => source === 'winlogbeat'),
  },
  'forwarder-late': {
    description: "the hosts' event logs arrive ten minutes late",
    at: 'forwarder',
    hooks: {
      forward: (record) => (record.source === 'winlogbeat' ? { record, delayMs: 600_000 } : { record }),
    },
  },
  'ingest-renames-port': {
    description: 'the SIEM stores the destination port of host events as dest_port',
    at: 'ingest',
    hooks: { ingest: renamePort },
  },
  'ingest-wrong-time-zone': {
    description: 'the SIEM takes the local time of host events (UTC+2) for UTC',
    at: 'ingest',
    hooks: { ingest: (record) => shiftTime(record, 2 * hoursMs) },
  },
  'guid-mismatch': {
    description: 'process ids and GUIDs of network events match no process event',
    at: 'ingest',
    hooks: { ingest: breakProcessKeys },
  },
  'rule-disabled': {
    description: 'the alert rule is switched off',
    at: 'rule',
    hooks: { rule: (settings) => ({ ...settings, enabled: false }) },
  },
  'rule-excludes-private': {
    description: 'the alert rule leaves out private and loopback destinations',
    at: 'rule',
    hooks: { rule: (settings) => ({ ...settings, excludesPrivateAddresses: true }) },
  },
  'rule-threshold-too-high': {
    description: 'the alert rule wants 10 GiB, or a share of 1',
    at: 'rule',
    hooks: {
      rule: (settings) => ({
        ...settings,
        largeTransferBytes: 10 * 2 ** 30,
        dataFlowDirectionThreshold: 1,
      }),
    },
  },
  'rule-wrong-category': {
    description: 'the alert rule puts its alerts into a category that nobody watches',
    at: 'rule',
    hooks: { rule: (settings) => ({ ...settings, category: 'uncategorised' }) },
  },
} satisfies Record<string, Fault>);

/** The hooks of these faults, in this order. @throws InputError that lists the known names. */
export function combineFaults(names: readonly string[]): FaultHooks[] {
  return names.map((name) => faults.get(name).hooks);
}
