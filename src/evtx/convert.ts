import { chunkSize, readChunk, type ChunkReading } from './chunk.js';
import { Instance, mostInstances } from './instance.js';
import { deciderOf } from './kind.js';
import { Out } from './out.js';
import { findChunks } from './scan.js';
import type { Counts, Sink, Wanted } from './types.js';
import type { Window } from './window.js';

/** One chunk unfolds to no more: 256 times its size. */
const mostPerChunk = 256 * chunkSize;
const batch = 512 * 1024;

/** Reads the chunks that begin from `from` to before `until`, and gives their wanted records to `sink` as lines of JSON. */
export async function convertRange(
  window: Window,
  from: number,
  until: number,
  wanted: Wanted,
  sink: Sink,
): Promise<Counts> {
  const counts: Counts = { written: 0, ignored: new Map(), rejected: 0 };
  const out = new Out(batch + mostPerChunk);
  const reading: ChunkReading = {
    out,
    counts,
    instances: Array.from({ length: mostInstances }, () => new Instance()),
    decide: deciderOf(wanted),
    damaged: (record) => {
      sink.damaged(record);
    },
  };
  for await (const { offset, bytes } of findChunks(window, from, until)) {
    readChunk(bytes, offset, reading);
    if (out.length < batch) continue;
    await sink.write(out.bytes.subarray(0, out.length));
    out.length = 0;
  }
  if (out.length > 0) await sink.write(out.bytes.subarray(0, out.length));
  return counts;
}
