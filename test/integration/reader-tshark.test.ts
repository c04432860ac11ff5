import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, fixtures } from '../helpers/requires.js';
import { accountedFor, fileWith, readAll, type Row } from '../unit/telemetry/helpers.js';

interface Conversation {
  readonly ends: string;
  readonly packets: number;
  readonly frameBytes: number;
}

/** `tshark -z conv`: `a:1 <-> b:2`, then packets and bytes in each direction and in total. */
function conversations(path: string, transport: 'tcp' | 'udp'): Conversation[] {
  const text = execFileSync('tshark', ['-n', '-q', '-r', path, '-z', `conv,${transport}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text.split('\n').flatMap((line) => {
    const match =
      /^(\S+)\s+<->\s+(\S+)\s+(\d+) ([\d.]+ ?\w+)\s+(\d+) ([\d.]+ ?\w+)\s+(\d+) ([\d.]+) (\w+)/.exec(line);
    if (match === null) return [];
    const unit = match[9] === 'kB' ? 1000 : match[9] === 'MB' ? 1_000_000 : 1;
    return [
      {
        ends: [match[1], match[2]].sort().join(' '),
        packets: Number(match[7]),
        frameBytes: Number(match[8]) * unit,
      },
    ];
  });
}

/** Payload per direction, from each packet's own length. Sequence numbers decide what is new: no flag of the dissector's. */
function payloads(path: string): ReadonlyMap<string, number> {
  const fields = ['tcp.len', 'tcp.seq_raw', 'udp.length', 'ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst'].concat([
    'tcp.srcport',
    'tcp.dstport',
    'udp.srcport',
    'udp.dstport',
  ]);
  const text = execFileSync(
    'tshark',
    ['-n', '-r', path, '-T', 'fields', '-E', 'separator=,', ...fields.flatMap((field) => ['-e', field])],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const sums = new Map<string, number>();
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((row) => row !== '')) {
    const [
      tcp = '',
      seq = '',
      udp = '',
      s4 = '',
      s6 = '',
      d4 = '',
      d6 = '',
      ts = '',
      td = '',
      us = '',
      ud = '',
    ] = line.split(',');
    const key = `${s4 || s6}:${ts || us} > ${d4 || d6}:${td || ud}`;
    const length = tcp === '' ? Number(udp) - 8 : Number(tcp);
    // A keep-alive's one byte, and a segment that was sent again, begin where another already began.
    const again = tcp !== '' && length > 0 && seen.has(`${key} ${seq}`);
    if (length > 0) seen.add(`${key} ${seq}`);
    sums.set(key, (sums.get(key) ?? 0) + (again ? 0 : length));
  }
  return sums;
}

const end = (row: Row, side: string): string => `${String(row[`${side}.ip`])}:${String(row[`${side}.port`])}`;

describeWith({ programs: ['tshark'], fixtures: true }, 'captures', () => {
  const folder = join(fixtures, 'pcap');
  const capture = (name: string): string => join(folder, `${name}.pcap`);

  it.each(readdirSync(folder))(
    '%s: flows are the conversations, bytes are the payload of the packets',
    async (name) => {
      const path = join(folder, name);
      const { reports, rows } = await readAll([path]);
      const flows = await rows('flow');
      for (const transport of ['tcp', 'udp'] as const) {
        const own = flows.filter((row) => row['network.transport'] === transport);
        const packets = own.map((row) => [
          [end(row, 'source'), end(row, 'destination')].sort().join(' '),
          Number(row['source.packets']) + Number(row['destination.packets']),
        ]);
        const expected = conversations(path, transport).map(({ ends, packets: n }) => [ends, n]);
        expect(packets.map(String).sort()).toEqual(expected.map(String).sort());
      }
      const truth = payloads(path);
      for (const row of flows) {
        const [source, destination] = [end(row, 'source'), end(row, 'destination')];
        expect(row['source.bytes'], `${source} out`).toBe(truth.get(`${source} > ${destination}`) ?? 0);
        expect(row['destination.bytes'], `${source} in`).toBe(truth.get(`${destination} > ${source}`) ?? 0);
      }
      const [report] = reports;
      expect(report && accountedFor(report)).toBe(report?.records);
      expect(report?.records).toBe(
        flows.reduce(
          (sum, row) => sum + Number(row['source.packets']) + Number(row['destination.packets']),
          0,
        ),
      );
    },
  );

  it('an upload in active mode: the server opens the data connection, the client sends', async () => {
    const { rows } = await readAll([capture('ftp-upload-active')]);
    const transfers = await rows('transfer');
    expect(transfers.find((row) => row['transfer.command'] === 'STOR')).toMatchObject({
      'event.action': 'write',
      'event.outcome': 'success',
      'transfer.reply_code': 226,
      'file.name': 'index.html',
      'source.ip': '172.23.0.3',
      'destination.ip': '172.23.0.2',
      'destination.port': 21,
    });
    // PORT 172,23,0,3,172,101 came right before.
    const announced = transfers.filter((row) => row['event.action'] === 'channel');
    expect(announced[1]).toMatchObject({
      'data.passive': false,
      'data.source.ip': '172.23.0.2',
      'data.destination.ip': '172.23.0.3',
      'data.destination.port': 172 * 256 + 101,
    });
    expect((await rows('flow', '"destination.port" = 44133'))[0]).toMatchObject({
      'source.ip': '172.23.0.2',
      'source.port': 20,
      'source.bytes': 0,
      'destination.bytes': 39,
      'network.protocol': 'ftp-data',
    });
  });

  it('all commands: STOR, APPE, STOU, RETR, each passive and active', async () => {
    const { rows } = await readAll([capture('ftp-all-commands-ipv4')]);
    const files = (await rows('transfer')).filter((row) =>
      ['write', 'read'].includes(String(row['event.action'])),
    );
    expect(files.map((row) => [row['transfer.command'], row['event.outcome']])).toEqual(
      [...['STOR', 'APPE', 'STOU', 'RETR'], ...['STOR', 'APPE', 'STOU', 'RETR']].map((verb) => [
        verb,
        'success',
      ]),
    );
    expect(files.filter((row) => row['transfer.command'] === 'STOU').map((row) => row['file.name'])).toEqual([
      'all-data-ipv4-passive-stou.txt.rp7eaz59',
      'all-data-ipv4-active-stou.txt.g2hj_c1i',
    ]);
  });

  it('EPSV and EPRT announce ports of IPv6', async () => {
    const { rows } = await readAll([capture('ftp-download-ipv6')]);
    const channels = await rows('transfer', `"event.action" = 'channel'`);
    // As Zeek has them of the same capture (its two ftp.log rows of EPRT, its three of EPSV).
    expect(
      channels.map((row) => [
        row['transfer.command'],
        row['data.destination.ip'],
        row['data.destination.port'],
      ]),
    ).toEqual([
      ['EPSV', '2001:470:4867:99::21', 57086],
      ['EPSV', '2001:470:4867:99::21', 57087],
      ['EPSV', '2001:470:4867:99::21', 57088],
      ['EPRT', '2001:470:1f11:81f:c999:d94:aa7c:2e3e', 49189],
      ['EPRT', '2001:470:1f11:81f:c999:d94:aa7c:2e3e', 49190],
    ]);
  });

  it('TFTP: the request, and the flow without port 69 that carried the file', async () => {
    const { rows } = await readAll([capture('tftp-wrq-24k')]);
    const [request] = await rows('transfer');
    expect(request).toMatchObject({
      'transfer.command': 'WRQ',
      'event.action': 'write',
      'file.name': 'rfc1350.txt',
      'destination.port': 69,
    });
    const [data] = await rows('flow', `"flow.uid" = '${String(request?.['flow.data_uid'])}'`);
    // 24,599 bytes in 49 blocks with four bytes of header each (RFC 1350, section 5).
    expect(data).toMatchObject({
      'source.ip': '192.168.0.13',
      'destination.port': 57509,
      'destination.bytes': 24_599 + 49 * 4,
    });
  });

  it('SMB2: what was written through each handle, by the name that opened it', async () => {
    const { rows } = await readAll([capture('smb2-upload-1500k'), capture('smb2-read-write')]);
    const writes = await rows('transfer', `"event.action" = 'write'`);
    expect(writes.map((row) => [row['file.name'], row['file.size'], row['event.outcome']])).toEqual(
      expect.arrayContaining([
        ['WP_SMBPlugin.pdf', 1_508_939, 'success'],
        ['pythonfile2', 7000, 'success'],
      ]),
    );
    // README: 25 writes, 1,509,055 bytes: the file, and 116 bytes to a named pipe.
    const upload = writes.filter((row) => String(row['log.file.path']).includes('upload'));
    expect(upload.reduce((sum, row) => sum + Number(row['file.size']), 0)).toBe(1_509_055);
    const pdf = upload.find((row) => row['file.name'] === 'WP_SMBPlugin.pdf');
    expect(pdf).toMatchObject({
      'file.path': '\\\\10.0.0.12\\smb2\\WP_SMBPlugin.pdf',
      'user.name': 'Administrator',
    });
    const reads = await rows('transfer', `"event.action" = 'read' and "file.name" = 'pythonfile'`);
    expect(reads).toHaveLength(1);
  });

  it('SMB3: encrypted, and no file name', async () => {
    const { rows } = await readAll([capture('smb3-encrypted')]);
    const transfers = await rows('transfer');
    expect(transfers.filter((row) => row['network.encrypted'] === true)).toHaveLength(1);
    expect(transfers.filter((row) => 'file.name' in row)).toEqual([]);
    expect(transfers.map((row) => row['file.path']).filter((share) => share !== undefined)).toEqual([
      '\\\\WS2016\\encrypted',
      '\\\\10.160.65.202\\IPC$',
    ]);
  });

  it('a capture that was cut short: what came before is read, the cut is a rejected record', async () => {
    const whole = readFileSync(capture('ftp-upload-passive'));
    const cut = await fileWith('cut.pcap', whole.subarray(0, 3000));
    const { reports, rejected, rows } = await readAll([cut]);
    expect(reports).toMatchObject([{ reader: 'pcap', rejected: 1 }]);
    expect(rejected[0]?.reason).toMatch(/cut short/);
    expect(await rows('flow')).not.toEqual([]);
  });

  it('without tshark: bad input that says what to install', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      await expect(readAll([capture('tftp-wrq-24k')])).rejects.toMatchObject({
        code: 'tshark-missing',
        exitCode: 2,
      });
    } finally {
      process.env['PATH'] = path;
    }
  });
});
