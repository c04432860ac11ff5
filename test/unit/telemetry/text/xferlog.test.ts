import { expect, it } from 'vitest';
import { bare, readLog, recorded } from './helpers.js';

// xferlog(5): current-time transfer-time remote-host file-size filename transfer-type special-action-flag direction access-mode
// username service-name authentication-method authenticated-user-id completion-status
it("vsftpd's: incoming is the client's upload; an incomplete one failed", async () => {
  const { reports, rows } = await readLog(await recorded('xferlog/vsftpd.log'));
  expect(reports).toMatchObject([{ reader: 'xferlog', records: 4, used: 4, rows: 4 }]);
  const transfers = await rows('transfer');
  expect(bare(transfers.slice(0, 1))).toEqual([
    {
      'event.code': 'ftp',
      '@timestamp': '2026-11-24T23:07:21.000Z',
      'observer.type': 'server',
      'network.protocol': 'ftp',
      'network.transport': 'tcp',
      'source.ip': '10.66.0.1',
      'event.action': 'write',
      'event.outcome': 'success',
      'file.size': 20000,
      'file.path': '/up/report.zip',
      'file.name': 'report.zip',
      'user.name': 'ftp@example.com',
    },
  ]);
  expect(transfers.map((row) => [row['event.action'], row['event.outcome'], row['file.size']])).toEqual([
    ['write', 'success', 20000],
    ['write', 'success', 20000],
    ['read', 'success', 8],
    ['write', 'failure', 0],
  ]);
});

it("ProFTPD's has deletions, too", async () => {
  const { rows } = await readLog(await recorded('xferlog/proftpd.log'));
  const transfers = await rows('transfer');
  expect(transfers.map((row) => row['event.action'])).toEqual(['write', 'write', 'read', 'delete']);
  expect(transfers[0]).toMatchObject({ 'file.path': '/srv/ftp/up/report.zip' });
});

it('blanks in names, a name in place of the address, a line that was cut', async () => {
  const { reports, rejected, rows } = await readLog(
    [
      'Thu Mar  4 08:12:30 1999 1 client.example.com 1234 /pub/a b.zip b _ i r bob ftp 0 * c',
      'Thu Mar  4 08:12:31 1999 1 10.0.0.1 12',
      '',
    ].join('\n'),
  );
  expect(reports).toMatchObject([{ records: 2, used: 1, rejected: 1 }]);
  expect(rejected).toMatchObject([{ line: 2, raw: 'Thu Mar  4 08:12:31 1999 1 10.0.0.1 12' }]);
  const [row] = await rows('transfer');
  expect(row).toMatchObject({ '@timestamp': '1999-03-04T08:12:30.000Z', 'file.name': 'a b.zip' });
  expect(row).not.toHaveProperty(['source.ip']);
});
