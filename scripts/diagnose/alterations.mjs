// Faults that can be made by altering what was recorded: `telemetry/` of a fault-free run in, what a broken lab would have left out.
// Nothing here tells the verifier what was altered.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

function siem(folder, source, change) {
  const file = join(folder, 'siem', source, 'records.ndjson');
  if (!existsSync(file)) return;
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const changed = lines.flatMap((line) => change(JSON.parse(line)) ?? []);
  writeFileSync(file, changed.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

function host(folder, channel, change) {
  const place = join(folder, 'host', channel);
  if (!existsSync(place)) return;
  for (const name of readdirSync(place)) {
    const file = join(place, name);
    const text = readFileSync(file, 'utf8').replace(
      /<Event [\s\S]*?<\/Event>/g,
      (event) => change(event) ?? '',
    );
    writeFileSync(file, text);
  }
}

function collection(folder, change) {
  const file = join(folder, 'collection.json');
  const value = JSON.parse(readFileSync(file, 'utf8'));
  change(value);
  writeFileSync(file, JSON.stringify(value));
}

const codes =
  (...wanted) =>
  ({ event }) =>
    wanted.includes(event.code);
const xmlCode = (event, ...wanted) => wanted.includes(/<EventID[^>]*>(\d+)</.exec(event)?.[1] ?? '');
const without =
  (...names) =>
  (record) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
const failure = { code: 'unreadable', message: 'the request was refused', remedy: 'let the account read' };
const winlogbeat = (change) => (folder) => siem(folder, 'winlogbeat', change);
const dropped = (...wanted) => winlogbeat((record) => (codes(...wanted)(record) ? null : record));
const unlogged =
  (...wanted) =>
  (folder) => {
    dropped(...wanted)(folder);
    for (const channel of ['sysmon', 'security'])
      host(folder, channel, (event) => (xmlCode(event, ...wanted) ? null : event));
  };
const ofHosts = (change) =>
  winlogbeat((record) => (codes('1', '3', '4688', '5156')(record) ? change(record) : record));
const later = (time, ms) => new Date(Date.parse(time) + ms).toISOString();
const shifted = (ms) => ofHosts((record) => ({ ...record, '@timestamp': later(record['@timestamp'], ms) }));
/** A clock that is off: the host's own channel and the SIEM's copy are wrong alike. */
const skewed = (ms) => (folder) => {
  winlogbeat((record) => ({ ...record, '@timestamp': later(record['@timestamp'], ms) }))(folder);
  for (const channel of ['sysmon', 'security', 'powershell'])
    host(folder, channel, (event) =>
      event
        .replace(
          /SystemTime=(['"])([^'"]+)\1/g,
          (_, quote, time) => `SystemTime=${quote}${later(time, ms)}${quote}`,
        )
        .replace(
          /(Name=['"]UtcTime['"]>)([^<]+)/g,
          (_, head, time) =>
            `${head}${later(`${time.replace(' ', 'T')}Z`, ms)
              .replace('T', ' ')
              .replace('Z', '')}`,
        ),
    );
};
const process = (change) => (record) => ({ ...record, process: change({ ...record.process }) });
const eventField = (wanted, change) =>
  winlogbeat((record) => (codes(...wanted)(record) ? change(record) : record));
const flows = (change) => (folder) => siem(folder, 'zeek-conn', change);
const rule = (change) => (folder) => {
  siem(folder, 'alerts', () => null);
  collection(folder, (value) => {
    value.rules = change(value.rules);
  });
};
const each = (values) => (rules) => rules.map((one) => ({ ...one, ...values }));
const counters = ['orig_bytes', 'resp_bytes', 'orig_pkts', 'resp_pkts', 'orig_ip_bytes', 'resp_ip_bytes'];
const sampled = (rate) =>
  flows((record) => {
    for (const name of counters) record[name] = Math.floor(record[name] / rate);
    return record;
  });
/** A flow in three records, whose counters add up to the whole. */
const pieces = flows((record) =>
  [0, 1, 2].map((part) => ({
    ...record,
    uid: `${record.uid}${part}`,
    ...Object.fromEntries(
      counters.map((name) => [name, Math.floor(record[name] / 3) + (part === 0 ? record[name] % 3 : 0)]),
    ),
  })),
);
const both =
  (...changes) =>
  (folder) =>
    changes.forEach((change) => change(folder));

const fault = (name, link, leg, causes, alter, why) => ({
  name,
  link,
  leg,
  causes: [causes].flat(),
  alter,
  why,
});
const harmless = (name, alter) => ({ name, link: null, leg: null, causes: [], alter });
const [processes, connections, protocols, volumes, servers] = [
  'process_creation',
  'network_connection',
  'protocol_log',
  'flow_volume',
  'gateway_log',
];
const unreadable =
  "the host's own log was not read: a record that was never made and one that was lost leave the same traces";

/** Kinds of faults with what has to be named; `link` null: nothing may be named. `why`: where causes are indistinguishable in principle. */
export const alterations = [
  fault(
    'Sysmon 3 and 5156 not written',
    'sense',
    connections,
    'network-connection-not-logged',
    unlogged('3', '5156'),
  ),
  fault('Sysmon 3 not written', 'sense', connections, 'network-connection-not-logged', unlogged('3')),
  fault(
    'process creation not written',
    'sense',
    processes,
    'process-creation-not-logged',
    unlogged('1', '4688'),
  ),
  fault('Sysmon 1 not written', 'sense', processes, 'process-creation-not-logged', unlogged('1')),
  fault('forwarder drops Sysmon 3 and 5156', 'ship', connections, 'forwarder-dropped', dropped('3', '5156')),
  fault('forwarder drops Sysmon 1 and 4688', 'ship', processes, 'forwarder-dropped', dropped('1', '4688')),
  fault(
    'forwarder drops all of the hosts',
    'ship',
    connections,
    'channel-not-forwarded',
    winlogbeat(() => null),
  ),
  fault(
    'forwarder drops the Sysmon channel',
    'ship',
    connections,
    'channel-not-forwarded',
    winlogbeat((record) => (record.event.module === 'sysmon' ? null : record)),
  ),
  fault(
    'destination port renamed',
    'parse',
    connections,
    'field-unmapped',
    eventField(['3'], ({ destination: { port, ...rest }, ...record }) => ({
      ...record,
      destination: { ...rest, dest_port: port },
    })),
  ),
  fault(
    'source port dropped',
    'parse',
    connections,
    'field-unmapped',
    eventField(['3'], (record) => ({ ...record, source: { ip: record.source.ip } })),
  ),
  fault(
    'command line dropped',
    'parse',
    processes,
    'field-unmapped',
    eventField(['1', '4688'], process(without('command_line', 'args'))),
  ),
  fault(
    'command line truncated',
    'parse',
    processes,
    'field-truncated',
    eventField(
      ['1'],
      process((own) => ({ ...own, command_line: own.command_line?.slice(0, 12) })),
    ),
  ),
  fault(
    'process id dropped',
    'parse',
    connections,
    'field-unmapped',
    eventField(['3'], process(without('pid'))),
  ),
  fault(
    'destination port of another type',
    'parse',
    connections,
    ['field-unmapped', 'field-mistyped'],
    eventField(['3'], (record) => ({ ...record, destination: { ...record.destination, port: 'ftp' } })),
  ),
  fault('time zone +2 h', 'parse', connections, 'wrong-time-zone', shifted(7_200_000)),
  fault('time zone -5 h', 'parse', connections, 'wrong-time-zone', shifted(-18_000_000)),
  fault('time of arrival for event time', 'parse', connections, 'event-time-lost', shifted(400_000)),
  fault(
    'GUIDs and pids off',
    'correlate',
    connections,
    'process-key-mismatch',
    eventField(
      ['3'],
      process((own) => ({ ...own, entity_id: '{ffffffff-ffff-ffff-ffff-ffffffffffff}', pid: 999_999 })),
    ),
  ),
  fault('clock +1 h', 'correlate', connections, 'clock-skew', skewed(3_600_000)),
  fault('clock -1 h', 'correlate', connections, 'clock-skew', skewed(-3_600_000)),
  fault('no protocol logs', 'sense', protocols, 'protocol-log-missing', (folder) =>
    ['zeek-ftp', 'zeek-files', 'zeek-smb_files'].forEach((source) => siem(folder, source, () => null)),
  ),
  fault('no conn.log', 'sense', volumes, 'flow-log-missing', (folder) =>
    siem(folder, 'zeek-conn', () => null),
  ),
  fault('flows sampled 1:100', 'sense', volumes, 'flow-incomplete', sampled(100)),
  fault('flows sampled 1:10', 'sense', volumes, 'flow-incomplete', sampled(10)),
  fault(
    'no server log at all',
    'sense',
    servers,
    'sense-or-ship',
    (folder) => siem(folder, 'gateway', () => null),
    'a server has no channel on the host, and no other record of it arrived',
  ),
  fault(
    'host log unreadable, Sysmon 3 gone',
    'sense',
    connections,
    'sense-or-ship',
    both(
      dropped('3', '5156'),
      (folder) =>
        collection(folder, (value) =>
          value.host.forEach((answer) => {
            answer.error = failure;
          }),
        ),
      (folder) =>
        ['sysmon', 'security', 'powershell', 'defender'].forEach((channel) =>
          host(folder, channel, () => null),
        ),
    ),
    unreadable,
  ),
  fault(
    'rule absent',
    'alert',
    null,
    'rule-absent',
    rule(() => []),
  ),
  fault('rule disabled', 'alert', null, 'rule-disabled', rule(each({ enabled: false }))),
  fault(
    'rule leaves out private addresses',
    'alert',
    null,
    'rule-excludes-private',
    rule(each({ excludesPrivateAddresses: true })),
  ),
  fault(
    'rule threshold too high',
    'alert',
    null,
    'rule-threshold',
    rule(each({ largeTransferBytes: 10 * 2 ** 30, dataFlowDirectionThreshold: 1.01 })),
  ),
  fault('wrong category', 'route', null, 'wrong-category', (folder) =>
    siem(folder, 'alerts', (record) => ({ ...record, incident: { category: 'uncategorised' } })),
  ),
  fault(
    'two at once: Sysmon 3 and 5156 lost (asked for), rule disabled',
    'ship',
    connections,
    'forwarder-dropped',
    both(dropped('3', '5156'), rule(each({ enabled: false }))),
  ),
  fault(
    'two at once: process creation not written (asked for), flows sampled 1:100',
    'sense',
    processes,
    'process-creation-not-logged',
    both(sampled(100), unlogged('1', '4688')),
  ),
  harmless('nothing altered', () => {}),
  harmless(
    'every record twice',
    ofHosts((record) => [record, record]),
  ),
  harmless('flows in three pieces', pieces),
  harmless(
    'host names in upper case FQDN',
    ofHosts((record) => ({ ...record, host: { ...record.host, name: `${record.host.name}.LAB.EXAMPLE` } })),
  ),
  harmless('reordered', (folder) => {
    for (const source of ['winlogbeat', 'zeek-conn']) {
      const all = [];
      siem(folder, source, (record) => (all.push(record), record));
      siem(folder, source, () => all.pop());
    }
  }),
];
