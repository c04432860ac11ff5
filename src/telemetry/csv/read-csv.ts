import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../core/index.js';
import { utf8 } from '../input/bytes.js';
import { keptBytes } from '../input/lines.js';
import { addSpellings, fillNothing } from '../json/fill.js';
import type { JsonShape } from '../json/shape.js';
import { stagingOf, type TypedStaging } from '../json/stage.js';
import type { Scan } from '../json/typed-columns.js';
import { globLiteral, literal, type Sql } from '../sql/sql.js';
import { parts, throughStage } from '../sql/staging.js';
import type { Store } from '../store.js';
import type { ReadCounts, Reader, ReadInput } from '../types.js';
import { csvHeader, type CsvHeader } from './header.js';

/** A longer record is rejected; the scan holds twice as much per thread. */
const longestRecord = 8 * 1024 * 1024;

const quoted = (name: string): Sql => `"${name.replaceAll('"', '""')}"`;

/** The columns by the header's names, as text; NULL for one that the file does not have. */
const columnsOf =
  (path: string, { delimiter, names, skip }: CsvHeader, rejects: string): Scan =>
  (_, wanted) => {
    const types = names.map((_name, at) => `c${String(at)}: 'VARCHAR'`).join(', ');
    const taken = wanted.map((name) => {
      const at = names.indexOf(name);
      return `${at === -1 ? 'NULL::VARCHAR' : `c${String(at)}`} AS ${quoted(name)}`;
    });
    return `(select ${taken.join(', ')} from read_csv(${globLiteral(path)}, auto_detect = false, header = false, skip = ${String(skip)},
      delim = ${literal(delimiter)}, quote = '"', escape = '"', columns = {${types}}, compression = 'none', max_line_size = ${String(longestRecord)},
      buffer_size = ${String(2 * longestRecord)}, store_rejects = true, rejects_table = '${rejects}', rejects_scan = '${rejects}_scan', rejects_limit = 0))`;
  };

/** Records that the scan could not read: each is one rejected record, though it may have been wrong in several ways. */
async function takeRejects(
  { path, reject }: ReadInput,
  store: Store,
  table: string,
  rejects: string,
): Promise<void> {
  const bad = await store.rows<{ line: number; reason: string; raw: string | null }>(`
    select CAST(line AS BIGINT) AS line, min(error_message) AS reason, left(ltrim(min(csv_line), chr(13) || chr(10)), ${String(keptBytes)}) AS raw
    from ${rejects} group by line order by line limit 10000`);
  for (const { line, reason, raw } of bad) reject({ path, line, reason, raw: raw ?? '' });
  await store.run(
    `insert into ${table} (part) select ${String(parts.rejected)} from (select distinct line from ${rejects})`,
  );
}

const dropRejects = async (store: Store, rejects: string): Promise<void> => {
  await store.run(`drop table if exists ${rejects}`);
  await store.run(`drop table if exists ${rejects}_scan`);
};

/** @returns whether it was done: with `last` false, nothing is done where a record is rejected. */
async function stage(
  input: ReadInput,
  store: Store,
  typed: TypedStaging,
  { table, path, header, last }: { table: string; path: string; header: CsvHeader; last: boolean },
): Promise<boolean> {
  const rejects = `${table}_bad`;
  try {
    await store.run(typed.first(columnsOf(path, header, rejects), table));
    const [bad] = await store.rows<{ n: number }>(`select count(*) AS n from ${rejects}`);
    if (!last && (bad?.n ?? 0) > 0) return false;
    // A record without any field that is known is none of ours; it was read.
    await store.run(
      `update ${table} set part = ${String(parts.ignored)}, kind = 'unrecognised' where part = ${String(parts.rejected)}`,
    );
    // A second scan writes down what it rejects once more.
    await addSpellings(store, typed, table, columnsOf(path, header, `${rejects}_again`));
    await takeRejects(input, store, table, rejects);
    return true;
  } finally {
    await dropRejects(store, rejects);
    await dropRejects(store, `${rejects}_again`);
  }
}

/** A copy in UTF-8 without carriage returns, which the scan takes in one kind of line end only. */
async function copied({ path, probe }: ReadInput, target: string): Promise<string | undefined> {
  let broken: string | undefined;
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of utf8(path, probe)) yield Buffer.from(chunk.filter((byte) => byte !== 0x0d));
    } catch (error) {
      broken = messageOf(error);
    }
  }
  await pipeline(Readable.from(chunks()), createWriteStream(target));
  return broken;
}

/** Reads comma-separated values: columns are fields by their names, whatever their order. */
async function readCsv(input: ReadInput, store: Store, shape: JsonShape): Promise<ReadCounts> {
  const staging = stagingOf(shape);
  const { typed, groups } = staging;
  const { path, probe, sample } = input;
  return throughStage(input, store, async (table, folder) => {
    const header = csvHeader(sample);
    if (typed === undefined || header === undefined) return [];
    if (probe.packing === 'none' && !probe.marked) {
      try {
        if (await stage(input, store, typed, { table, path, header, last: false })) return groups;
      } catch {
        // As below.
      }
      // Line ends of two kinds look like records that are none: once more, from a copy with one.
    }
    const copy = join(folder, 'records.csv');
    const broken = await copied(input, copy);
    const reject = async (reason: string): Promise<void> => {
      const [row] = await store.rows<{ n: number }>(`select count(*) AS n from ${table}`);
      input.reject({ path, line: (row?.n ?? 0) + 1, reason, raw: '' });
    };
    try {
      await stage(input, store, typed, { table, path: copy, header, last: true });
    } catch (error) {
      await fillNothing(store, shape, table);
      await reject(messageOf(error).split('\n')[0] ?? '');
      return [];
    }
    if (broken !== undefined) {
      await reject(`the input ends early: ${broken}`);
      await store.run(`insert into ${table} (part) values (${String(parts.rejected)})`);
    }
    return groups;
  });
}

/** A reader of comma-separated values. @param own whether a file with these columns is of this shape. */
export function csvReader(shape: JsonShape, own: (columns: ReadonlySet<string>) => boolean): Reader {
  // Columns have names, no paths.
  const flat: JsonShape = {
    ...shape,
    paths: (name) => shape.paths(name).filter(({ length }) => length === 1),
  };
  return {
    sniff: (sample) => {
      const header = csvHeader(sample);
      return header !== undefined && own(new Set(header.names)) ? 1 : 0;
    },
    read: (input, store) => readCsv(input, store, flat),
  };
}
