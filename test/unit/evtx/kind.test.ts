import { expect, it } from 'vitest';
import fc from 'fast-check';
import { kindOf } from '../../../src/evtx/index.js';
import { Store } from '../../../src/telemetry/index.js';
import { literal } from '../../../src/telemetry/sql/sql.js';
import { windowsKind } from '../../../src/telemetry/windows/events.js';
import { wantedEvents } from '../../../src/telemetry/windows/wanted.js';

it('names the kind of an event as the database does for other readers', async () => {
  const { products } = wantedEvents();
  const known = products.flatMap(({ provider, channel }) => [provider, channel, provider.toUpperCase()]);
  const name = fc.oneof(
    fc.constantFrom(...known, '', '-', 'Service Control Manager', 'Ünïcode 𝕏'),
    fc.string({ unit: 'binary' }),
  );
  const tuples = fc.sample(fc.tuple(name, name, fc.constantFrom('1', '4688', '65535')), {
    numRuns: 300,
    seed: 3,
  });
  const store = await Store.open();
  try {
    const printable = tuples.filter((texts) => texts.every((text) => !text.includes('\0')));
    expect(printable.length).toBeGreaterThan(200);
    const values = printable.map((texts, n) => `(${String(n)}, ${texts.map(literal).join(', ')})`);
    const kind = windowsKind((field) => `absent(${field})`);
    const rows = await store.rows<{ kind: string }>(
      `select ${kind} AS kind from (values ${values.join(', ')}) v(n, Provider, Channel, EventID) order by n`,
    );
    expect(printable.map((texts) => kindOf(products, ...texts))).toEqual(rows.map((row) => row.kind));
  } finally {
    store.close();
  }
});
