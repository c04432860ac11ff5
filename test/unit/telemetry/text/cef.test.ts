import { expect, it } from 'vitest';
import { bare, readLog } from './helpers.js';

// ArcSight CEF implementation standard: header, extension, and the dictionary's keys; `in` and `out` are bytes.
it('the example of the standard: an event that names no bytes and no action is ignored by its kind', async () => {
  const { reports } = await readLog(
    'Sep 19 08:26:10 host CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232\n',
  );
  expect(reports).toMatchObject([{ reader: 'cef', records: 1, ignored: { 'cef event': 1 } }]);
});

it('what passed is a flow, what was denied a prevention, a named file a transfer', async () => {
  const { reports, rows } = await readLog(
    [
      'CEF:0|Acme|Fire\\|wall|1|1|session end|3|rt=1795561799828 start=1795561790000 end=1795561799000 src=10.0.0.7 spt=50001 dst=10.0.0.9 dpt=21 proto=TCP app=FTP out=20000 in=700 act=allowed dvchost=fw1',
      '<134>Nov 24 18:00:00 fw1 CEF:0|Acme|Firewall|1|2|policy|7|src=10.0.0.7 spt=50002 dst=10.0.0.9 dpt=445 proto=6 app=SMB act=Deny reason=no SMB\\=out cs1=x',
      '<134>1 2026-11-24T18:00:01+01:00 fw1 CEF - - - CEF:1|Acme|Firewall|1|3|file|3|src=10.0.0.7 dst=10.0.0.9 dpt=69 proto=UDP app=tftp fname=q3 plan.zip fsize=700 act=Detected suser=LAB\\\\eve',
      'CEF:0|Acme|Firewall|1|4|login|3|suser=eve act=denied',
      '',
    ].join('\n'),
  );
  expect(reports).toMatchObject([
    { reader: 'cef', records: 4, used: 3, ignored: { 'cef event': 1 }, rejected: 0 },
  ]);
  expect(bare(await rows('flow'))).toEqual([
    {
      'event.code': 'traffic',
      'event.start': '2026-11-24T23:09:50.000Z',
      'event.end': '2026-11-24T23:09:59.000Z',
      'observer.name': 'fw1',
      'network.transport': 'tcp',
      'network.protocol': 'ftp',
      'source.ip': '10.0.0.7',
      'source.port': 50001,
      'source.bytes': 20000,
      'destination.ip': '10.0.0.9',
      'destination.port': 21,
      'destination.bytes': 700,
      'flow.state': 'allowed',
    },
  ]);
  expect(bare(await rows('prevention'))).toEqual([
    {
      'event.code': 'denied',
      '@timestamp': '2026-11-24T18:00:00.000Z',
      'network.transport': 'tcp',
      'source.ip': '10.0.0.7',
      'source.port': 50002,
      'destination.ip': '10.0.0.9',
      'destination.port': 445,
      'event.reason': 'Deny, policy: no SMB=out',
    },
  ]);
  expect(bare(await rows('transfer'))).toEqual([
    {
      'event.code': 'file',
      '@timestamp': '2026-11-24T17:00:01.000Z',
      'observer.type': 'gateway',
      'observer.name': 'fw1',
      'network.transport': 'udp',
      'network.protocol': 'tftp',
      'source.ip': '10.0.0.7',
      'destination.ip': '10.0.0.9',
      'destination.port': 69,
      'event.action': 'other',
      'file.name': 'q3 plan.zip',
      'file.path': 'q3 plan.zip',
      'file.size': 700,
      'user.domain': 'LAB',
      'user.name': 'eve',
    },
  ]);
});
