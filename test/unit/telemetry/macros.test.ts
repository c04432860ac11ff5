import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalIp } from '../../../src/core/index.js';
import { Store } from '../../../src/telemetry/index.js';

describe('macros of the store', () => {
  let store: Store;
  beforeAll(async () => {
    store = await Store.open();
  });
  afterAll(() => {
    store.close();
  });

  /** Values of an expression over `x`, for many texts at once. */
  async function values(expression: string, texts: readonly string[]): Promise<unknown[]> {
    const list = texts.map((_, index) => `$x${String(index)}`).join(', ');
    const parameters = Object.fromEntries(texts.map((text, index) => [`x${String(index)}`, text]));
    const rows = await store.rows<{ v: unknown }>(
      `select ${expression} AS v from (select unnest([${list}]) AS x)`,
      parameters,
    );
    return rows.map(({ v }) => v);
  }

  it('ip() is canonicalIp() of core, for every text', async () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV4().map((ip) => `::ffff:${ip}`),
      fc.ipV6().map((ip) => `[${ip.toUpperCase()}]`),
      fc
        .array(fc.integer({ min: 0, max: 999 }), { minLength: 3, maxLength: 5 })
        .map((parts) => parts.join('.')),
      fc.constantFrom('', '-', '::', ':::', '1.2.3.4.', '01.2.3.4', 'fe80::1%12', ' 10.0.0.1 ', '0x7f.1.1.1'),
      fc.string({ maxLength: 12 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 50 }), async (texts) => {
        expect(await values('ip(x)', texts)).toEqual(texts.map((ip) => canonicalIp(ip) ?? null));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['utc(x)', '2026-11-24 18:45:12.345', '2026-11-24T18:45:12.345Z'],
    ['utc(x)', '2026-11-24T18:45:12.3456789Z', '2026-11-24T18:45:12.345Z'],
    ['utc(x)', '2026-11-24T18:45:12.345678+0200', '2026-11-24T16:45:12.345Z'],
    ['utc(x)', '2026-11-24T18:45:12.5-03:30', '2026-11-24T22:15:12.500Z'],
    ['utc(x)', '2026-11-24T18:45:12 Europe/Berlin', null],
    ['utc(x)', '2026-13-24 18:45:12', null],
    ['utc(x)', 'infinity', null],
    ['utc(x)', '290000-01-01 00:00:00', null],
    ['utc(x)', 'XXXXXXXXXX.XXXXXX', null],
    ['epoch(x)', '1764009912.345678', '2025-11-24T18:45:12.345Z'],
    ['epoch(x)', 'XXXXXXXXXX.XXXXXX', null],
    ['epoch(x)', '1e40', null],
    ['whole(x)', '0x1f4', 500],
    ['whole(x)', '4242', 4242],
    ['whole(x)', '1.5', null],
    ['whole(x)', 'pid', null],
    ['port(x)', '65535', 65_535],
    ['port(x)', '65536', null],
    ['port(x)', '-1', null],
    ['guid(x)', '{B34BC01C-2255-5F69-0100-000000000900}', 'b34bc01c-2255-5f69-0100-000000000900'],
    ['guid(x)', '{00000000-0000-0000-0000-000000000000}', null],
    ['guid(x)', '-', null],
    ['image(x)', '<unknown process>', null],
    ['image(x)', '&lt;unknown process&gt;', null],
    ['image(x)', 'System', 'System'],
    ['base_name(x)', 'C:\\a\\b.exe', 'b.exe'],
    ['base_name(x)', 'ftp://host/dir/b.zip', 'b.zip'],
    ['base_name(x)', 'System', 'System'],
    ['base_name(x)', 'C:\\a\\', null],
    ['user_name(x)', 'NT AUTHORITY\\SYSTEM', 'SYSTEM'],
    ['user_domain(x)', 'NT AUTHORITY\\SYSTEM', 'NT AUTHORITY'],
    ['user_domain(x)', 'root', null],
    ['transport(x)', '6', 'tcp'],
    ['transport(x)', '17', 'udp'],
    ['transport(x)', 'UDP', 'udp'],
    ['transport(x)', '47', null],
    ['bool(x)', 'T', true],
    ['bool(x)', 'false', false],
    ['bool(x)', 'maybe', null],
    ['zeek_text(x)', '\\\\\\\\srv\\\\share', '\\\\srv\\share'],
    ['zeek_text(x)', 'd\\xc3\\xa9p\\x09\\xc3\\xb4t', 'dép\tôt'],
    ['zeek_text(x)', 'plain', 'plain'],
  ])('%s of %j is %j', async (expression, text, expected) => {
    expect(await values(expression, [text])).toEqual([expected]);
  });
});
