import { join } from 'node:path';
import { utf8, type Probe } from '../input/bytes.js';
import { globLiteral, type Sql } from '../sql/sql.js';
import { parts, throughStage, type Group } from '../sql/staging.js';
import type { Store } from '../store.js';
import type { ReadCounts, ReadInput } from '../types.js';
import { indexLines, longestLine, type LineIndex } from './index-lines.js';
import { repaired } from './repair.js';
import type { JsonShape } from './shape.js';
import { stageStatement } from './stage.js';

/** How the records are laid out in the text. */
export type JsonLayout = 'newline_delimited' | 'array' | 'unstructured';

function relation(path: string, layout: JsonLayout, gzip: boolean): Sql {
  // A reader of arrays and of pretty-printed text cannot step over an error.
  const ignore = layout === 'newline_delimited' ? ', ignore_errors = true' : '';
  return `read_json_objects(${globLiteral(path)}, format = '${layout}', maximum_object_size = ${String(longestLine)},
    compression = '${gzip ? 'gzip' : 'uncompressed'}'${ignore})`;
}

/** Reads an input of JSON records of one shape into the store. */
export async function readJson(
  input: ReadInput,
  store: Store,
  shape: JsonShape,
  layout: JsonLayout = 'newline_delimited',
): Promise<ReadCounts> {
  return throughStage(input, store, (table, folder) =>
    stageInput(input, store, shape, layout, table, folder),
  );
}

/**
 * Reads an input that has to be turned into JSON lines first.
 * @param convert writes them to the path that it is given, and says how many records it rejected.
 */
export async function readConverted(
  input: ReadInput,
  store: Store,
  shape: JsonShape,
  convert: (target: string) => Promise<number>,
): Promise<ReadCounts> {
  let rejected = 0;
  const read = await throughStage(input, store, async (table, folder) => {
    const target = join(folder, 'records.ndjson');
    rejected = await convert(target);
    const { statement, groups } = stageStatement(shape, relation(target, 'newline_delimited', false), table);
    await store.run(statement);
    return groups;
  });
  return { ...read, records: read.records + rejected, rejected: read.rejected + rejected };
}

/** Fills the staging table, with rejected records reported and line numbers put right. */
async function stageInput(
  input: ReadInput,
  store: Store,
  shape: JsonShape,
  layout: JsonLayout,
  table: string,
  folder: string,
): Promise<readonly Group[]> {
  const { path, probe } = input;
  const copy = join(folder, 'records.ndjson');
  const stage = async (source: string, gzip: boolean): Promise<readonly Group[]> => {
    const { statement, groups } = stageStatement(shape, relation(source, layout, gzip), table);
    await store.run(statement);
    return groups;
  };
  const stageCopy = async (): Promise<readonly Group[]> => {
    await repaired(utf8(path, probe), copy);
    return stage(copy, false);
  };
  if (layout !== 'newline_delimited') return stage(path, probe.gzip);
  const plain = probe.encoding === 'utf-8' && !probe.marked;
  let groups: readonly Group[];
  try {
    groups = plain ? await stage(path, probe.gzip) : await stageCopy();
  } catch {
    // A line beyond all limits, or bytes that the scan does not take: once more, from a copy without them.
    groups = await stageCopy();
  }
  if (!(await needsIndex(store, table, probe))) return groups;
  const index = await indexBadLines(input, store, table);
  const staged = await recordCount(store, table);
  if (index.records === staged) {
    await applyIndex(input, store, table, index);
    return groups;
  }
  groups = await stageCopy();
  await applyIndex(input, store, table, await indexBadLines(input, store, table));
  return groups;
}

async function recordCount(store: Store, table: string): Promise<number> {
  const [row] = await store.rows<{ n: number }>(`select count(*) AS n from ${table}`);
  return row?.n ?? 0;
}

/** Record and line numbers are the same unless there are blank lines or blanks around records: then the sizes do not add up. */
async function needsIndex(store: Store, table: string, probe: Probe): Promise<boolean> {
  const [row] = await store.rows<{ n: number; bad: number; bytes: number | null }>(
    `select count(*) AS n, count_if(part = ${String(parts.rejected)}) AS bad, sum(size)::BIGINT AS bytes from ${table}`,
  );
  const lines = (row?.bytes ?? 0) + (row?.n ?? 0);
  return probe.gzip || (row?.bad ?? 0) > 0 || (lines !== probe.size && lines !== probe.size + 1);
}

async function indexBadLines(input: ReadInput, store: Store, table: string): Promise<LineIndex> {
  const bad = await store.rows<{ n: number }>(
    `select rowid + 1 AS n from ${table} where part = ${String(parts.rejected)} order by rowid`,
  );
  return indexLines(utf8(input.path, input.probe), new Set(bad.map(({ n }) => n)));
}

async function applyIndex(input: ReadInput, store: Store, table: string, index: LineIndex): Promise<void> {
  for (const { line, reason, raw } of index.bad.values())
    input.reject({ path: input.path, line, reason, raw });
  if (index.broken !== undefined) {
    // What came before the break is kept; the break itself is one rejected record.
    const line = index.records + 1;
    input.reject({ path: input.path, line, reason: `the input ends early: ${index.broken}`, raw: '' });
    await store.run(`insert into ${table} (part) values (${String(parts.rejected)})`);
  }
  if (index.shifts.length === 0) return;
  const shifts = index.shifts.map(({ record, shift }) => `(${String(record)}, ${String(shift)})`);
  await store.run(`update ${table} set line = rowid + 1 + s.shift from (
      select record, shift, coalesce(lead(record) over (order by record), 9223372036854775807) AS next
      from (values ${shifts.join(', ')}) v(record, shift)) s
    where ${table}.rowid + 1 >= s.record and ${table}.rowid + 1 < s.next`);
}
