import { crc32 } from 'node:zlib';
import { reasonOf } from './damage.js';
import { Events } from './event.js';
import type { Instance } from './instance.js';
import type { Decide } from './kind.js';
import type { Out } from './out.js';
import type { Counts, Damaged } from './types.js';

export const chunkSize = 64 * 1024;
export const chunkMagic = Buffer.from('ElfChnk\0', 'latin1');
const recordMagic = Buffer.from([0x2a, 0x2a, 0, 0]);
/** Header of the chunk, strings and templates by hash. */
const firstRecord = 512;
/** Magic (4), size (4), id (8), time (8), …, size again (4). */
const recordHeader = 24;
const leastRecord = recordHeader + 4 + 4;

/** Whether a sound record starts here: magic, and the same size at both ends. */
function sizeAt(chunk: Buffer, at: number): number {
  if (at + leastRecord > chunk.length || chunk.readUInt32LE(at) !== 0x2a2a) return 0;
  const size = chunk.readUInt32LE(at + 4);
  if (size < leastRecord || at + size > chunk.length) return 0;
  return chunk.readUInt32LE(at + size - 4) === size ? size : 0;
}

/** Whether records lie in a block without the magic of a chunk: its header was overwritten. */
export const holdsRecords = (block: Buffer): boolean => sizeAt(block, firstRecord) > 0;

/** What is wrong with a chunk that does not show in its records. */
function complaint(chunk: Buffer, free: number): string | undefined {
  if (!chunk.subarray(0, 8).equals(chunkMagic))
    return 'the chunk has lost its header; its records are read one by one';
  const header = crc32(chunk.subarray(128, firstRecord), crc32(chunk.subarray(0, 120)));
  if (header !== chunk.readUInt32LE(124))
    return 'the checksum of the chunk’s header does not hold; its records are read one by one';
  if (
    free < firstRecord ||
    free > chunk.length ||
    crc32(chunk.subarray(firstRecord, free)) !== chunk.readUInt32LE(52)
  )
    return 'the checksum of the chunk’s records does not hold; those that can be read are used';
  return undefined;
}

export interface ChunkReading {
  readonly out: Out;
  readonly counts: Counts;
  /** Memory that chunks use one after the other. */
  readonly instances: readonly Instance[];
  readonly decide: Decide;
  readonly damaged: (record: Damaged) => void;
}

/**
 * Reads the records of a chunk. They end where the header says that free space begins: what lies there is left over from an
 * earlier use, unless it is the very next record by its number (the file was copied while it was written, and the header is older).
 * A chunk whose checksums fail is reported, and its records are read one by one.
 * @param offset of the chunk in the file.
 */
export function readChunk(chunk: Buffer, offset: number, reading: ChunkReading): void {
  const { out, counts, decide } = reading;
  const reject = (at: number, end: number, reason: string): void => {
    counts.rejected += 1;
    // A copy: the chunk's memory is used again.
    reading.damaged({ offset: offset + at, reason, raw: Uint8Array.from(chunk.subarray(at, end)) });
  };
  if (chunk.length < firstRecord) {
    reject(0, chunk.length, 'the file ends inside the header of a chunk');
    return;
  }
  const free = chunk.readUInt32LE(48);
  const wrong = complaint(chunk, free);
  if (wrong !== undefined) reject(0, firstRecord, wrong);
  const stated = free >= firstRecord && free <= chunk.length ? free : chunk.length;
  const events = new Events(chunk, reading.instances);
  let at = firstRecord;
  let previous: bigint | undefined;
  while (at < chunk.length) {
    const size = sizeAt(chunk, at);
    if (at >= stated && (size === 0 || previous === undefined || numberAt(chunk, at) !== previous + 1n))
      return;
    if (size === 0) {
      const next = nextRecord(chunk, at + 1, stated);
      const end = next ?? stated;
      if (chunk.subarray(at, end).some((byte) => byte !== 0))
        reject(at, end, 'no record where one should begin');
      at = end;
      continue;
    }
    previous = numberAt(chunk, at);
    const before = out.length;
    try {
      const decision = events.read(at + recordHeader, at + size - 4, offset + at, out, decide);
      if (decision.selection !== undefined) counts.written += 1;
      else counts.ignored.set(decision.kind, (counts.ignored.get(decision.kind) ?? 0) + 1);
    } catch (error) {
      out.length = before;
      reject(at, at + size, reasonOf(error));
    }
    at += size;
  }
}

const numberAt = (chunk: Buffer, at: number): bigint => chunk.readBigUInt64LE(at + 8);

/** The next place where a sound record starts, before `end`. */
function nextRecord(chunk: Buffer, from: number, end: number): number | undefined {
  for (
    let at = chunk.indexOf(recordMagic, from);
    at !== -1 && at < end;
    at = chunk.indexOf(recordMagic, at + 1)
  ) {
    if (sizeAt(chunk, at) > 0) return at;
  }
  return undefined;
}
