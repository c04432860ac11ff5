import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../core/index.js';
import { utf8 } from '../input/bytes.js';
import { keptBytes, rawLines } from '../input/lines.js';
import { globLiteral, literal, type Sql } from '../sql/sql.js';
import { parts, throughStage, type Group } from '../sql/staging.js';
import type { Store } from '../store.js';
import type { ReadCounts, ReadInput } from '../types.js';
import { parseHeader, type ZeekHeader } from './header.js';
import { tsvStage } from './tsv-stage.js';

/** Lines that are read under one header: a log that was put together from several has more. */
interface Section {
  readonly header: ZeekHeader;
  /** First and last line. */
  readonly from: number;
  readonly to: number;
}

/** Only a text without these goes through the database's own scan; the longest line that it takes has 2 MB. */
const oddBytes = /[\0\x01\r]/;
const longestLine = 1024 * 1024;

const relation = (path: string): Sql =>
  `read_csv(${globLiteral(path)}, header = false, auto_detect = false, delim = '\\x01', quote = '', escape = '',
    columns = {line: 'VARCHAR'}, compression = 'none')`;

/** A copy that can be scanned: line for line the same, but for the bytes that stood in the way. */
async function copied(input: ReadInput, target: string): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    try {
      for await (const { head, length } of rawLines(utf8(input.path, input.probe), longestLine)) {
        const text = length > longestLine ? '' : head.toString('utf8').replace(/\r$/, '');
        yield oddBytes.test(text) || length > longestLine ? 'unreadable\n' : `${text}\n`;
      }
    } catch (error) {
      // A line that no log has: it is rejected, and what came before the break is kept.
      yield `the input ends early: ${messageOf(error)}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(target));
}

/** Runs a statement over the lines of the input; over a copy where the scan does not take them as they are. */
async function overLines(
  input: ReadInput,
  store: Store,
  folder: string,
  statement: (lines: Sql) => Sql,
): Promise<void> {
  try {
    if (input.probe.packing !== 'none' || input.probe.marked) throw new TypeError('packed');
    await store.run(statement(relation(input.path)));
  } catch {
    const target = join(folder, 'lines.log');
    await copied(input, target);
    await store.run(statement(relation(target)));
  }
}

/** The sections, by the lines that start with `#`. */
async function sections(store: Store, comments: Sql): Promise<Section[]> {
  const marks = await store.rows<{ n: number; text: string }>(`${comments} order by n`);
  const found: Section[] = [];
  let lines: string[] = [];
  for (const { n, text } of marks) {
    lines.push(text);
    // `#types` follows `#fields`, and rows follow that.
    if (!text.startsWith('#fields')) continue;
    const header = parseHeader(lines);
    const last = found.at(-1);
    if (last !== undefined) found[found.length - 1] = { ...last, to: n };
    if (header !== undefined) found.push({ header, from: n, to: Number.MAX_SAFE_INTEGER });
    // A later header may leave out what has not changed.
    lines = lines.slice(-20);
  }
  return found;
}

/** Reads all lines under the header at the head. @returns undefined where other headers follow, or rows stand above the first. */
async function stageAtOnce(
  input: ReadInput,
  store: Store,
  table: string,
  folder: string,
): Promise<readonly Group[] | undefined> {
  const header = parseHeader(input.sample.text.split('\n'));
  if (header === undefined) return undefined;
  const stage = tsvStage(header, 1);
  await overLines(input, store, folder, (lines) => stage.statement(lines, table));
  const found = await sections(
    store,
    `select rowid + 1 AS n, raw AS text from ${table} where starts_with(raw, '#')`,
  );
  const same = JSON.stringify(header);
  if (found.length === 0 || found.some((section) => JSON.stringify(section.header) !== same))
    return undefined;
  const [above] = await store.rows<{ n: number }>(
    `select count(*) AS n from ${table} where rowid + 1 < ${String(found[0]?.from ?? 0)} and part <> ${String(parts.none)}`,
  );
  return above?.n === 0 ? stage.groups : undefined;
}

/** Keeps every line, and then judges each section under its own header. */
async function stageBySection(
  input: ReadInput,
  store: Store,
  table: string,
  folder: string,
): Promise<readonly Group[]> {
  const separator = parseHeader(input.sample.text.split('\n'))?.separator ?? '\t';
  await overLines(
    input,
    store,
    folder,
    (lines) => `create or replace temp table ${table} as
      select NULL::BIGINT AS line, NULL::BIGINT AS record, CAST(CASE WHEN coalesce(line = '' OR starts_with(line, '#'), true) THEN ${String(parts.none)}
        ELSE ${String(parts.rejected)} END AS SMALLINT) AS part, NULL::VARCHAR AS kind, NULL::VARCHAR AS id, hash(line) AS digest,
        string_split(line, ${literal(separator)}) AS d, line AS raw from ${lines}`,
  );
  const groups: Group[] = [];
  const found = await sections(
    store,
    `select rowid + 1 AS n, raw AS text from ${table} where starts_with(raw, '#')`,
  );
  for (const { header, from, to } of found) {
    const stage = tsvStage(header, groups.length + 1);
    // A row above the first header stays rejected: nobody can read it.
    const rows = `rowid + 1 > ${String(from)} and rowid + 1 < ${String(to)} and part <> ${String(parts.none)}`;
    await store.run(stage.mark(table, rows));
    groups.push(...stage.groups);
  }
  return groups;
}

async function reportRejected({ path, reject }: ReadInput, store: Store, table: string): Promise<void> {
  const rejected = await store.rows<{ n: number; raw: string }>(`
    select rowid + 1 AS n, left(raw, ${String(keptBytes)}) AS raw
    from ${table} where part = ${String(parts.rejected)} order by rowid limit 10000`);
  for (const { n, raw } of rejected) {
    reject({ path, line: n, reason: 'not as many values as #fields names', raw });
  }
}

/** Reads one of Zeek's logs in its own format (values between separators, under a header). */
export async function readZeekTsv(input: ReadInput, store: Store): Promise<ReadCounts> {
  return throughStage(input, store, async (table, folder) => {
    try {
      const groups =
        (await stageAtOnce(input, store, table, folder)) ??
        (await stageBySection(input, store, table, folder));
      await reportRejected(input, store, table);
      return groups;
    } catch (error) {
      input.reject({ path: input.path, line: 1, reason: messageOf(error), raw: '' });
      throw error;
    }
  });
}
