import { expect, it } from 'vitest';
import { bare, readLog } from './helpers.js';

it('1.x: commands of the client, by session', async () => {
  // https://github.com/robinrodricks/FluentFTP/issues/1507
  const { reports, rows } = await readLog(
    [
      '2024-03-09T16:36:15.643Z DI [FTP Session 3 192.168.0.18] Session 0x17d3f5b0660 with ID 3 created.',
      '2024-03-09T16:36:15.643Z << [FTP Session 3 192.168.0.18] 220-FileZilla Server 1.8.1',
      '2024-03-09T16:36:15.676Z >> [FTP Session 3 192.168.0.18] USER test',
      '2024-03-09T16:36:15.687Z DI [Throttled Authenticator, FTP Session: 3] Authenticating user test from IP 192.168.0.18.',
      '2024-03-09T16:36:16.010Z >> [FTP Session 3 192.168.0.18 test] STOR /out/q3 plan.zip',
      '2024-03-09T16:36:16.020Z << [FTP Session 3 192.168.0.18 test] 226 Operation successful',
      '',
    ].join('\r\n'),
  );
  expect(reports).toMatchObject([
    {
      reader: 'filezilla',
      records: 6,
      used: 2,
      rejected: 0,
      ignored: { 'filezilla message': 2, 'filezilla reply': 2 },
    },
  ]);
  const [user, stored] = bare(await rows('transfer'));
  expect(user).toMatchObject({ 'event.action': 'connect', 'transfer.command': 'USER' });
  expect(stored).toEqual({
    'event.code': 'command',
    '@timestamp': '2024-03-09T16:36:16.010Z',
    'observer.type': 'server',
    'network.protocol': 'ftp',
    'network.transport': 'tcp',
    'source.ip': '192.168.0.18',
    'event.action': 'write',
    'transfer.command': 'STOR',
    'file.path': '/out/q3 plan.zip',
    'file.name': 'q3 plan.zip',
    'user.name': 'test',
  });
});

it('1.x, as the administration interface shows it: times in the order of the United States', async () => {
  // https://github.com/JackSlateur/curlftpfs/issues/9
  const { rows } = await readLog(
    [
      '<12/3/2025 11:23:10 AM> FTP Session 87 11.222.33.44 [Response] 331 Please, specify the password.',
      '<12/3/2025 11:23:17 PM> FTP Session 87 11.222.33.44 myUsername [Command] LIST -a',
      '',
    ].join('\n'),
  );
  expect(await rows('transfer')).toMatchObject([
    { '@timestamp': '2025-12-03T23:23:17.000Z', 'event.action': 'list', 'user.name': 'myUsername' },
  ]);
});

it.each([
  ['24.11.2026 18:00:00', '2026-11-24T18:00:00.000Z'],
  ['2026-11-24 18:00:00', '2026-11-24T18:00:00.000Z'],
  ['11/4/2026 6:00:00 PM', '2026-11-04T18:00:00.000Z'],
  ['24/11/2026 18:00:00', '2026-11-24T18:00:00.000Z'],
  // Fourth of November or eleventh of April: nobody can tell.
  ['4/11/2026 18:00:00', undefined],
])('0.9: %s is %s', async (date, expected) => {
  const { reports, rows } = await readLog(
    [
      `(000012)${date} - (not logged in) (10.0.0.7)> Connected on port 21, sending welcome message...`,
      `(000012)${date} - (not logged in) (10.0.0.7)> 220 FileZilla Server 0.9.60 beta`,
      `(000012)${date} - eve (10.0.0.7)> STOR plan.zip`,
      '',
    ].join('\n'),
  );
  expect(reports).toMatchObject([
    { reader: 'filezilla', used: 1, ignored: { 'filezilla message': 1, 'filezilla reply': 1 }, rejected: 0 },
  ]);
  const [row] = await rows('transfer');
  expect(row).toMatchObject({ 'source.ip': '10.0.0.7', 'user.name': 'eve', 'file.name': 'plan.zip' });
  expect(row?.['@timestamp']).toBe(expected);
});
