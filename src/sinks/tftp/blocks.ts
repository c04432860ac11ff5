import { netasciiByte } from './netascii.js';

/** A DATA block, and the content that begins in it (another number of bytes in netascii). */
export interface Block {
  readonly data: Buffer;
  readonly content: Buffer;
}

type Content = AsyncIterable<Buffer> | Iterable<Buffer>;

async function* octetBlocks(content: Content, size: number): AsyncGenerator<Block> {
  let rest = Buffer.alloc(0);
  for await (const chunk of content) {
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (; rest.length - start >= size; start += size) {
      const data = rest.subarray(start, start + size);
      yield { data, content: data };
    }
    rest = rest.subarray(start);
  }
  yield { data: rest, content: rest };
}

async function* netasciiBlocks(content: Content, size: number): AsyncGenerator<Block> {
  let data: number[] = [];
  let raw: number[] = [];
  for await (const chunk of content) {
    for (const byte of chunk) {
      raw.push(byte);
      for (const encoded of netasciiByte(byte)) {
        data.push(encoded);
        if (data.length === size) {
          yield { data: Buffer.from(data), content: Buffer.from(raw) };
          [data, raw] = [[], []];
        }
      }
    }
  }
  yield { data: Buffer.from(data), content: Buffer.from(raw) };
}

/** Cuts content into blocks. The last one is shorter than the others, and may be empty (RFC 1350 §6). */
export function blocksOf(content: Content, blockSize: number, netascii: boolean): AsyncGenerator<Block> {
  return netascii ? netasciiBlocks(content, blockSize) : octetBlocks(content, blockSize);
}
