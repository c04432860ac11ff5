import { chunkMagic, chunkSize } from './chunk.js';
import { convertRange } from './convert.js';
import { fileHeaderSize } from './scan.js';
import { fileBytes, Window } from './window.js';

/** Where the chunk begins in which a record at `offset` lies: in sound files at a step of 64 KiB, else at the last magic before. */
async function chunkOf(path: string, offset: number): Promise<number> {
  const step = Math.max(0, offset - fileHeaderSize);
  const expected = fileHeaderSize + step - (step % chunkSize);
  const from = Math.max(0, offset - chunkSize);
  const bytes = fileBytes(path, from);
  try {
    const before = await new Window(bytes, from).at(from, Math.min(chunkSize, offset));
    const found = before.lastIndexOf(chunkMagic);
    return found === -1 ? expected : from + found;
  } finally {
    bytes.close();
  }
}

/**
 * The records at some offsets of a file, each as a line of JSON with everything that it says. What is no record gives nothing.
 * @throws whatever the file system says.
 */
export async function eventsAt(path: string, offsets: Iterable<number>): Promise<Map<number, string>> {
  const byChunk = new Map<number, Set<number>>();
  for (const offset of offsets) {
    const chunk = await chunkOf(path, offset);
    byChunk.set(chunk, (byChunk.get(chunk) ?? new Set()).add(offset));
  }
  const events = new Map<number, string>();
  for (const [chunk, wanted] of byChunk) {
    const bytes = fileBytes(path, chunk);
    const write = (lines: Uint8Array): Promise<void> => {
      for (const line of Buffer.from(lines).toString('utf8').split('\n')) {
        const offset = Number(/^\{"line":(\d+)/.exec(line)?.[1]);
        if (wanted.has(offset)) events.set(offset, line);
      }
      return Promise.resolve();
    };
    try {
      const sink = { write, damaged: () => undefined };
      await convertRange(new Window(bytes, chunk), chunk, chunk + 1, { products: [], kinds: 'all' }, sink);
    } finally {
      bytes.close();
    }
  }
  return events;
}
