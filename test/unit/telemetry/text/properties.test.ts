import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readers, Store, type Rejected } from '../../../../src/telemetry/index.js';
import { probe } from '../../../../src/telemetry/input/bytes.js';
import { accountedFor, fileWith } from '../helpers.js';
import { examples } from './examples.js';

/** Whatever the lines are: the reader is made to read them, though it would not have chosen them. */
async function forced(name: string, text: string, store: Store) {
  const path = await fileWith('any', text);
  const look = await probe(path);
  const rejected: Rejected[] = [];
  const counts = await readers.get(name).read(
    {
      path,
      label: 'any',
      sample: look.sample,
      probe: look,
      others: new Map(),
      reject: (record) => rejected.push(record),
    },
    store,
  );
  return { ...counts, path, reader: name, firstTime: null, lastTime: null, kept: rejected };
}

const known = Object.values(examples).flatMap((text) => text.split('\n'));
const piece = fc.oneof(
  fc.constantFrom(...known.flatMap((line) => line.split(/(?<=[ |="])/))),
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    '|',
    '\\',
    '"',
    '[',
    ' ',
    '-',
    '\t',
    '#Fields: date',
    '\u0001',
    '\0',
    '99999999999999999999',
    '%zz',
    '\ufeff',
    '🦔',
  ),
);
/** A line of some product with a part of it replaced, doubled or left out, or no line of any. */
const line = fc.oneof(
  fc.constantFrom(...known),
  fc
    .tuple(fc.constantFrom(...known), fc.nat(200), fc.nat(40), piece)
    .map(([text, at, length, put]) => `${text.slice(0, at)}${put}${text.slice(at + length)}`),
  fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
);

describe.each(Object.keys(examples))('%s', (name) => {
  it('reads any lines: none of them ends the run, each is accounted for', async () => {
    const store = await Store.open();
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 30 }), async (texts) => {
          const all = texts.join('\n').split('\n');
          const report = await forced(name, all.join('\n'), store);
          expect(accountedFor(report)).toBe(report.records);
          expect(report.kept).toHaveLength(report.rejected);
          const w3c = name === 'iis-ftp' || name === 'windows-firewall';
          const records = all.filter((text) => !/^[ \t]*$/.test(text) && !(w3c && text.startsWith('#')));
          // A byte order mark is no text, and a carriage return may end a line.
          if (!/[\ufeff\r]/.test(all.join('\n'))) expect(report.records).toBe(records.length);
        }),
        { numRuns: 12 },
      );
    } finally {
      store.close();
    }
  });
});
