import { chunkMagic, chunkSize, holdsRecords } from './chunk.js';
import type { Window } from './window.js';

/** The file's own header. What it says of chunks is not asked: a dirty file's count is stale. */
export const fileHeaderSize = 4096;
export const fileMagic = Buffer.from('ElfFile\0', 'latin1');

/** A chunk as it lies in the file; its bytes are valid until the next one is asked for. */
export interface FoundChunk {
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * Finds chunks by their magic, in steps of 64 KiB. Where a step finds none, the block is searched: chunks may lie at any place in a
 * file that was put together from pieces. A block without any is left out, unless it holds records.
 * @param from where the first step is. @param until chunks that begin there or later belong to the next range.
 */
export async function* findChunks(window: Window, from: number, until: number): AsyncGenerator<FoundChunk> {
  const overlap = chunkMagic.length - 1;
  let offset = from;
  while (offset < until) {
    const block = await window.at(offset, chunkSize + overlap);
    if (block.length === 0) return;
    const found = block.indexOf(chunkMagic);
    if (found === 0 || (found === -1 && holdsRecords(block.subarray(0, chunkSize)))) {
      yield { offset, bytes: block.subarray(0, chunkSize) };
      offset += chunkSize;
    } else {
      offset += found === -1 ? chunkSize : found;
    }
  }
}
