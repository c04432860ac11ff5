import { expect, it } from 'vitest';
import { bare, readLog } from './helpers.js';

// https://www.ibm.com/docs/en/dsm?topic=leef-overview: versions 1.0 and 2.0, the separator, predefined attributes.
it('version 1 with tabs, version 2 with a separator of its own, as it is or in hexadecimal', async () => {
  const event = (separator: string): string =>
    [
      'src=10.0.0.7',
      'dst=10.0.0.9',
      'srcPort=50001',
      'dstPort=445',
      'proto=TCP',
      'srcBytes=20000',
      'dstBytes=700',
      'action=Accept',
      'devTime=Nov 24 2026 18:00:00',
      'app=microsoft-ds',
    ].join(separator);
  const { reports, rows } = await readLog(
    [
      `Nov 24 18:00:00 fw1 LEEF:1.0|Acme|Firewall|1|accept|${event('\t')}`,
      `LEEF:2.0|Acme|Firewall|2|accept|^|${event('^')}`,
      `LEEF:2.0|Acme|Firewall|3|accept|x7c|${event('|')}`,
      `LEEF:2.0|Acme|Firewall|4|accept||${event('\t')}`,
      '',
    ].join('\n'),
  );
  expect(reports).toMatchObject([{ reader: 'leef', records: 4, used: 4, rejected: 0, rows: 4 }]);
  const flows = await rows('flow');
  expect(bare(flows.slice(1, 2))).toEqual([
    {
      'event.code': 'traffic',
      'event.end': '2026-11-24T18:00:00.000Z',
      'network.transport': 'tcp',
      'network.protocol': 'smb',
      'source.ip': '10.0.0.7',
      'source.port': 50001,
      'source.bytes': 20000,
      'destination.ip': '10.0.0.9',
      'destination.port': 445,
      'destination.bytes': 700,
      'flow.state': 'Accept',
    },
  ]);
  for (const flow of flows) expect(flow).toMatchObject({ 'source.bytes': 20000, 'destination.port': 445 });
  expect(flows[0]).toMatchObject({ 'observer.name': 'fw1' });
});

it('a deny with bytes is both', async () => {
  const { rows } = await readLog(
    'LEEF:1.0|Acme|Firewall|1|drop|src=10.0.0.7\tdst=10.0.0.9\tdstPort=21\tsrcBytes=60\taction=drop\tdevTime=1795561799828\tpolicy=no ftp out\n',
  );
  expect(await rows('flow')).toMatchObject([{ 'source.bytes': 60 }]);
  expect(await rows('prevention')).toMatchObject([
    { '@timestamp': '2026-11-24T23:09:59.828Z', 'event.reason': 'drop, drop: no ftp out' },
  ]);
});
