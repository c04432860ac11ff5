import { expect, it, onTestFinished } from 'vitest';
import { readInputs, Store } from '../../../../src/telemetry/index.js';
import { fileWith } from '../helpers.js';

const cef = (port: number, app: string): string =>
  `CEF:0|Acme|Firewall|1|1|end|3|src=10.0.0.7 spt=50001 dst=10.0.0.9 dpt=${String(port)} app=${app} out=20000 in=700 act=allowed`;

it('a hunt leaves out flows of other services, and counts them', async () => {
  const store = await Store.open({ candidatesOnly: true });
  onTestFinished(() => {
    store.close();
  });
  const reports = await readInputs(store, [
    await fileWith('cef', [cef(443, 'https'), cef(443, 'ftp'), cef(21, 'ftp'), cef(40063, '-')].join('\n')),
    await fileWith(
      'squid',
      [443, 21]
        .map(
          (port) =>
            `1795561799.828 6 10.0.0.7 TCP_TUNNEL/200 4188 CONNECT 10.0.0.9:${String(port)} - HIER_DIRECT/10.0.0.9 -`,
        )
        .join('\n'),
    ),
  ]);
  expect(reports).toMatchObject([
    { reader: 'cef', used: 3, ignored: { 'cef traffic (unneeded)': 1 } },
    { reader: 'squid', used: 1, ignored: { 'squid tunnel (unneeded)': 1 } },
  ]);
});
