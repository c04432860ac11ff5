import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { event, fileOf, text, type Value, type Writer } from './builder.js';
import { convert } from './helpers.js';

const sound = (writer: Writer): void => {
  writer.instance(
    (inner) => {
      event(inner, () => inner.open('Data', { Name: 'a' }).substitution(0).close());
    },
    [[0x01, text('sound')]],
  );
};

/** What becomes of a record that lies between two sound ones. */
async function between(write: (writer: Writer) => void): Promise<string> {
  const { events, damaged } = await convert(fileOf(sound, write, sound));
  expect(events.map(({ data }) => data['a'])).toEqual(['sound', 'sound']);
  expect(damaged).toHaveLength(1);
  return damaged[0]?.reason ?? '';
}

describe('a record that was made to harm is rejected, its neighbours are read', () => {
  it('elements in elements without end', async () => {
    const reason = await between((writer) => {
      for (let depth = 0; depth < 2000; depth += 1) writer.open('Event');
    });
    expect(reason).toContain('nested more than 64 deep');
  });

  it('a template in a value of itself', async () => {
    const reason = await between((writer) => {
      const start = writer.at + 14;
      // Token, filler, id, offset of the same definition; one value: the rest.
      const again = (size: number): Buffer => {
        const bytes = Buffer.from('0f0101000c01010000000000000001000000000021000000', 'hex').subarray(0, 22);
        bytes.writeUInt32LE(start, 10);
        bytes.writeUInt16LE(Math.max(size - 22, 0), 18);
        return bytes;
      };
      const values: Value[] = [
        [0x21, Buffer.concat(Array.from({ length: 60 }, (_, index) => again((60 - index) * 22)))],
      ];
      writer.instance((inner) => inner.substitution(0), values);
    });
    expect(reason).toContain('nested too deep');
  });

  it('one long value in thousands of places', async () => {
    const reason = await between((writer) => {
      writer.instance(
        (inner) => {
          event(inner, () => {
            for (let count = 0; count < 1500; count += 1) inner.open('Data').substitution(0).close();
          });
        },
        [[0x01, text('x'.repeat(12_000))]],
      );
    });
    expect(reason).toContain('unfolds to more than');
  });

  it('an array of thousands in thousands of places', async () => {
    const reason = await between((writer) => {
      writer.instance(
        (inner) => {
          event(inner, () => {
            for (let count = 0; count < 1500; count += 1) inner.open('Data').substitution(0).close();
          });
        },
        [[0x84, Buffer.alloc(20_000, 1)]],
      );
    });
    expect(reason).toContain('more than 4096 values without a name');
  });

  it.each<[string, (writer: Writer) => void, string]>([
    [
      'more values than bytes',
      (writer) => writer.instance(sound, []).put(Buffer.from('ffffffff', 'hex')),
      '',
    ],
    [
      'a name outside of the chunk',
      (writer) => writer.put(Buffer.from('0f01010001ffff00000000ffffffff', 'hex')),
      'leads out of the chunk',
    ],
    ['no binary XML', (writer) => writer.put(Buffer.from('0f010100ee', 'hex')), 'no token'],
    [
      'a template far away',
      (writer) => writer.put(Buffer.from('0f0101000c0101000000ffffff7f', 'hex')),
      'leads out of the chunk',
    ],
    ['no event', (writer) => writer.put(Buffer.from('0f01010000', 'hex')), 'no event id'],
  ])('%s', async (_name, write, reason) => {
    expect(await between(write)).toContain(reason);
  });
});

describeWith({ fixtures: true }, 'mutated files', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat(200_000), bit: fc.nat(7) }),
    fc.record({
      kind: fc.constant('word' as const),
      at: fc.nat(200_000),
      value: fc.constantFrom(0, 1, 0xffff, 0x7fff_ffff, 0xffff_ffff, 512, 65_535),
    }),
    fc.record({
      kind: fc.constant('copy' as const),
      at: fc.nat(200_000),
      from: fc.nat(200_000),
      length: fc.nat(4096),
    }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat(200_000) }),
    fc.record({ kind: fc.constant('drop' as const), at: fc.nat(200_000), length: fc.nat(300) }),
  );
  const mutate = (
    original: Buffer,
    steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
  ): Buffer => {
    let file = Buffer.from(original);
    for (const one of steps) {
      const at = file.length === 0 ? 0 : one.at % file.length;
      if (one.kind === 'flip' && file.length > 0) file[at] = (file[at] ?? 0) ^ (1 << one.bit);
      else if (one.kind === 'word' && at + 4 <= file.length) file.writeUInt32LE(one.value, at);
      else if (one.kind === 'copy')
        file.copy(file, at, one.from % (file.length + 1), (one.from % (file.length + 1)) + one.length);
      else if (one.kind === 'cut' && at > 4096) file = file.subarray(0, at);
      else if (one.kind === 'drop')
        file = Buffer.concat([file.subarray(0, at), file.subarray(at + one.length)]);
    }
    return file;
  };

  it.each(['sysmon-dirty-header', 'security-5145-960-rows'])(
    '%s: every damage has its place, reason and bytes',
    async (name) => {
      const whole = await readFile(join(fixtures, 'sysmon-evtx', `${name}.evtx`));
      const original = whole.subarray(0, 4096 + 3 * 65_536);
      const all = await convert(original);
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          const file = mutate(original, steps);
          const { events, damaged, rejected, written } = await convert(file);
          expect(events).toHaveLength(written);
          expect(damaged).toHaveLength(rejected);
          // Copies and cuts at another place may make a chunk of one, but nothing comes from nowhere.
          expect(events.length).toBeLessThanOrEqual(all.events.length * 3);
          for (const { offset, reason, raw } of damaged) {
            expect(reason).not.toBe('');
            expect(Buffer.from(raw).equals(file.subarray(offset, offset + raw.length))).toBe(true);
          }
        }),
        { numRuns: 150, seed: 11 },
      );
    },
  );
});
