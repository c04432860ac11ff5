import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../store.js';
import type { ReadCounts, ReadInput } from '../types.js';
import { insertStatement, type Field, type Mapping } from './mapping.js';
import type { Sql } from './sql.js';

/**
 * What became of a staged record, in the column `part`: the number of its group (from 1), or one of these. `none` is no record: a
 * comment, a blank line.
 */
export const parts = { ignored: 0, rejected: -1, duplicate: -2, none: -3 } as const;

/** Number of a staged record, from 1. A row that was updated may have moved: its number is written down before. */
export const recordNumber: Sql = 'coalesce(record, rowid + 1)';

/** Gives fields as expressions over the columns of a relation. */
export interface FieldSource {
  readonly field: Field;
  /** A relation with the columns that fields speak of besides those of `relation`. @param text gives a text, by its number from 0. */
  columns(relation: Sql, text: (at: number) => Sql): Sql;
}

/** Mappings of the same kinds of records. */
export interface Group<Fields extends FieldSource = FieldSource> {
  /** From 1. */
  readonly part: number;
  readonly kinds: readonly string[];
  readonly unneeded: Mapping['unneeded'];
  readonly mappings: readonly {
    readonly mapping: Mapping;
    readonly columns: Readonly<Record<string, Sql>>;
  }[];
  readonly fields: Fields;
}

/** @param firstPart number of the first group. */
export function groupMappings<Fields extends FieldSource>(
  mappings: readonly Mapping[],
  fieldsOf: () => Fields,
  firstPart = 1,
): Group<Fields>[] {
  const byKinds = new Map<string, Mapping[]>();
  for (const mapping of mappings) {
    const key = mapping.kinds.join('\n');
    byKinds.set(key, [...(byKinds.get(key) ?? []), mapping]);
  }
  return [...byKinds.values()].map((same, index) => {
    const fields = fieldsOf();
    return {
      part: firstPart + index,
      kinds: same[0]?.kinds ?? [],
      unneeded: same[0]?.unneeded,
      mappings: same.map((mapping) => ({ mapping, columns: mapping.columns(fields.field) })),
      fields,
    };
  });
}

let tables = 0;

/** Fills a staging table, then the model's tables from it. */
export async function throughStage(
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
    const staged = `(select coalesce(line, ${recordNumber}) AS n, id, kind, d from ${table} where part = ${String(group.part)})`;
    const source = group.fields.columns(staged, (at) => `d[${String(at + 1)}]`);
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
    from ${table} where part <> ${String(parts.none)} group by 1, 2 order by n desc, kind`);
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
