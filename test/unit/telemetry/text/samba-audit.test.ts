import { expect, it } from 'vitest';
import { bare, readLog, recorded } from './helpers.js';

// vfs_full_audit(8): prefix (default %u|%I), operation, result, arguments.
it('operations on files, by the client; others are ignored by their kinds', async () => {
  const { reports, rows } = await readLog(await recorded('samba-audit/syslog.log'));
  expect(reports).toMatchObject([{ reader: 'samba-audit', records: 82, rejected: 0 }]);
  // close comes after every open; the same line in one second is one record.
  expect(Object.keys(reports[0]?.ignored ?? {}).sort()).toEqual(['samba close', 'samba disconnect']);
  const [report] = reports;
  expect(report && report.used + report.duplicates).toBe(82 - 23 - 2);
  const writes = await rows('transfer', `"event.action" = 'write' and "transfer.command" = 'pwrite_recv'`);
  expect(bare(writes.slice(0, 1))).toEqual([
    {
      'event.code': 'pwrite_recv',
      '@timestamp': '2026-11-24T23:08:13.000Z',
      'observer.type': 'server',
      'network.protocol': 'smb',
      'network.transport': 'tcp',
      'source.ip': '10.66.0.1',
      'event.action': 'write',
      'transfer.command': 'pwrite_recv',
      'event.outcome': 'success',
      'file.path': '/srv/drop/report.zip',
      'file.name': 'report.zip',
      'user.name': 'nobody',
    },
  ]);
  expect(writes.map((row) => row['file.name'])).toEqual(['report.zip', 'docs_q3.zip', 'after.zip']);
  const one = async (command: string) => rows('transfer', `"transfer.command" = '${command}'`);
  expect(await one('unlinkat')).toMatchObject([{ 'event.action': 'delete', 'file.name': 'report.zip' }]);
  expect(await one('renameat')).toMatchObject([
    { 'event.action': 'other', 'file.path': '/srv/drop/in/moved.zip' },
  ]);
  expect(await one('pread_recv')).toMatchObject([{ 'event.action': 'read', 'file.name': 'report.zip' }]);
  const [connected] = await one('connect');
  expect(connected).toMatchObject({ 'event.action': 'connect', 'file.path': 'drop' });
  expect(connected).not.toHaveProperty(['file.name']);
  expect(
    await rows('transfer', `"event.outcome" = 'failure' and "transfer.command" = 'create_file'`),
  ).toMatchObject([{ 'event.action': 'open', 'file.name': 'missing.txt' }]);
});

it('a file of syslog is read for every product in it, and the rest is counted by program', async () => {
  const { reports, rows } = await readLog(
    [
      'Nov 24 18:00:00 files smbd_audit[812]: LAB\\eve|10.0.0.7|pwrite_send|ok|docs/plan.zip',
      'Nov 24 18:00:01 files in.tftpd[813]: WRQ from 10.0.0.7 filename plan.zip',
      'Nov 24 18:00:02 files CRON[814]: (root) CMD (true)',
      '2026-11-24T18:00:03.250000+01:00 files vsftpd[815]: [eve] OK UPLOAD: Client "10.0.0.7", "/plan.zip", 7 bytes, 1.00Kbyte/sec',
      '<13>1 2026-11-24T18:00:04Z files smbd_audit 816 - [a b="c]"] eve|10.0.0.7|unlinkat|fail (Permission denied)|docs/plan.zip',
      'no line of syslog',
      '',
    ].join('\n'),
  );
  expect(reports).toMatchObject([
    { reader: 'samba-audit', records: 6, used: 4, ignored: { 'syslog cron': 1 }, rejected: 1 },
  ]);
  const transfers = await rows('transfer');
  expect(transfers.map((row) => [row['@timestamp'], row['network.protocol'], row['observer.name']])).toEqual([
    ['2026-11-24T18:00:00.000Z', 'smb', 'files'],
    ['2026-11-24T18:00:01.000Z', 'tftp', 'files'],
    ['2026-11-24T17:00:03.250Z', 'ftp', 'files'],
    ['2026-11-24T18:00:04.000Z', 'smb', 'files'],
  ]);
  expect(transfers[0]).toMatchObject({ 'user.domain': 'LAB', 'user.name': 'eve' });
});

it.each([
  ['2026-11-24T23:30:00Z', 'Nov 24 18:00:00', '2026-11-24T18:00:00.000Z'],
  ['2027-01-02T00:00:00Z', 'Dec 31 23:59:59', '2026-12-31T23:59:59.000Z'],
  // The server's clock is ahead, or its zone is: not a year ago.
  ['2026-12-31T23:30:00Z', 'Jan  1 00:10:00', '2027-01-01T00:10:00.000Z'],
  ['2026-11-24T23:30:00Z', 'Nov 24 2019 18:00:00', '2019-11-24T18:00:00.000Z'],
])('written at %s: %s is %s', async (written, time, expected) => {
  const { rows } = await readLog(`${time} files smbd_audit: eve|10.0.0.7|connect|ok|docs\n`, written);
  expect(await rows('transfer')).toMatchObject([{ '@timestamp': expected }]);
});
