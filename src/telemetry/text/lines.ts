import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../core/index.js';
import { utf8 } from '../input/bytes.js';
import { rawLines } from '../input/lines.js';
import { globLiteral, type Sql } from '../sql/sql.js';
import type { ReadInput } from '../types.js';

/** Longer lines are cut in a copy; the database's own scan takes up to 2 MB. */
const longestLine = 1024 * 1024;
/** Stands before a line that was cut, and for bytes that the scan does not take: no form begins with it. */
export const replacement = '\ufffd';

/** One column `line`, in the order of the file; NULL for an empty line. */
const relation = (path: string): Sql =>
  `read_csv(${globLiteral(path)}, header = false, auto_detect = false, delim = '\\x01', quote = '', escape = '',
    columns = {line: 'VARCHAR'}, compression = 'none')`;

/** A copy, line for line the same but for what the scan does not take. @returns why the input ended early, if it did. */
async function copied({ path, probe }: ReadInput, target: string): Promise<string | undefined> {
  let broken: string | undefined;
  async function* lines(): AsyncGenerator<string> {
    try {
      for await (const { head, length } of rawLines(utf8(path, probe), longestLine)) {
        const text = head
          .toString('utf8')
          .replace(/\r$/, '')
          .replaceAll(/[\0\x01\r]/g, replacement);
        yield length > longestLine ? `${replacement}${text}\n` : `${text}\n`;
      }
    } catch (error) {
      broken = messageOf(error);
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(target));
  return broken;
}

/**
 * Scans the lines of an input where they lie, or a copy of them where the input is packed, in another encoding, or holds bytes that
 * the scan does not take.
 * @param use takes the relation of lines; it may be called twice.
 * @returns what `use` gives, and why the input ended early (a broken packing), if it did.
 */
export async function overLines<Result>(
  input: ReadInput,
  folder: string,
  use: (lines: Sql) => Promise<Result>,
): Promise<{ readonly result: Result; readonly broken: string | undefined }> {
  if (!input.probe.gzip && !input.probe.marked) {
    try {
      return { result: await use(relation(input.path)), broken: undefined };
    } catch {
      // Bytes that are no UTF-8, line ends of two kinds, a line beyond the limit: once more, from a copy without them.
    }
  }
  const target = join(folder, 'lines.log');
  const broken = await copied(input, target);
  return { result: await use(relation(target)), broken };
}
