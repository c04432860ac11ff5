import { expect, it } from 'vitest';
import { bare, readLog, recorded } from './helpers.js';

// https://security.appspot.com/vsftpd/vsftpd_conf.html: xferlog_std_format, log_ftp_protocol, syslog_enable
it("vsftpd.log: transfers with bytes, refusals, and the client's commands", async () => {
  const { reports, rows } = await readLog(await recorded('vsftpd/vsftpd.log'));
  expect(reports).toMatchObject([
    {
      reader: 'vsftpd',
      records: 60,
      rejected: 0,
      ignored: { 'vsftpd response': expect.any(Number) as number },
    },
  ]);
  const transfers = await rows('transfer', `"event.code" in ('upload', 'delete')`);
  expect(bare(transfers)).toEqual([
    {
      'event.code': 'upload',
      '@timestamp': '2026-11-24T23:07:21.000Z',
      'observer.type': 'server',
      'network.protocol': 'ftp',
      'network.transport': 'tcp',
      'source.ip': '10.66.0.1',
      'event.action': 'write',
      'transfer.command': 'UPLOAD',
      'event.outcome': 'success',
      'file.size': 20000,
      'file.path': '/up/report.zip',
      'file.name': 'report.zip',
      'user.name': 'daemon',
    },
    {
      // A refused upload has no bytes, and none are made up.
      'event.code': 'upload',
      '@timestamp': '2026-11-24T23:07:22.000Z',
      'observer.type': 'server',
      'network.protocol': 'ftp',
      'network.transport': 'tcp',
      'source.ip': '10.66.0.1',
      'event.action': 'write',
      'transfer.command': 'UPLOAD',
      'event.outcome': 'failure',
      'file.path': '/report.zip',
      'file.name': 'report.zip',
      'user.name': 'daemon',
    },
    expect.objectContaining({
      'event.action': 'delete',
      'event.outcome': 'success',
      'file.name': 'report.zip',
    }),
  ]);
  const commands = await rows(
    'transfer',
    `"event.code" = 'command' and "event.action" in ('write', 'channel', 'list')`,
  );
  expect(commands.map((row) => [row['transfer.command'], row['event.action'], row['file.path']])).toEqual([
    ['EPSV', 'channel', undefined],
    ['STOR', 'write', 'report.zip'],
    ['EPSV', 'channel', undefined],
    ['STOR', 'write', 'report.zip'],
    ['EPSV', 'channel', undefined],
    ['LIST', 'list', undefined],
  ]);
  expect(await rows('transfer', `"event.action" = 'connect' and "event.outcome" = 'success'`)).toHaveLength(
    3,
  );
});

it('by syslog: the time is in the header, the year is not', async () => {
  const { reports, rows } = await readLog(await recorded('vsftpd/syslog.log'));
  expect(reports).toMatchObject([{ reader: 'vsftpd', records: 2, used: 2, rejected: 0 }]);
  expect(await rows('transfer', `"event.action" = 'write'`)).toMatchObject([
    { '@timestamp': '2026-11-24T23:08:05.000Z', 'file.size': 20000, 'event.outcome': 'success' },
  ]);
});

it('names with blanks and commas', async () => {
  const { rows } = await readLog(
    'Tue Nov 24 23:07:21 2026 [pid 577] [lab, user] OK UPLOAD: Client "::ffff:10.0.0.7", "/up/q3, final.zip", 20000 bytes, 38752.48Kbyte/sec\r\n',
  );
  expect(await rows('transfer')).toMatchObject([
    { 'source.ip': '10.0.0.7', 'file.name': 'q3, final.zip', 'user.name': 'lab, user', 'file.size': 20000 },
  ]);
});
