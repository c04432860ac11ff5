import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { utf8, type Probe } from '../input/bytes.js';
import { insertStatement } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import type { Store } from '../store.js';
import type { ReadCounts, ReadInput } from '../types.js';
import { indexLines, longestLine, type LineIndex } from './index-lines.js';
import { repaired } from './repair.js';
import type { JsonShape } from './shape.js';
import { parts, stageStatement, type Group } from './stage.js';

/** How the records are laid out in the text. */
export type JsonLayout = 'newline_delimited' | 'array' | 'unstructured';

let tables = 0;

/** A path as DuckDB takes it: absolute, so that it is no address, with the signs of its globs quoted. */
export const globLiteral = (path: string): Sql => literal(resolve(path).replace(/[*?[]/g, '[$&]'));

function relation(path: string, layout: JsonLayout, gzip: boolean): Sql {
  // A reader of arrays and of pretty-printed text cannot step over an error.
  const ignore = layout === 'newline_delimited' ? ', ignore_errors = true' : '';
  return `read_json_objects(${globLiteral(path)}, format = '${layout}', maximum_object_size = ${String(longestLine)},
    compression = '${gzip ? 'gzip' : 'uncompressed'}'${ignore})`;
}

/** Fills a staging table, then the model's tables from it. */
async function throughStage(
  input: ReadInput,
  store: Store,
  fill: (table: string, folder: string) => Promise<readonly Group[]>,
): Promise<ReadCounts> {
  tables += 1;
  const table = `staged_${String(tables)}`;
  const folder = await mkdtemp(join(tmpdir(), 'dyetrace-read-'));
  try {
    const groups = await fill(table, folder);
    await markDuplicates(store, table);
    const rows = await insertRows(input, store, table, groups);
    return { ...(await counts(store, table)), rows };
  } finally {
    await store.run(`drop table if exists ${table}`);
    await rm(folder, { recursive: true, force: true });
  }
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

/** The same own id, in this input or an earlier one, or the same raw record within this input: stored once. */
async function markDuplicates(store: Store, table: string): Promise<void> {
  await store.run('create temp table if not exists seen_record (digest UBIGINT)');
  const used = `from ${table} where part > 0`;
  const [row] = await store.rows<{ n: number; different: number; again: number }>(`
    select count(*) AS n, count(distinct digest) AS different,
      count_if(id IS NOT NULL AND digest IN (select digest from seen_record)) AS again ${used}`);
  if (row !== undefined && (row.n !== row.different || row.again > 0)) {
    await store.run(`update ${table} set part = ${String(parts.duplicate)} where rowid IN (
      select r from (select rowid AS r, row_number() over (partition by id, digest order by rowid) AS nth,
        id IS NOT NULL AND digest IN (select digest from seen_record) AS again ${used}) where nth > 1 or again)`);
  }
  await store.run(`insert into seen_record select digest ${used} and id IS NOT NULL`);
}

async function insertRows(
  { path, label }: ReadInput,
  store: Store,
  table: string,
  groups: readonly Group[],
): Promise<number> {
  let rows = 0;
  const found = await store.rows<{ part: number }>(`select distinct part from ${table} where part > 0`);
  const present = new Set(found.map(({ part }) => part));
  for (const group of groups.filter(({ part }) => present.has(part))) {
    const staged = `(select coalesce(line, rowid + 1) AS n, id, kind, d from ${table} where part = ${String(group.part)})`;
    const source = group.extraction.columns(staged, 'd');
    for (const { mapping, columns } of group.mappings) {
      rows += await store.insert(insertStatement(mapping.table, columns, source, { path, label }));
    }
  }
  return rows;
}

/** What became of the records, by the staging table. */
async function counts(store: Store, table: string): Promise<Omit<ReadCounts, 'rows'>> {
  const groups = await store.rows<{ state: string; kind: string | null; n: number }>(`
    select CASE part WHEN ${String(parts.ignored)} THEN 'ignored' WHEN ${String(parts.rejected)} THEN 'rejected'
      WHEN ${String(parts.duplicate)} THEN 'duplicate' ELSE 'used' END AS state,
      CASE WHEN part = ${String(parts.ignored)} THEN kind END AS kind, count(*) AS n
    from ${table} group by 1, 2 order by n desc, kind`);
  const of = (state: string): number =>
    groups.filter((group) => group.state === state).reduce((sum, { n }) => sum + n, 0);
  const ignored = groups.flatMap(({ kind, n }) => (kind === null ? [] : [[kind, n] as const]));
  return {
    records: groups.reduce((sum, { n }) => sum + n, 0),
    used: of('used'),
    ignored: Object.fromEntries(ignored),
    rejected: of('rejected'),
    duplicates: of('duplicate'),
  };
}
