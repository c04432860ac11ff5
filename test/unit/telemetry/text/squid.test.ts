import { expect, it } from 'vitest';
import { bare, readLog, recorded } from './helpers.js';

// https://wiki.squid-cache.org/Features/LogFormat: time elapsed remotehost code/status bytes method URL rfc931 peerstatus/peerhost type
it('ftp:// requests are transfers, tunnels are flows, what was denied is a prevention', async () => {
  const { reports, rows } = await readLog(await recorded('squid/access.log'));
  expect(reports).toMatchObject([
    { reader: 'squid', records: 6, used: 5, ignored: { 'squid http': 1 }, rejected: 0, rows: 5 },
  ]);
  const transfers = await rows('transfer');
  expect(bare(transfers.slice(0, 1))).toEqual([
    {
      'event.code': 'ftp',
      '@timestamp': '2026-11-24T23:09:58.787Z',
      'observer.type': 'gateway',
      'network.protocol': 'ftp',
      'network.transport': 'tcp',
      'source.ip': '10.66.0.1',
      'destination.ip': '10.66.0.1',
      'destination.port': 21,
      'event.action': 'read',
      'transfer.command': 'GET',
      'event.outcome': 'success',
      'file.path': '/readme.txt',
      'file.name': 'readme.txt',
    },
  ]);
  expect(transfers[1]).toMatchObject({
    'event.action': 'write',
    'transfer.command': 'PUT',
    'file.name': 'by-proxy.zip',
  });
  const flows = await rows('flow');
  expect(bare(flows.slice(0, 1))).toEqual([
    {
      'event.code': 'tunnel',
      // 6 ms before the end.
      'event.start': '2026-11-24T23:09:59.822Z',
      'event.end': '2026-11-24T23:09:59.828Z',
      'network.transport': 'tcp',
      'source.ip': '10.66.0.1',
      'destination.ip': '10.66.0.1',
      'destination.port': 8443,
      'destination.bytes': 4188,
      'flow.counter': 'payload',
      'flow.state': 'TCP_TUNNEL/200',
    },
  ]);
  expect(flows[1]).toMatchObject({ 'destination.port': 9, 'flow.state': 'NONE_NONE/503' });
  expect(bare(await rows('prevention'))).toEqual([
    {
      'event.code': 'denied',
      '@timestamp': '2026-11-24T23:09:59.845Z',
      'network.transport': 'tcp',
      'source.ip': '10.66.0.1',
      'destination.ip': '10.66.0.1',
      'destination.port': 445,
      'event.reason': 'denied by the proxy: CONNECT 10.66.0.1:445 (TCP_DENIED/403)',
    },
  ]);
});

it('another proxy is not the destination; a password that is asked for denies nothing; IPv6', async () => {
  const { reports, rows } = await readLog(
    [
      '1795561799.828      6 10.0.0.7 TCP_TUNNEL/200 4188 CONNECT files.example.com:21 eve FIRSTUP_PARENT/10.0.0.3 -',
      '1795561799.829      6 10.0.0.7 TCP_DENIED/407 4188 CONNECT files.example.com:21 - HIER_NONE/- text/html',
      '1795561799.830      6 10.0.0.7 TCP_TUNNEL/200 4188 CONNECT [2001:db8::0:1]:2121 - HIER_NONE/- -',
      '1795561799.831      6 10.0.0.7 TCP_MISS/200 4188 GET ftp://eve:x@10.0.0.9:2121/out/a%20b.zip - HIER_DIRECT/10.0.0.9 - [Accept: */*] [Via: x]',
      '',
    ].join('\n'),
  );
  expect(reports).toMatchObject([{ used: 3, ignored: { 'squid authentication': 1 }, rejected: 0 }]);
  const [first, second] = await rows('flow');
  expect(first).toMatchObject({ 'destination.port': 21 });
  expect(first).not.toHaveProperty(['destination.ip']);
  expect(second).toMatchObject({ 'destination.ip': '2001:db8::1', 'destination.port': 2121 });
  expect(await rows('transfer')).toMatchObject([
    { 'destination.ip': '10.0.0.9', 'destination.port': 2121, 'file.name': 'a b.zip' },
  ]);
});
