import { describe, expect, it } from 'vitest';
import { firing } from '../../../src/analytic/index.js';
import { connected, explorer, flowed, judge, powershell, started, system32 } from './rows.js';

const mebibyte = 2 ** 20;
const curl = `${system32}curl.exe`;

// A process that is in the filter and owns its socket: what the naive rule sees as well.
const uploader = [started(0, 500, powershell, 'powershell -File up.ps1', explorer)];
const control = connected(1, 500, powershell, [50000, 21]);

describe('the traps of AN1169', () => {
  it('10: two clocks and two names are one host and one session (fails if names or times must be equal)', async () => {
    const { hits } = await judge({
      process: [
        started(0, 600, 'C:\\Windows\\System32\\svchost.exe', 'svchost', explorer),
        started(0, 500, powershell, 'powershell', explorer, { 'host.name': 'WS1.lab.local' }),
        started(1, 700, curl, 'curl', { pid: 500, executable: powershell }, { 'host.name': 'ws1' }),
      ],
      connection: [connected(2, 700, curl, [50000, 21], { 'host.name': 'Ws1.LAB.local' })],
      // The sensor's clock is two hours ahead.
      flow: [flowed([7202, 7209], [50000, 21], [20 * mebibyte, 500])],
    });
    expect(hits).toMatchObject([
      {
        host: { name: 'ws1', ip: ['10.0.0.1'] },
        attribution: 'lineage',
        initiator: { pid: 500 },
        bytesOut: 20 * mebibyte,
      },
    ]);
  });

  it('10: behind a NAT the receiving side is matched (fails if the client address must be equal)', async () => {
    const { hits } = await judge({
      process: uploader,
      connection: [control],
      flow: [flowed([1, 9], [50000, 21], [20 * mebibyte, 500], { 'source.ip': '203.0.113.7' })],
    });
    expect(hits).toMatchObject([{ bytesOut: 20 * mebibyte, host: { ip: ['10.0.0.1'] } }]);
  });

  it('12: a private destination counts like any other (fails if RFC 1918 is left out)', async () => {
    const { hits } = await judge({
      process: uploader,
      connection: [connected(1, 500, powershell, [50000, 21], { 'destination.ip': '192.168.1.9' })],
      flow: [flowed([1, 9], [50000, 21], [20 * mebibyte, 500], { 'destination.ip': '192.168.1.9' })],
    });
    expect(hits.filter(firing)).toMatchObject([{ destination: { ip: '192.168.1.9' } }]);
  });
});
