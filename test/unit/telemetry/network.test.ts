import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { fileWith, lines, readAll, type Row } from './helpers.js';

const bare = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('log.') && name !== 'event.id'));

describeWith({ fixtures: true }, "Zeek's logs of real captures", () => {
  const zeek = (...parts: string[]): string => join(fixtures, 'zeek', ...parts);

  it('times that were struck out stay NULL; bytes are payload', async () => {
    const { rows, reports } = await readAll([zeek('scripts.base.protocols.ftp.ftp-ipv4', 'conn.log')]);
    expect(reports).toMatchObject([{ records: 5, firstTime: null, lastTime: null }]);
    const flows = await rows('flow');
    expect(flows[2]).toEqual({
      'event.id': 'conn.log:12',
      'event.module': 'zeek',
      'event.code': 'conn',
      'log.file.path': zeek('scripts.base.protocols.ftp.ftp-ipv4', 'conn.log'),
      'log.offset': 12,
      'source.ip': '199.233.217.249',
      'source.port': 61920,
      'destination.ip': '141.142.220.235',
      'destination.port': 33582,
      'network.transport': 'tcp',
      'network.protocol': 'ftp-data',
      'source.bytes': 342,
      'source.packets': 5,
      'destination.bytes': 0,
      'destination.packets': 3,
      'flow.counter': 'payload',
      'flow.uid': 'CtPZjS20MLrsMUOJi2',
      'flow.state': 'SF',
    });
  });

  it('ftp.log: PORT turns the data channel round, AUTH TLS hides what follows', async () => {
    const ipv6 = await readAll([zeek('scripts.base.protocols.ftp.ftp-ipv6', 'ftp.log')]);
    expect((await ipv6.rows('transfer', `"transfer.command" = 'EPRT'`))[0]).toMatchObject({
      'event.action': 'channel',
      'data.passive': false,
      'data.source.ip': '2001:470:4867:99::21',
      'data.destination.ip': '2001:470:1f11:81f:c999:d94:aa7c:2e3e',
      'data.destination.port': 49189,
      'user.name': 'anonymous',
    });
    const tls = await readAll([zeek('scripts.base.protocols.ftp.ftp-auth-tls')]);
    const encrypted = await tls.rows('transfer', '"network.encrypted"');
    expect(encrypted).toMatchObject([
      { 'transfer.command': 'AUTH', 'transfer.reply_code': 234, 'event.outcome': 'success' },
    ]);
    // `service` says ftp,ssl.
    expect(await tls.rows('flow')).toMatchObject([{ 'network.protocol': 'ftp', 'source.bytes': 1133 }]);
  });

  it('smb_files and files: one write twice, backslashes undone, the share root is no file', async () => {
    const { rows } = await readAll([
      zeek('scripts.base.protocols.smb.smb2'),
      zeek('scripts.base.protocols.smb.smb2-read-write'),
    ]);
    const writes = await rows('transfer', `"transfer.command" = 'SMB::FILE_WRITE'`);
    expect(writes.map((row) => [row['file.name'], row['file.uid']])).toEqual([
      ['pythonfile2', undefined],
      ['pythonfile2', 'FZwWEMkEEYbonVSe2'],
    ]);
    expect((await rows('transfer', `"event.code" = 'files' and "file.size" = 7000`))[0]).toMatchObject({
      'event.action': 'write',
      'file.uid': 'FZwWEMkEEYbonVSe2',
    });
    expect(
      (await rows('transfer', `"file.name" = 'WP_SMBPlugin.pdf' and "event.code" = 'smb_files'`))[0],
    ).toMatchObject({
      'file.path': '\\\\10.0.0.12\\smb2\\WP_SMBPlugin.pdf',
      'event.action': 'open',
    });
    const roots = await rows(
      'transfer',
      `"file.path" = '\\\\10.0.0.12\\smb2' and "event.code" = 'smb_files'`,
    );
    expect(roots).toHaveLength(2);
    for (const root of roots) expect(root).not.toHaveProperty(['file.name']);
  });

  it('tftp.log names the flow that carried the file', async () => {
    const { rows } = await readAll([zeek('spicy-tftp.wrq', 'tftp.log')]);
    expect(await rows('transfer')).toMatchObject([
      {
        'network.protocol': 'tftp',
        'network.transport': 'udp',
        'event.action': 'write',
        'file.name': 'rfc1350.txt',
        'file.size': 24599,
        'flow.uid': 'CHhAvVGS1DHFjwGM9',
        'flow.data_uid': 'ClEkJM2Vm5giqnMf4h',
        'destination.port': 69,
      },
    ]);
  });

  it.each(['', '_'])('JSON with keys joined by %j gives the same rows as the log itself', async (joint) => {
    for (const [test, log] of [
      ['scripts.base.protocols.ftp.ftp-ipv4', 'conn.log'],
      ['scripts.base.protocols.ftp.ftp-ipv6', 'ftp.log'],
      ['scripts.base.protocols.smb.smb2-read-write', 'smb_files.log'],
      ['scripts.base.protocols.smb.smb2', 'files.log'],
      ['scripts.base.protocols.smb.smb2', 'smb_mapping.log'],
      ['spicy-tftp.wrq', 'tftp.log'],
    ] as const) {
      const path = zeek(test, log);
      const text = readFileSync(path, 'utf8').split('\n');
      const names =
        text
          .find((line) => line.startsWith('#fields'))
          ?.split('\t')
          .slice(1) ?? [];
      const records = text
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => {
          const values = line.split('\t');
          const pairs = names.map((name, index) => {
            const value = (values[index] ?? '-').replaceAll('\\\\', '\\');
            const key = joint === '' ? name : name.replaceAll('.', joint);
            return [key, value] as const;
          });
          return Object.fromEntries(pairs.filter(([, value]) => value !== '-' && value !== '(empty)'));
        });
      const table = log === 'conn.log' ? 'flow' : 'transfer';
      const tsv = await readAll([path]);
      const json = await readAll([await fileWith('zeek.json', lines(records))]);
      expect(json.reports[0]?.reader).toBe('zeek-json');
      expect((await json.rows(table)).map(bare), log).toEqual((await tsv.rows(table)).map(bare));
    }
  });
});

describe("Zeek's own format", () => {
  const header = (log: string, fields: string): string =>
    `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t${log}\n#fields\t${fields}\n`;

  it('times, several headers in one file, and a row with too few columns', async () => {
    const text = `${header('conn', 'ts\tuid\tid.orig_h\tproto\torig_bytes\tconn_state\tduration')}#types\ttime
1764000000.123456\tCHhAvVGS1DHFjwGM9\t[::1]\ttcp\t7\tSF\t1.500000
short\trow

${header('smb_mapping', 'ts\tuid\tid.orig_h\tpath\tshare_type')}1764000001.000000\tCHhAvVGS1DHFjwGM9\t10.0.0.1\t\\\\\\\\srv\\\\d\\xc3\\xa9p\\x09\\xc3\\xb4t\tDISK
#close\t2026
`;
    const { reports, rejected, rows } = await readAll([await fileWith('two.log', text)]);
    expect(reports).toMatchObject([{ reader: 'zeek-tsv', records: 3, used: 2, rejected: 1 }]);
    expect(rejected).toMatchObject([{ line: 9, raw: 'short\trow' }]);
    expect(await rows('flow')).toMatchObject([
      {
        'source.ip': '::1',
        'event.start': '2025-11-24T16:00:00.123Z',
        'event.end': '2025-11-24T16:00:01.623Z',
        'source.bytes': 7,
        'log.offset': 8,
      },
    ]);
    expect(await rows('transfer')).toMatchObject([
      { 'file.path': '\\\\srv\\dép\tôt', 'event.action': 'connect', 'log.offset': 17 },
    ]);
  });
});

describeWith({ fixtures: true }, "Suricata's events of real captures", () => {
  const eve = (name: string): string => join(fixtures, 'suricata', `${name}.eve.json`);

  it('an active upload: PORT announces, the server opens, the file is a row of the data connection', async () => {
    const { rows } = await readAll([eve('ftp-upload-active')]);
    const all = await rows('transfer');
    const stor = all.find((row) => row['event.code'] === 'ftp' && row['transfer.command'] === 'STOR');
    expect(stor).toMatchObject({
      'transfer.reply_code': 226,
      'event.outcome': 'success',
      'file.name': 'index.html',
      'destination.port': 21,
    });
    const port = all
      .filter((row) => row['transfer.command'] === 'PORT')
      .map((row) => row['data.destination.port']);
    // 139*256+43, 172*256+101, 156*256+237, as in the packets.
    expect(port).toEqual([35627, 44133, 40173]);
    expect(all.find((row) => row['event.code'] === 'fileinfo')).toMatchObject({
      'file.size': 39,
      'source.ip': '172.23.0.3',
      'flow.data_uid': '252888584758003',
    });
    expect((await rows('flow', '"flow.uid" = \'252888584758003\''))[0]).toMatchObject({
      'source.ip': '172.23.0.2',
      'source.port': 20,
      'source.bytes': 272,
      'destination.bytes': 311,
      'flow.counter': 'frame',
      'event.start': '2026-06-10T21:21:12.583Z',
    });
  });

  it('STOU: the server says what the file is called', async () => {
    const { rows } = await readAll([eve('ftp-all-commands-ipv4')]);
    const stou = await rows('transfer', `"transfer.command" = 'STOU'`);
    expect(stou.map((row) => row['file.name'])).toEqual([
      'all-data-ipv4-passive-stou.txt.rp7eaz59',
      'all-data-ipv4-active-stou.txt.g2hj_c1i',
    ]);
  });

  it('TFTP: the upload is what goes to the opener of the second flow', async () => {
    const { rows } = await readAll([eve('tftp-wrq-24k')]);
    expect(await rows('transfer')).toMatchObject([
      { 'transfer.command': 'WRQ', 'file.name': 'rfc1350.txt', 'source.port': 57509 },
    ]);
    const [data] = await rows('flow', '"source.port" = 2087');
    expect(data).toMatchObject({
      'destination.port': 57509,
      'source.bytes': 2300,
      'destination.bytes': 26853,
    });
    expect(data).not.toHaveProperty(['network.protocol']);
  });

  it('SMB: size of the file in fileinfo, outcome by status, addresses of IPv6 in one form', async () => {
    const smb = await readAll([eve('smb2-upload-1500k')]);
    expect(await smb.rows('transfer', `"event.code" = 'fileinfo'`)).toMatchObject([
      { 'file.size': 1508939, 'event.action': 'write', 'network.protocol': 'smb', 'source.ip': '10.0.0.11' },
    ]);
    const statuses = await smb.rows('transfer', `"event.outcome" = 'failure'`);
    expect(statuses).toMatchObject([{ 'transfer.command': 'SMB2_COMMAND_CREATE' }]);
    const read = await readAll([eve('smb2-read-write')]);
    const [taken] = await read.rows('transfer', `"event.code" = 'fileinfo' and "event.action" = 'read'`);
    expect(taken).toMatchObject({
      'source.ip': '169.254.128.18',
      'destination.port': 445,
      'file.name': 'pythonfile',
    });
    const ipv6 = await readAll([eve('ftp-download-ipv6')]);
    const hosts = await ipv6.store.rows<{ ip: string }>(
      'select distinct "source.ip" AS ip from transfer order by ip',
    );
    expect(hosts.map(({ ip }) => ip)).toEqual([
      '2001:470:1f11:81f:c999:d94:aa7c:2e3e',
      '2001:470:4867:99::21',
    ]);
  });

  it('netflow, alert, drop: half a flow, a rule, a prevention', async () => {
    const base = {
      flow_id: 7,
      src_ip: '10.0.0.1',
      src_port: 1,
      dest_ip: '10.0.0.2',
      dest_port: 69,
      proto: 'UDP',
      timestamp: '2026-11-24T18:00:00.5+0000',
    };
    const file = await fileWith(
      'eve.json',
      lines([
        {
          ...base,
          event_type: 'netflow',
          netflow: {
            pkts: 3,
            bytes: 300,
            start: '2026-11-24T18:00:00.0+0000',
            end: '2026-11-24T18:00:01.0+0000',
          },
        },
        {
          ...base,
          event_type: 'alert',
          alert: { action: 'blocked', signature_id: 2, signature: 'No TFTP', severity: 1 },
        },
        {
          ...base,
          event_type: 'alert',
          alert: { action: 'allowed', signature_id: 3, signature: 'TFTP', severity: 2 },
        },
        { ...base, event_type: 'fileinfo', app_proto: 'http', fileinfo: { filename: '/x' } },
      ]),
    );
    const { rows, reports } = await readAll([file]);
    expect(reports).toMatchObject([
      { records: 4, used: 3, rows: 4, ignored: { 'suricata fileinfo-http': 1 } },
    ]);
    const [flow] = await rows('flow');
    expect(flow).toMatchObject({ 'source.bytes': 300, 'event.end': '2026-11-24T18:00:01.000Z' });
    expect(flow).not.toHaveProperty(['destination.bytes']);
    expect((await rows('alert')).map((row) => row['rule.id'])).toEqual(['2', '3']);
    expect(await rows('prevention')).toMatchObject([
      { 'event.reason': 'blocked by rule 2: No TFTP', 'network.transport': 'udp' },
    ]);
  });
});

describe('records of our own', () => {
  it("a sink's log is a server's transfer, an alert keeps its evidence", async () => {
    const log = await fileWith(
      'gateway.ndjson',
      lines([
        {
          '@timestamp': '2026-11-24T18:00:00.000Z',
          event: {
            module: 'dyetrace_sink',
            dataset: 'dyetrace_sink.ftp',
            action: 'write',
            outcome: 'success',
            ingested: '2026-11-24T18:00:01.000Z',
          },
          observer: { type: 'server', name: 'sink-ftp' },
          source: { ip: '127.0.1.1', port: 50000 },
          destination: { ip: '127.0.2.1', port: 21 },
          network: { protocol: 'ftp', transport: 'tcp' },
          file: { name: 'd1234567.zip', size: 4096, hash: { sha256: 'ab' } },
          user: { name: 'run' },
          ftp: { command: 'STOR', reply_code: 226 },
        },
      ]),
    );
    const alerts = await fileWith(
      'alerts.ndjson',
      lines([
        {
          '@timestamp': '2026-11-24T18:00:10.000Z',
          event: { kind: 'alert', id: 'a-1', severity: 'high' },
          rule: { id: 'an1169', name: 'AN1169' },
          host: { name: 'WS1' },
          process: {
            entity_id: '{B34BC01C-2255-5F69-0100-000000000900}',
            pid: 7,
            executable: 'C:\\p.exe',
            command_line: 'p',
          },
          destination: { ip: '127.0.2.1', port: 21 },
          file: { name: 'd1234567.zip' },
          incident: { category: 'exfiltration' },
          alert: { evidence: ['x', 'y'] },
        },
      ]),
    );
    const { rows, reports } = await readAll([log, alerts]);
    expect(reports.map(({ reader }) => reader)).toEqual(['sink-log', 'ecs-alert']);
    expect(await rows('transfer')).toMatchObject([
      {
        'observer.type': 'server',
        'observer.name': 'sink-ftp',
        'transfer.command': 'STOR',
        'transfer.reply_code': 226,
        'file.size': 4096,
        'file.hash.sha256': 'ab',
        'event.outcome': 'success',
        'event.ingested': '2026-11-24T18:00:01.000Z',
        'user.name': 'run',
      },
    ]);
    expect(await rows('alert')).toMatchObject([
      {
        'event.id': 'a-1',
        'event.severity': 'high',
        'process.entity_id': 'b34bc01c-2255-5f69-0100-000000000900',
        'incident.category': 'exfiltration',
        'alert.evidence': ['x', 'y'],
      },
    ]);
  });
});
