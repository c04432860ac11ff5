import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../core/index.js';
import { utf8 } from '../input/bytes.js';
import { keptBytes, rawLines } from '../input/lines.js';
import type { Field } from '../sql/mapping.js';
import { globLiteral, literal, type Sql } from '../sql/sql.js';
import { parts, throughStage, type Group } from '../sql/staging.js';
import type { Store } from '../store.js';
import type { ReadCounts, ReadInput } from '../types.js';
import { parseHeader, type ZeekHeader } from './header.js';
import { zeekFilesKind, zeekMappings } from './mappings.js';

/** Lines that are read under one header: a log that was put together from several has more. */
interface Section {
  readonly header: ZeekHeader;
  /** First and last line. */
  readonly from: number;
  readonly to: number;
}

const other: Readonly<Record<string, readonly string[]>> = { observer: ['_system_name'] };

/** Fields of a row that was split into a list, by the header's names. */
function fieldsOf(header: ZeekHeader): { field: Field; columns: Group['fields']['columns'] } {
  const used = new Set<number>();
  const absent = `(${[header.unset, header.empty, ''].map(literal).join(', ')})`;
  return {
    field: (name) => {
      const at = [name, ...(other[name] ?? [])]
        .map((key) => header.fields.indexOf(key))
        .find((i) => i !== -1);
      if (at === undefined) return 'NULL::VARCHAR';
      used.add(at);
      return `f${String(at)}`;
    },
    columns: (relation, list) => {
      const columns = [...used].map((at) => {
        const item = `${list}[${String(at + 1)}]`;
        return `, CASE WHEN ${item} IN ${absent} THEN NULL ELSE zeek_text(${item}) END AS f${String(at)}`;
      });
      return `(select *${columns.join('')} from ${relation})`;
    },
  };
}

/** Only a text without these goes through the database's own scan; the longest line that it takes has 2 MB. */
const oddBytes = /[\0\x01\r]/;
const longestLine = 1024 * 1024;

function relation(path: string, gzip: boolean): Sql {
  return `read_csv(${globLiteral(path)}, header = false, auto_detect = false, delim = '\\x01', quote = '', escape = '',
    columns = {line: 'VARCHAR'}, compression = '${gzip ? 'gzip' : 'none'}')`;
}

/** A copy that can be scanned: line for line the same, but for the bytes that stood in the way. */
async function copied(input: ReadInput, target: string): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    for await (const { head, length } of rawLines(utf8(input.path, input.probe), longestLine)) {
      const text = length > longestLine ? '' : head.toString('utf8').replace(/\r$/, '');
      yield oddBytes.test(text) || length > longestLine ? 'unreadable\n' : `${text}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(target));
}

/** Reads lines into the staging table, split at the separator; `rowid` + 1 is the line. */
async function stageLines(
  input: ReadInput,
  store: Store,
  table: string,
  folder: string,
  separator: string,
): Promise<void> {
  const statement = (source: Sql): Sql => `create or replace temp table ${table} as
    select NULL::BIGINT AS line, CAST(${String(parts.ignored)} AS SMALLINT) AS part, NULL::VARCHAR AS kind, NULL::VARCHAR AS id,
      hash(line) AS digest, string_split(line, ${literal(separator)}) AS d from ${source}`;
  try {
    if (input.probe.gzip || input.probe.marked) throw new TypeError('packed');
    await store.run(statement(relation(input.path, false)));
  } catch {
    const target = join(folder, 'lines.log');
    await copied(input, target);
    await store.run(statement(relation(target, false)));
  }
}

async function sections(store: Store, table: string, separator: string): Promise<Section[]> {
  const marks = await store.rows<{ n: number; text: string }>(`
    select rowid + 1 AS n, array_to_string(d, ${literal(separator)}) AS text from ${table} where starts_with(d[1], '#') order by rowid`);
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

const between = ({ from, to }: Section): Sql => `rowid + 1 > ${String(from)} and rowid + 1 < ${String(to)}`;

/** Marks the rows of a section, and gives the groups that read them. */
async function mark(store: Store, table: string, section: Section, firstPart: number): Promise<Group[]> {
  const { header } = section;
  const count = String(header.fields.length);
  const source = header.fields.indexOf('source');
  const kind =
    header.log === 'files' ? zeekFilesKind(`d[${String(source + 1)}]`) : literal(`zeek ${header.log}`);
  const groups = zeekMappings.map((mapping, index): Group => {
    const { field, columns } = fieldsOf(header);
    return {
      part: firstPart + index,
      kinds: mapping.kinds,
      mappings: [{ mapping, columns: mapping.columns(field) }],
      fields: { columns },
    };
  });
  const cases = groups.flatMap((group) =>
    group.kinds.map((k) => `WHEN ${literal(k)} THEN ${String(group.part)}`),
  );
  await store.run(`update ${table} set kind = ${kind},
      part = CASE WHEN len(d) <> ${count} THEN ${String(parts.rejected)} ELSE CASE ${kind} ${cases.join(' ')} ELSE 0 END END
    where ${between(section)} and NOT starts_with(d[1], '#')`);
  return groups;
}

async function reportRejected(
  input: ReadInput,
  store: Store,
  table: string,
  separator: string,
): Promise<void> {
  const rejected = await store.rows<{ n: number; columns: number; raw: string }>(`
    select rowid + 1 AS n, len(d) AS columns, left(array_to_string(d, ${literal(separator)}), ${String(keptBytes)}) AS raw
    from ${table} where part = ${String(parts.rejected)} order by rowid limit 10000`);
  for (const { n, columns, raw } of rejected) {
    const reason = `${String(columns)} columns, and not as many as #fields names`;
    input.reject({ path: input.path, line: n, reason, raw });
  }
}

/** Reads one of Zeek's logs in its own format (values between separators, under a header). */
export async function readZeekTsv(input: ReadInput, store: Store): Promise<ReadCounts> {
  const separator = parseHeader(input.sample.text.split('\n'))?.separator ?? '\t';
  return throughStage(input, store, async (table, folder) => {
    try {
      await stageLines(input, store, table, folder, separator);
    } catch (error) {
      input.reject({ path: input.path, line: 1, reason: messageOf(error), raw: '' });
      throw error;
    }
    const groups: Group[] = [];
    const found = await sections(store, table, separator);
    for (const section of found) groups.push(...(await mark(store, table, section, groups.length + 1)));
    // Header lines and blank lines are no records; rows above the first header are records that nobody can read.
    const first = found[0]?.from ?? Number.MAX_SAFE_INTEGER;
    await store.run(`update ${table} set part = ${String(parts.rejected)}
      where rowid + 1 < ${String(first)} and NOT starts_with(d[1], '#')`);
    await reportRejected(input, store, table, separator);
    await store.run(
      `update ${table} set part = ${String(parts.none)} where d IS NULL or d[1] = '' and len(d) = 1 or starts_with(d[1], '#')`,
    );
    return groups;
  });
}
