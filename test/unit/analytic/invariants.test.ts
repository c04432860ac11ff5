import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Unattributed } from '../../../src/analytic/index.js';
import { flowed, judge, type Row } from './rows.js';

const anyFlow = fc.record({
  protocol: fc.constantFrom('ftp', 'smb', 'tftp'),
  sent: fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: null }),
  received: fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: null }),
  counter: fc.constantFrom('payload', 'frame', 'ip', null),
  packets: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: null }),
  second: fc.integer({ min: 0, max: 100_000 }),
});
type AnyFlow = typeof anyFlow extends fc.Arbitrary<infer One> ? One : never;

const ports = { ftp: 21, smb: 445, tftp: 69 } as const;

/** Each flow has a client port of its own, by which its answer is found. `turned`: the sensor took the server for the originator. */
function row(flow: AnyFlow, index: number, turned: boolean): Row {
  const transport = flow.protocol === 'tftp' ? 'udp' : 'tcp';
  const straight = flowed([flow.second, flow.second + 1], [20_000 + index, ports[flow.protocol]], [0, 0], {
    'event.id': `flow-${String(index)}`,
    'network.transport': transport,
    'source.bytes': flow.sent,
    'destination.bytes': flow.received,
    'source.packets': flow.packets,
    'destination.packets': flow.packets,
    'flow.counter': flow.counter,
  });
  if (!turned) return straight;
  const swapped: Record<string, Row[string]> = { ...straight };
  for (const field of ['ip', 'port', 'bytes', 'packets']) {
    swapped[`source.${field}`] = straight[`destination.${field}`] ?? null;
    swapped[`destination.${field}`] = straight[`source.${field}`] ?? null;
  }
  return swapped;
}

const byPort = (found: readonly Unattributed[]) =>
  [...found].sort((a, b) => (a.client.port ?? 0) - (b.client.port ?? 0));

it('whoever is taken for the originator, client, bytes, share and direction are the same; the share lies in 0 to 1', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyFlow, { minLength: 1, maxLength: 60 }), async (flows) => {
      const straight = await judge({ flow: flows.map((flow, index) => row(flow, index, false)) });
      const turned = await judge({ flow: flows.map((flow, index) => row(flow, index, true)) });
      expect(byPort(turned.unattributed)).toEqual(byPort(straight.unattributed));
      expect(straight.unattributed).toHaveLength(flows.length);
      for (const [index, one] of byPort(straight.unattributed).entries()) {
        const flow = flows[index];
        expect(one.client).toEqual({ ip: '10.0.0.1', port: 20_000 + index });
        // What a record does not say stays unknown; headers only ever come off.
        expect(one.bytesOut === null).toBe(flow?.sent === null);
        expect(one.bytesIn === null).toBe(flow?.received === null);
        expect(one.bytesOut ?? 0).toBeLessThanOrEqual(flow?.sent ?? 0);
        expect(one.bytesOut ?? 0).toBeGreaterThanOrEqual(0);
        const total = (one.bytesOut ?? 0) + (one.bytesIn ?? 0);
        const known = one.bytesOut !== null && one.bytesIn !== null && total > 0;
        expect(one.outboundShare).toBe(known ? (one.bytesOut ?? 0) / total : null);
      }
    }),
    { numRuns: 8 },
  );
}, 120_000);
