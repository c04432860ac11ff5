import { expect, it } from 'vitest';
import { bare, readLog } from './helpers.js';

const software =
  '#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-11-24 18:00:00\n';

it("Microsoft's example of a refused upload: the data channel, and the reply", async () => {
  // https://learn.microsoft.com/iis/publish/using-the-ftp-service (changes in FTP 7.5: data ports below 1024), with addresses that exist
  const { reports, rows } = await readLog(
    `${software}#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus
2012-01-15 02:08:16 10.0.0.7 user01 10.0.0.9 40063 DataChannelOpened - - 0 0
2012-01-15 02:08:16 10.0.0.7 user01 10.0.0.9 40063 DataChannelClosed - - 1236 38
2012-01-15 02:08:16 10.0.0.7 user01 10.0.0.9 21 STOR file.txt 425 1236 0
`.replaceAll('\n', '\r\n'),
  );
  expect(reports).toMatchObject([
    { reader: 'iis-ftp', records: 3, used: 2, ignored: { 'iis datachannelclosed': 1 }, rejected: 0 },
  ]);
  const [channel, stored] = bare(await rows('transfer'));
  expect(channel).toEqual({
    'event.code': 'channel',
    '@timestamp': '2012-01-15T02:08:16.000Z',
    'observer.type': 'server',
    'network.protocol': 'ftp',
    'network.transport': 'tcp',
    'source.ip': '10.0.0.7',
    'destination.ip': '10.0.0.9',
    'event.action': 'channel',
    'transfer.command': 'DataChannelOpened',
    'data.source.ip': '10.0.0.7',
    'data.destination.ip': '10.0.0.9',
    'data.destination.port': 40063,
    'data.passive': true,
    'user.name': 'user01',
  });
  expect(stored).toEqual({
    'event.code': 'command',
    '@timestamp': '2012-01-15T02:08:16.000Z',
    'observer.type': 'server',
    'network.protocol': 'ftp',
    'network.transport': 'tcp',
    'source.ip': '10.0.0.7',
    'destination.ip': '10.0.0.9',
    'destination.port': 21,
    'event.action': 'write',
    'transfer.command': 'STOR',
    'transfer.reply_code': 425,
    'event.outcome': 'failure',
    'file.path': 'file.txt',
    'file.name': 'file.txt',
    'user.name': 'user01',
  });
});

// https://learn.microsoft.com/iis/configuration/system.applicationhost/sites/site/ftpserver/logfile: BytesSent, BytesRecv, ClientPort, Session, FullPath
it('all fields: bytes of a channel when it closes, the account and its domain, the full path', async () => {
  const { rows } =
    await readLog(`${software}#Fields: date time c-ip c-port cs-username s-sitename s-computername cs-host s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus sc-bytes cs-bytes time-taken x-session x-fullpath x-debug
2026-11-24 18:00:00 10.0.0.7 54321 - - FILES - 10.0.0.9 21 ControlChannelOpened - - 0 0 0 0 0 d1678a06 - -
2026-11-24 18:00:02 10.0.0.7 54321 LAB\\eve FTPSVC2 FILES - 10.0.0.9 21 STOR plan.zip 226 0 0 24 15 1500 d1678a06 /out/plan.zip -
2026-11-24 18:00:03 10.0.0.7 54321 LAB\\eve FTPSVC2 FILES - 10.0.0.9 21 ControlChannelClosed - - 0 0 571 282 3000 d1678a06 - -
`);
  expect(await rows('transfer')).toMatchObject([
    {
      'observer.name': 'FILES',
      'source.port': 54321,
      'event.outcome': 'success',
      'file.path': '/out/plan.zip',
      'user.domain': 'LAB',
      'user.name': 'eve',
    },
  ]);
  // What the server received, the client sent.
  expect(bare(await rows('flow'))).toEqual([
    {
      'event.code': 'closed',
      'event.start': '2026-11-24T18:00:00.000Z',
      'event.end': '2026-11-24T18:00:03.000Z',
      'observer.name': 'FILES',
      'network.protocol': 'ftp',
      'network.transport': 'tcp',
      'source.ip': '10.0.0.7',
      'source.port': 54321,
      'destination.ip': '10.0.0.9',
      'destination.port': 21,
      'source.bytes': 282,
      'destination.bytes': 571,
      'flow.counter': 'payload',
      'flow.state': 'ControlChannelClosed',
    },
  ]);
});

it('a second header changes the columns; a row with too few values is rejected', async () => {
  const { reports, rejected, rows } = await readLog(
    `${software}#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2026-11-24 18:00:00 10.0.0.7 STOR a.zip 226\n2026-11-24 18:00\n` +
      `${software}#Fields: time date cs-method cs-uri-stem c-ip sc-status\n18:00:01 2026-11-24 STOR b.zip 10.0.0.8 550\n`,
  );
  expect(reports).toMatchObject([{ records: 3, used: 2, rejected: 1 }]);
  expect(rejected).toMatchObject([{ line: 6, raw: '2026-11-24 18:00' }]);
  const found = await rows('transfer');
  expect(
    found.map((row) => [row['@timestamp'], row['source.ip'], row['file.name'], row['log.offset']]),
  ).toEqual([
    ['2026-11-24T18:00:00.000Z', '10.0.0.7', 'a.zip', 5],
    ['2026-11-24T18:00:01.000Z', '10.0.0.8', 'b.zip', 11],
  ]);
});

it('IIS 6 numbers its sessions and has words of its own; a web site is not ours', async () => {
  const { rows } = await readLog(
    '#Software: Microsoft Internet Information Services 6.0\n#Fields: time c-ip cs-method cs-uri-stem sc-status\n18:00:00 10.0.0.7 [3]USER eve 331\n18:00:01 10.0.0.7 [3]created /out/plan.zip 226\n',
  );
  const [, created] = await rows('transfer');
  expect(created).toMatchObject({
    'event.action': 'write',
    'transfer.command': 'STOR',
    'file.name': 'plan.zip',
  });
  expect(created).not.toHaveProperty(['@timestamp']);
  const web = await readLog(
    `${software}#Fields: date time s-ip cs-method cs-uri-stem c-ip sc-status\n2026-11-24 18:00:00 10.0.0.9 GET / 10.0.0.7 200\n`,
  );
  expect(web.reports).toMatchObject([{ reader: null }]);
});
