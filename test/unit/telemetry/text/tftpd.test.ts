import { expect, it } from 'vitest';
import { bare, readLog, recorded } from './helpers.js';

// tftpd(8), --verbose; RFC 1350: WRQ writes to the server.
it('requests by their direction, and errors', async () => {
  const { reports, rows } = await readLog(await recorded('tftpd/syslog.log'));
  expect(reports).toMatchObject([{ reader: 'tftpd', records: 4, used: 4, rejected: 0 }]);
  const transfers = await rows('transfer');
  expect(bare(transfers.slice(0, 1))).toEqual([
    {
      'event.code': 'wrq',
      '@timestamp': '2026-11-24T23:08:06.000Z',
      'observer.type': 'server',
      'network.protocol': 'tftp',
      'network.transport': 'udp',
      'source.ip': '10.66.0.1',
      'event.action': 'write',
      'transfer.command': 'WRQ',
      'file.path': 'report.zip',
      'file.name': 'report.zip',
    },
  ]);
  expect(transfers.map((row) => [row['event.action'], row['file.name'], row['event.outcome']])).toEqual([
    ['write', 'report.zip', undefined],
    ['read', 'boot.txt', undefined],
    ['read', 'missing.txt', undefined],
    ['other', undefined, 'failure'],
  ]);
  expect(transfers[3]).toMatchObject({ 'transfer.command': 'ERROR', 'transfer.reply_code': 1 });
});

it('names that were mapped to others, and messages that are no request', async () => {
  const { reports, rows } = await readLog(
    [
      'Nov 24 18:00:00 srv in.tftpd[1]: WRQ from ::ffff:10.0.0.7 filename C:\\out\\a b.zip remapped to out/a b.zip',
      'Nov 24 18:00:00 srv in.tftpd[1]: tftpd: read: Connection refused',
      '',
    ].join('\n'),
  );
  expect(reports).toMatchObject([{ used: 1, ignored: { 'tftpd message': 1 } }]);
  expect(await rows('transfer')).toMatchObject([
    { 'source.ip': '10.0.0.7', 'file.path': 'C:\\out\\a b.zip', 'file.name': 'a b.zip' },
  ]);
});
