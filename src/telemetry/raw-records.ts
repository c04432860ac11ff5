import { eventsAt } from '../evtx/index.js';
import { probe, utf8 } from './input/bytes.js';
import { rawLines } from './input/lines.js';
import { layoutOf } from './input/objects.js';
import { readers as known } from './readers.js';

/** Where a record stands. */
export interface Pointer {
  readonly file: string;
  /** Number of the record, from 1; in EVTX files its offset in bytes. */
  readonly offset: number;
}

/** Readers of text other than JSON whose records are lines: there blank lines count. */
const textLines = ['zeek-tsv'];

/**
 * The raw text of records in files of lines, one pass per file, by `<file>:<offset>`; a record of an EVTX file as JSON. A file of
 * another kind, or one that is gone, gives nothing.
 * @param readers which reader took which file
 */
export async function rawRecords(
  pointers: readonly Pointer[],
  readers: ReadonlyMap<string, string | null>,
): Promise<ReadonlyMap<string, string>> {
  const byFile = new Map<string, Set<number>>();
  for (const { file, offset } of pointers) byFile.set(file, (byFile.get(file) ?? new Set()).add(offset));
  const found = new Map<string, string>();
  for (const [file, offsets] of byFile) {
    // The first of several: all of them are of one kind of file.
    const [reader = ''] = (readers.get(file) ?? '').split('+');
    if (reader === 'evtx') {
      const events = await eventsAt(file, offsets).catch(() => new Map<number, string>());
      for (const [offset, event] of events) found.set(`${file}:${String(offset)}`, event);
      continue;
    }
    const countsBlank = textLines.includes(reader);
    const isJson = known.has(reader) && known.get(reader).json !== undefined;
    if (!countsBlank && !isJson) continue;
    const look = await probe(file).catch(() => undefined);
    // Records of an array, or over several lines, are no lines.
    if (look === undefined || (isJson && layoutOf(look.sample.text) !== 'newline_delimited')) continue;
    const last = Math.max(...offsets);
    let record = 0;
    for await (const { head, blank } of rawLines(utf8(file, look))) {
      if (!blank || countsBlank) record += 1;
      if (offsets.has(record) && !blank) found.set(`${file}:${String(record)}`, head.toString('utf8'));
      if (record >= last) break;
    }
  }
  return found;
}
