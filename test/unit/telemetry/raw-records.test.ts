import { expect, it } from 'vitest';
import { rawRecords } from '../../../src/telemetry/index.js';
import { fileWith, lines } from './helpers.js';

it('JSON lines of any reader are found by number, blank lines apart; an array has no lines', async () => {
  const [first, second] = [{ a: 1 }, { a: 2 }].map((record) => JSON.stringify(record));
  const text = `${String(first)}\n\n${String(second)}\n`;
  for (const reader of ['winlogbeat', 'wazuh', 'defender-xdr', 'wazuh+suricata']) {
    const file = await fileWith('records', text);
    const found = await rawRecords([{ file, offset: 2 }], new Map([[file, reader]]));
    expect([...found], reader).toEqual([[`${file}:2`, second]]);
  }
  for (const [reader, content] of [
    ['nfdump', JSON.stringify([{ a: 1 }, { a: 2 }], null, 1)],
    ['defender-xdr', JSON.stringify([{ a: 1 }], null, 1)],
    ['pcap', lines([{ a: 1 }, { a: 2 }])],
    ['gone', text],
  ] as const) {
    const file = await fileWith('records', content);
    expect((await rawRecords([{ file, offset: 2 }], new Map([[file, reader]]))).size, reader).toBe(0);
  }
});
