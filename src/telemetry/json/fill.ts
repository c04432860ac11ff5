import { headObjects, type JsonLayout, type JsonObject } from '../input/objects.js';
import { globLiteral, type Sql } from '../sql/sql.js';
import { parts, recordNumber, type Group } from '../sql/staging.js';
import type { Store } from '../store.js';
import type { JsonKind } from '../types.js';
import { longestLine } from './index-lines.js';
import type { JsonShape } from './shape.js';
import type { Scan } from './typed-columns.js';
import { stagingOf, type Staging, type TypedStaging } from './stage.js';

/** A file of JSON records that the database can scan. */
export interface JsonFile {
  readonly path: string;
  readonly layout: JsonLayout;
  readonly gzip: boolean;
}

/** Arguments of the database's JSON readers. One of arrays and of pretty-printed text cannot step over an error. */
function settings({ path, layout, gzip }: JsonFile): Sql {
  const ignore = layout === 'newline_delimited' ? ', ignore_errors = true' : '';
  return `${globLiteral(path)}, format = '${layout}', maximum_object_size = ${String(longestLine)},
    compression = '${gzip ? 'gzip' : 'uncompressed'}'${ignore}`;
}

/** Records as they are, in the column `json`; NULL for a line that is no JSON. */
const objects = (file: JsonFile): Sql => `read_json_objects(${settings(file)})`;

const columnsOf =
  (file: JsonFile) =>
  (columns: Sql): Sql =>
    `read_json(${settings(file)}, columns = ${columns})`;

/**
 * Fills the staging table from a file. JSON lines are scanned by columns where the shape allows it, which costs a quarter of taking
 * the same fields out of whole records.
 * @returns the groups of mappings that its parts stand for
 */
export async function fill(
  store: Store,
  shape: JsonShape,
  table: string,
  file: JsonFile,
): Promise<readonly Group[]> {
  const staging = stagingOf(shape);
  const { typed, groups } = staging;
  if (typed === undefined || file.layout !== 'newline_delimited') {
    await store.run(staging.objects(objects(file), table));
    return groups;
  }
  await store.run(typed.first(columnsOf(file), table));
  await addSpellings(store, typed, table, columnsOf(file));
  await readOdd(store, staging, table, file);
  return groups;
}

/** An empty staging table, where an input could not be read at all: one rejected record. */
export async function fillNothing(store: Store, shape: JsonShape, table: string): Promise<void> {
  await store.run(stagingOf(shape).objects('(select NULL::JSON AS json)', table));
}

/** An update of a list moves its row: record numbers are written down before. */
const keepNumbers = (store: Store, table: string): Promise<void> =>
  store.run(`update ${table} set record = rowid + 1 where record IS NULL`);

/** Fields of the first scan stay; what only another spelling has is added. */
export async function addSpellings(
  store: Store,
  { further }: TypedStaging,
  table: string,
  columns: Scan,
): Promise<void> {
  if (further.length === 0) return;
  const rows = await store.rows<{ part: number }>(`select distinct part from ${table} where part > 0`);
  for (const scan of further) {
    const present = rows.map(({ part }) => part).filter((part) => scan.parts.has(part));
    if (present.length === 0) continue;
    const spelled = `${table}_spelled`;
    await store.run(`create temp table ${spelled} as ${scan.select(columns)}`);
    await keepNumbers(store, table);
    for (const part of present) {
      await store.run(`update ${table} set d = list_transform(list_zip(${table}.d, s.d${String(part)}), lambda x: coalesce(x[1], x[2]))
        from ${spelled} s where ${table}.record = s.rowid + 1 and ${table}.part = ${String(part)}`);
    }
    await store.run(`drop table ${spelled}`);
  }
}

/** Records of a file by their numbers, as a whole. */
const numbered = (file: JsonFile, numbers: Sql): Sql =>
  `(select json, n from (select json, row_number() over () AS n from ${objects(file)}) where n IN (${numbers}))`;

/** Reads records again, as a whole, by a shape; what it knows of them takes the place of what was known before. */
async function readAgain(
  store: Store,
  staging: Staging,
  table: string,
  file: JsonFile,
  numbers: Sql,
): Promise<void> {
  const again = `${table}_again`;
  await store.run(staging.objects(numbered(file, numbers), again, ['n']));
  await keepNumbers(store, table);
  await store.run(`update ${table} set part = a.part, kind = a.kind, id = a.id, digest = a.digest, d = a.d
    from ${again} a where ${table}.record = a.n`);
  await store.run(`drop table ${again}`);
}

/**
 * A record that gave nothing but NULLs may be no JSON, no object, or an object with other keys than those that were asked for: only
 * these are read again.
 */
async function readOdd(store: Store, staging: Staging, table: string, file: JsonFile): Promise<void> {
  const odd = `select ${recordNumber} from ${table} where part = ${String(parts.rejected)}`;
  if ((await count(store, odd)) > 0) await readAgain(store, staging, table, file, odd);
}

async function count(store: Store, rows: Sql): Promise<number> {
  const [found] = await store.rows<{ n: number }>(`select count(*) AS n from (${rows})`);
  return found?.n ?? 0;
}

/**
 * Takes out of a file of JSON lines what is of other shapes: one after the other, that which most of the unknown records have.
 * @returns the names of the shapes that were found, and their groups
 */
export async function fillOthers(
  store: Store,
  table: string,
  file: JsonFile,
  others: ReadonlyMap<string, JsonKind>,
  firstPart: number,
): Promise<{ readonly names: readonly string[]; readonly groups: readonly Group[] }> {
  const left = new Map(others);
  const names: string[] = [];
  const groups: Group[] = [];
  const unknown = `select ${recordNumber} from ${table} where part = ${String(parts.ignored)} and kind = 'unrecognised'`;
  while (left.size > 0 && (await count(store, unknown)) > 0) {
    const sample = await store.rows<{ json: string | null }>(
      `select json::VARCHAR AS json from ${numbered(file, `${unknown} limit 200`)}`,
    );
    const name = kindOf(
      sample.flatMap(({ json }) => (json === null ? [] : headObjects(json))),
      left,
    );
    const kind = name === undefined ? undefined : left.get(name);
    if (name === undefined || kind === undefined) break;
    left.delete(name);
    const staging = stagingOf(kind.shape, firstPart + groups.length);
    await readAgain(store, staging, table, file, unknown);
    names.push(name);
    groups.push(...staging.groups);
  }
  return { names, groups };
}

/** The kind that most of the records are of; undefined where none is of any. */
function kindOf(records: readonly JsonObject[], kinds: ReadonlyMap<string, JsonKind>): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const [name, { own }] of kinds) {
    const found = records.filter(own).length;
    if (found <= most) continue;
    best = name;
    most = found;
  }
  return best;
}
