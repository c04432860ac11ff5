import { expect, it } from 'vitest';
import { accountedFor, fileWith, lines, readAll } from './helpers.js';

const sysmon = (record: number): object => ({
  '@timestamp': '2026-11-24T18:00:00.000Z',
  winlog: {
    channel: 'Microsoft-Windows-Sysmon/Operational',
    provider_name: 'Microsoft-Windows-Sysmon',
    event_id: '5',
    record_id: record,
    computer_name: 'WS1',
    event_data: { Image: 'C:\\a.exe', ProcessId: '7', UtcTime: '2026-11-24 18:00:00.100' },
  },
});
const zeek = {
  ts: 1_795_543_200.2,
  uid: 'CAbCdEfGhIjKlMnOp1',
  'id.orig_h': '10.0.0.1',
  'id.orig_p': 50000,
  'id.resp_h': '10.0.0.9',
  'id.resp_p': 21,
  proto: 'tcp',
  conn_state: 'SF',
};
const suricata = {
  timestamp: '2026-11-24T18:00:00.000000+0000',
  flow_id: 1234,
  event_type: 'flow',
  src_ip: '10.0.0.1',
  src_port: 50000,
  dest_ip: '10.0.0.9',
  dest_port: 69,
  proto: 'UDP',
  flow: { bytes_toserver: 100, bytes_toclient: 0 },
};

it('records of several products in one file go to their readers, and keep their numbers', async () => {
  const text = lines([sysmon(1), zeek, sysmon(2), { of: 'nobody' }, suricata, sysmon(3), sysmon(4), zeek]);
  const { reports, rejected, rows } = await readAll([await fileWith('mixed.ndjson', `${text}no JSON\n`)]);
  expect(reports).toMatchObject([
    { records: 9, used: 6, ignored: { unrecognised: 1 }, rejected: 1, duplicates: 1 },
  ]);
  expect(reports[0]?.reader?.split('+').sort()).toEqual(['suricata', 'winlogbeat', 'zeek-json']);
  expect(reports.map((report) => accountedFor(report) === report.records)).toEqual([true]);
  expect(rejected).toMatchObject([{ line: 9 }]);
  expect((await rows('process')).map((row) => row['log.offset'])).toEqual([1, 3, 6, 7]);
  expect((await rows('flow')).map((row) => [row['event.module'], row['log.offset']])).toEqual([
    ['zeek', 2],
    ['suricata', 5],
  ]);
});

it('a first record that is longer than the head is recognised all the same', async () => {
  const long = { ...sysmon(1), message: 'x'.repeat(600_000) };
  const { reports } = await readAll([await fileWith('long.ndjson', lines([long, sysmon(2)]))]);
  expect(reports).toMatchObject([{ reader: 'winlogbeat', records: 2, used: 2 }]);
});
