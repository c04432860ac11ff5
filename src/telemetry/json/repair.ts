import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { rawLines } from '../input/lines.js';
import { longestLine } from './index-lines.js';

const stays = (head: Buffer, length: number): boolean => {
  if (length > longestLine) return false;
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(head));
    return true;
  } catch {
    return false;
  }
};

/**
 * Copies a file that the database cannot scan (a line of a hundred megabytes, another encoding), line by line, with a word that is
 * no JSON in the place of each line that is none: records keep their numbers.
 */
export async function repaired(chunks: AsyncIterable<Buffer>, target: string): Promise<void> {
  async function* lines(): AsyncGenerator<Buffer> {
    try {
      for await (const { head, length, blank } of rawLines(chunks, longestLine)) {
        if (blank) continue;
        yield stays(head, length) ? head : Buffer.from('x');
        yield Buffer.from('\n');
      }
    } catch {
      // The packing is broken here: the index of lines says so.
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(target));
}
