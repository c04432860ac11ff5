import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { fileWith, readAll } from './helpers.js';

/** Layout and names as nfdump 1.7.1 writes them. */
const flow = {
  type: 'FLOW',
  sampled: 0,
  export_sysid: 0,
  first: '2011-12-06T20:18:15.370',
  last: '2011-12-06T20:18:15.803',
  received: '2011-12-06T20:18:20.000',
  in_packets: 1071,
  in_bytes: 1558858,
  proto: 6,
  tcp_flags: '...AP.S.',
  src_port: 49208,
  dst_port: 445,
  src4_addr: '10.0.0.11',
  dst4_addr: '10.0.0.12',
  ip4_router: '192.0.2.1',
  label: '<none>',
};

it('one direction per record; names of 1.6 and 1.7; sampled flows say so; both directions where the exporter has them', async () => {
  const { first, last, received, ...old } = flow;
  const file = await fileWith(
    'flows.json',
    JSON.stringify(
      [
        flow,
        { ...old, t_first: first, t_last: last, t_received: received, src_port: 49209 },
        { ...flow, src_port: 49210, sampled: 1, out_packets: 107, out_bytes: 10417 },
        { ...flow, type: 'EVENT', src_port: 49211 },
      ],
      null,
      2,
    ),
  );
  const { reports, rows } = await readAll([file]);
  expect(reports[0]).toMatchObject({
    reader: 'nfdump',
    records: 4,
    used: 3,
    ignored: { 'netflow event': 1 },
  });
  const flows = await rows('flow');
  expect(flows[0]).toMatchObject({
    'event.start': '2011-12-06T20:18:15.370Z',
    'event.end': '2011-12-06T20:18:15.803Z',
    'event.ingested': '2011-12-06T20:18:20.000Z',
    'observer.name': '192.0.2.1',
    'source.ip': '10.0.0.11',
    'destination.port': 445,
    'network.transport': 'tcp',
    'source.bytes': 1558858,
    'source.packets': 1071,
    'flow.counter': 'ip',
    'flow.state': 'APS',
  });
  // The way back is another record's: absent, not 0.
  expect(flows[0]).not.toHaveProperty(['destination.bytes']);
  expect(flows[1]).toMatchObject({ 'event.start': '2011-12-06T20:18:15.370Z', 'source.port': 49209 });
  expect(flows[2]).toMatchObject({ 'destination.bytes': 10417, 'flow.state': 'APS sampled' });
});

describeWith({ fixtures: true, programs: ['nfpcapd', 'nfdump'] }, 'nfdump itself', () => {
  // Packets per direction: as tshark counts them. Bytes: the sum of ip.len that tshark gives for the capture.
  it.each([
    ['smb2-upload-1500k', 2, 1_569_275],
    ['tftp-wrq-24k', 3, 27_815],
    ['ftp-upload-passive', 8, 4031],
  ])('%s: every flow with the packets and bytes that tshark counts', async (name, count, bytes) => {
    const folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const capture = join(fixtures, 'pcap', `${name}.pcap`);
    await execa('nfpcapd', ['-r', capture, '-l', folder]);
    const { stdout } = await execa('nfdump', ['-R', folder, '-o', 'json'], { env: { TZ: 'UTC' } });
    const netflow = await readAll([await fileWith('flows.json', stdout)]);
    expect(netflow.reports[0]).toMatchObject({ reader: 'nfdump', records: count, used: count, rejected: 0 });
    const packets = await readAll([capture]);
    const half = (row: Record<string, unknown>, from: string, to: string): readonly unknown[] => [
      row[`${from}.ip`],
      row[`${from}.port`],
      row[`${to}.ip`],
      row[`${to}.port`],
      row[`${from}.packets`],
    ];
    const halves = await netflow.rows('flow');
    expect(halves.reduce((sum, row) => sum + Number(row['source.bytes']), 0)).toBe(bytes);
    const seen = halves.map((row) => half(row, 'source', 'destination'));
    const known = (await packets.rows('flow')).flatMap((row) =>
      [half(row, 'source', 'destination'), half(row, 'destination', 'source')].filter(
        ([, , , , n]) => n !== 0,
      ),
    );
    const order = (all: readonly (readonly unknown[])[]): string[] => all.map((one) => one.join(' ')).sort();
    expect(order(seen)).toEqual(order(known));
  });
});
