import fc from 'fast-check';
import { expect, it } from 'vitest';
import { blocksOf, type Block } from '../../../../src/sinks/tftp/blocks.js';
import { netasciiDecoder } from '../../../../src/sinks/tftp/netascii.js';

// CR, LF and NUL often: they are what netascii is about.
const bytes = fc
  .array(fc.oneof(fc.constantFrom(0, 10, 13), fc.integer({ min: 0, max: 255 })), { maxLength: 300 })
  .map((values) => Buffer.from(values));

async function all(chunks: readonly Buffer[], size: number, netascii: boolean): Promise<Block[]> {
  const blocks: Block[] = [];
  for await (const block of blocksOf(chunks, size, netascii)) blocks.push(block);
  return blocks;
}

it('blocks are full but for the last, which is always there and shorter', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(bytes),
      fc.integer({ min: 8, max: 64 }),
      fc.boolean(),
      async (chunks, size, mode) => {
        const blocks = await all(chunks, size, mode);
        expect(blocks.slice(0, -1).every(({ data }) => data.length === size)).toBe(true);
        expect(blocks.at(-1)?.data.length).toBeLessThan(size);
        expect(Buffer.concat(blocks.map(({ content }) => content))).toEqual(Buffer.concat(chunks));
      },
    ),
  );
});

it('netascii comes back as the content, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 8, max: 20 }), async (content, size) => {
      const decode = netasciiDecoder();
      const blocks = await all([content], size, true);
      expect(Buffer.concat(blocks.map(({ data }) => decode(data)))).toEqual(content);
    }),
  );
});

it('netascii is as RFC 764 says: CR LF ends a line, CR NUL is a CR', async () => {
  const [block] = await all([Buffer.from('a\nb\rc')], 512, true);
  expect(block?.data.toString('latin1')).toBe('a\r\nb\r\0c');
});
