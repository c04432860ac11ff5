import { expect, it } from 'vitest';
import { bare, readLog, recorded } from './helpers.js';

// http://www.proftpd.org/docs/modules/mod_log.html#LogFormat: the default format is "%h %l %u %t \"%r\" %s %b".
it('ExtendedLog: requests with replies and bytes; the begin and end of sessions are no requests', async () => {
  const { reports, rows } = await readLog(await recorded('proftpd/extended.log'));
  expect(reports).toMatchObject([{ reader: 'proftpd', records: 49, rejected: 0 }]);
  expect(Object.keys(reports[0]?.ignored ?? {})).toEqual(['proftpd session']);
  const files = await rows('transfer', `"event.action" in ('write', 'read', 'delete')`);
  expect(bare(files.slice(0, 1))).toEqual([
    {
      'event.code': 'command',
      '@timestamp': '2026-11-24T23:08:48.000Z',
      'observer.type': 'server',
      'network.protocol': 'ftp',
      'network.transport': 'tcp',
      'source.ip': '10.66.0.1',
      'event.action': 'write',
      'transfer.command': 'STOR',
      'transfer.reply_code': 226,
      'event.outcome': 'success',
      'file.size': 20000,
      'file.path': 'report.zip',
      'file.name': 'report.zip',
      'user.name': 'daemon',
    },
  ]);
  expect(
    files.map((row) => [row['transfer.command'], row['event.outcome'], row['file.path'], row['file.size']]),
  ).toEqual([
    ['STOR', 'success', 'report.zip', 20000],
    ['STOR', 'success', 'quarter report.zip', 20000],
    ['RETR', 'success', 'readme.txt', 8],
    ['STOR', 'failure', 'report.zip', undefined],
    ['DELE', 'success', '/up/report.zip', undefined],
  ]);
});

it('what the server says of itself is ignored by its kind', async () => {
  const { reports } = await readLog(await recorded('proftpd/system.log'));
  expect(reports).toMatchObject([
    { reader: 'proftpd', records: 8, used: 0, rejected: 0, ignored: { 'proftpd session': 8 } },
  ]);
});

it('times with a zone; AUTH TLS; by syslog', async () => {
  const { rows } = await readLog(
    '<86>1 2026-11-24T18:00:00.123+01:00 srv proftpd 77 - - 10.0.0.1 UNKNOWN - [24/Nov/2026:18:00:00 +0100] "AUTH TLS" 234 -\n',
  );
  expect(await rows('transfer')).toMatchObject([
    { '@timestamp': '2026-11-24T17:00:00.000Z', 'observer.name': 'srv', 'network.encrypted': true },
  ]);
});

it("a web server's log in the same format is not ours", async () => {
  const { reports } = await readLog(
    '10.0.0.1 - - [24/Nov/2026:18:00:00 +0100] "GET /index.html HTTP/1.1" 200 4523\n',
  );
  expect(reports).toMatchObject([{ reader: null }]);
});
