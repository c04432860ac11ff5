import { describe, expect, it } from 'vitest';
import { fixedClock, InputError } from '../../../src/core/index.js';
import type { Activity } from '../../../src/simulator/activity.js';
import { combineFaults, faults } from '../../../src/simulator/faults.js';
import { createForwarder } from '../../../src/simulator/forwarder.js';
import { createSensors } from '../../../src/simulator/sensors/index.js';
import type { AlertRuleSettings, ShippedRecord } from '../../../src/simulator/types.js';
import { at, control, ftp, passiveData, smb, tftpRequest } from './hand-made.js';

const closed = { bytesSent: 65_536, bytesReceived: 100, firstByteAt: at, lastByteAt: at + 900 };
const happened: readonly Activity[] = [
  { kind: 'process-started', at, process: ftp },
  ...[control, passiveData, smb, tftpRequest].map(
    (socket): Activity => ({ kind: 'socket-opened', at, socket }),
  ),
  {
    kind: 'ftp-command',
    at,
    socket: control,
    command: 'STOR',
    argument: 'a.bin',
    replyCode: 226,
    replyText: 'Done',
    user: 'u',
    data: null,
    content: { bytes: 65_536, socket: passiveData, fileName: 'a.bin' },
  },
  {
    kind: 'smb-file',
    at,
    socket: smb,
    share: '\\\\127.0.2.1\\drop',
    fileName: 'a.bin',
    action: 'open',
    bytes: 0,
  },
  {
    kind: 'smb-file',
    at,
    socket: smb,
    share: '\\\\127.0.2.1\\drop',
    fileName: 'a.bin',
    action: 'write',
    bytes: 9,
  },
  { kind: 'socket-closed', at: at + 900, socket: passiveData, ...closed },
  { kind: 'process-ended', at: at + 1000, process: ftp, exitCode: 0 },
];

/** What the SIEM and the host's own channels hold with these faults. `held` still waits in the forwarder. */
function run(...names: string[]) {
  const hooks = combineFaults(names);
  const clock = fixedClock(at);
  const siem: ShippedRecord[] = [];
  const forwarder = createForwarder({ deliver: (record) => siem.push(record), faults: hooks, clock });
  const sensors = createSensors({
    host: { computer: 'WS01', address: '127.0.1.1' },
    faults: hooks,
    clock,
    ship: forwarder.ship,
  });
  for (const activity of happened) sensors.sense(activity);
  forwarder.ship({ source: 'gateway', host: 'gateway', at, record: { message: 'STOR a.bin' } });
  forwarder.flush();
  const channel = (name: string) =>
    sensors.wevtutil(['qe', name, '/f:xml']).stdout.split('\r\n').slice(0, -1);
  const host = [...channel('Microsoft-Windows-Sysmon/Operational'), ...channel('Security')];
  const held = forwarder.pending();
  forwarder.stop();
  return { siem, host, held };
}

const healthy = run();
const code = ({ record }: ShippedRecord) => (record['event'] as { code?: string } | undefined)?.code;
const isEvent =
  (...codes: string[]) =>
  (record: ShippedRecord) =>
    codes.includes(code(record) ?? '');
const ids =
  (...codes: string[]) =>
  (xml: string) =>
    codes.includes(/<EventID>(\d+)</.exec(xml)?.[1] ?? '');
const numberless = (xml: string) => xml.replace(/<EventRecordID>\d+</, '');
/** Record numbers follow from what was written before. */
const body = (record: ShippedRecord) => JSON.stringify(record).replace(/"record_id":"\d+"/, '');
const bodies = (records: readonly ShippedRecord[]) => records.map(body);

describe('faults that lose records', () => {
  type Lost = (record: ShippedRecord) => boolean;
  const smbConnection: Lost = (record) =>
    isEvent('3', '5156')(record) && JSON.stringify(record).includes('"System"');
  const cases: readonly (readonly [string, Lost, ((xml: string) => boolean) | null])[] = [
    ['network-events-off', isEvent('3', '5156'), ids('3', '5156')],
    ['sysmon-network-off', isEvent('3'), ids('3')],
    ['sysmon-smb-excluded', smbConnection, (xml) => ids('3', '5156')(xml) && xml.includes('>System<')],
    ['process-creation-off', isEvent('1', '4688'), ids('1', '4688')],
    [
      'zeek-ftp-log-off',
      ({ source, record }) => source === 'zeek-ftp' || record['source'] === 'FTP_DATA',
      null,
    ],
    ['zeek-conn-off', ({ source }) => source === 'zeek-conn', null],
    ['gateway-log-off', ({ source }) => source === 'gateway', null],
    ['forwarder-drops-network', isEvent('3', '5156'), null],
    ['forwarder-drops-host', ({ source }) => source === 'winlogbeat', null],
    ['forwarder-late', ({ source }) => source === 'winlogbeat', null],
  ];

  it.each(cases)('%s', (name, lost, lostOnHost) => {
    const faulty = run(name);
    expect(healthy.siem.some(lost)).toBe(true);
    expect(bodies(faulty.siem)).toEqual(bodies(healthy.siem.filter((record) => !lost(record))));
    const expected = healthy.host.filter((xml) => lostOnHost?.(xml) !== true);
    expect(faulty.host.map(numberless)).toEqual(expected.map(numberless));
    expect(faulty.host.length < healthy.host.length).toBe(lostOnHost !== null);
  });

  it('forwarder-late loses nothing: it waits', () => {
    expect(run('forwarder-late').held).toBe(
      healthy.siem.filter(({ source }) => source === 'winlogbeat').length,
    );
  });
});

describe('faults that change records', () => {
  /** Pairs of records, healthy and faulty, that differ. */
  function changes(name: string): [ShippedRecord, ShippedRecord][] {
    const faulty = run(name);
    expect(faulty.siem).toHaveLength(healthy.siem.length);
    return healthy.siem.flatMap((record, index): [ShippedRecord, ShippedRecord][] => {
      const other = faulty.siem[index];
      return other === undefined || JSON.stringify(other) === JSON.stringify(record) ? [] : [[record, other]];
    });
  }
  const codes = (pairs: readonly [ShippedRecord, ShippedRecord][]) =>
    [...new Set(pairs.map(([record]) => code(record)))].sort();

  it('command-line-off blanks the command lines of 1 and 4688, on the host too', () => {
    const changed = changes('command-line-off');
    expect(codes(changed)).toEqual(['1', '4688']);
    for (const [, { record }] of changed) {
      expect(record['process']).toMatchObject({ executable: ftp.image });
      expect(JSON.stringify(record)).not.toContain('command_line');
      expect(JSON.stringify(record)).not.toContain('x.txt');
    }
    expect(run('command-line-off').host.join('')).not.toContain('x.txt');
    expect(healthy.host.join('')).toContain('x.txt');
  });

  it('ingest-renames-port moves the destination port of 3 and 5156', () => {
    const changed = changes('ingest-renames-port');
    expect(codes(changed)).toEqual(['3', '5156']);
    for (const [before, after] of changed) {
      const swap = JSON.stringify(after)
        .replace('"dest_port":', code(before) === '3' ? '"port":' : '"DestPort":')
        .replaceAll(/[{}]/g, ',');
      const order = (text: string) => text.split(',').sort();
      expect(order(swap)).toEqual(order(JSON.stringify(before).replaceAll(/[{}]/g, ',')));
      expect(JSON.stringify(after)).toContain('"dest_port":');
    }
    expect(run('ingest-renames-port').host).toEqual(healthy.host);
  });

  it('ingest-wrong-time-zone moves @timestamp of host events by two hours', () => {
    const changed = changes('ingest-wrong-time-zone');
    expect(changed).toHaveLength(healthy.siem.filter(({ source }) => source === 'winlogbeat').length);
    for (const [before, after] of changed) {
      const times = [before, after].map(({ record }) => Date.parse(record['@timestamp'] as string));
      expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(7_200_000);
      const restored = { ...after.record, '@timestamp': before.record['@timestamp'] };
      expect(restored).toEqual(before.record);
    }
  });

  it('guid-mismatch leaves no key between network and process events', () => {
    const changed = changes('guid-mismatch');
    expect(codes(changed)).toEqual(['3', '5156']);
    const stored = JSON.stringify(changed.map(([, after]) => after));
    expect(stored).not.toContain(ftp.guid);
    expect(stored).not.toMatch(/"(pid|ProcessID)":"?8012\b/);
    expect(stored).toContain('ftp.exe');
  });

  it('flow-sampled counts a tenth', () => {
    const [pair, ...more] = changes('flow-sampled');
    expect(more).toEqual([]);
    expect(pair?.[0].record).toMatchObject({ orig_bytes: 65_536, resp_bytes: 100 });
    expect(pair?.[1].record).toMatchObject({ orig_bytes: 6553, resp_bytes: 10, service: 'ftp-data' });
  });
});

describe('faults of the rule', () => {
  const settings: AlertRuleSettings = {
    id: 'an1169',
    name: 'AN1169',
    enabled: true,
    excludesPrivateAddresses: false,
    largeTransferBytes: 10 * 2 ** 20,
    dataFlowDirectionThreshold: 0.9,
    lookBackMs: 3_600_000,
    category: null,
  };
  it.each([
    ['rule-disabled', { enabled: false }],
    ['rule-excludes-private', { excludesPrivateAddresses: true }],
    ['rule-threshold-too-high', { largeTransferBytes: 10 * 2 ** 30, dataFlowDirectionThreshold: 1 }],
    ['rule-wrong-category', { category: 'uncategorised' }],
  ])('%s', (name, change) => {
    const [hooks] = combineFaults([name]);
    expect(hooks?.rule?.(settings)).toEqual({ ...settings, ...change });
    expect(bodies(run(name).siem)).toEqual(bodies(healthy.siem));
  });
});

describe('the registry', () => {
  it('has a place and a description for each, and hooks of that place only', () => {
    const hooksOf: Record<string, readonly string[]> = {
      sensor: ['windowsEvent'],
      'network sensor': ['networkRecord'],
      forwarder: ['forward'],
      ingest: ['ingest'],
      rule: ['rule'],
    };
    for (const [, fault] of faults.entries()) {
      expect(fault.description).not.toBe('');
      expect(Object.keys(fault.hooks)).toEqual(hooksOf[fault.at]);
    }
  });

  it('combines, and answers an unknown name with the known ones', () => {
    const both = run('sysmon-network-off', 'zeek-conn-off');
    expect(both.siem.some(isEvent('3'))).toBe(false);
    expect(both.siem.some(({ source }) => source === 'zeek-conn')).toBe(false);
    expect(both.siem.some(isEvent('5156'))).toBe(true);
    expect(combineFaults([])).toEqual([]);
    expect(() => combineFaults(['sysmon-netwrok-off'])).toThrow(InputError);
    expect(() => combineFaults(['sysmon-netwrok-off'])).toThrow(/forwarder-late/);
  });
});
