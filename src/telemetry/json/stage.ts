import { literal, type Sql } from '../sql/sql.js';
import { groupMappings, parts, type Group } from '../sql/staging.js';
import { extraction, type Extraction } from './fields.js';
import { longestLine } from './index-lines.js';
import { jsonPath, type JsonShape, type Path } from './shape.js';
import { typedColumns, type Scan, type TypedColumns } from './typed-columns.js';

/** What stands in for the records' texts. */
interface Source {
  /** One row per record. */
  readonly relation: Sql;
  /** Whether a row is a record. */
  readonly ok: Sql;
  /** A text of the header, by its number from 0. */
  readonly header: (at: number) => Sql;
  readonly list: (paths: readonly Path[]) => Sql;
  /** Tells a record that has no id of its own from others; over the columns of `relation`, `kind` and the list `d`. */
  readonly digest: Sql;
  /** Columns that are kept besides. */
  readonly kept: readonly string[];
}

interface Fields extends Group {
  readonly fields: Extraction;
}

/** Statements that stage an input of one shape: one row per record, in the order of the file. */
export interface Staging {
  readonly groups: readonly Group[];
  /**
   * Reads a whole input once, in parallel, into the table `name`: `rowid` + 1 is the record's number. Records of unwanted kinds leave
   * nothing but their kind.
   * @param relation gives one column `json`, NULL for a line that is no JSON, and those that are to be kept.
   */
  objects(relation: Sql, name: string, kept?: readonly string[]): Sql;
  /** The same by a scan of columns; undefined for a shape that needs the whole text of a record. */
  readonly typed: TypedStaging | undefined;
}

export interface TypedStaging {
  /** @param scan gives `read_json` with the columns. A record that is no object, or in which nothing is known, is rejected. */
  first(scan: Scan, name: string): Sql;
  /**
   * Fields whose names differ in case alone from others that have been read: a scan for each of their spellings, for the parts that
   * need them. It gives the column `d`, row by row.
   */
  readonly further: readonly {
    readonly parts: ReadonlySet<number>;
    select(scan: Scan): Sql;
  }[];
}

function fieldsOf(
  shape: JsonShape,
  firstPart: number,
): {
  header: Extraction;
  kind: Sql;
  line: Sql;
  identity: Sql;
  unneeded: Sql;
  groups: Fields[];
} {
  const header = extraction(shape, 'h');
  const groups = groupMappings(shape.mappings, () => extraction(shape, 'f'), firstPart);
  const unneeded = groups.flatMap(({ kinds, unneeded: when }) =>
    when === undefined ? [] : kinds.map((kind) => `WHEN ${literal(kind)} THEN ${when(header.field)}`),
  );
  return {
    header,
    kind: shape.kind(header.field),
    line: shape.line === undefined ? 'NULL' : `TRY_CAST(${shape.line(header.field)} AS BIGINT)`,
    identity: shape.identity(header.field),
    unneeded: unneeded.length === 0 ? 'false' : `coalesce(CASE kind ${unneeded.join(' ')} END, false)`,
    groups,
  };
}

/** @param firstPart number of the first group of mappings. */
export function stagingOf(shape: JsonShape, firstPart = 1): Staging {
  const { header, kind, line, identity, unneeded, groups } = fieldsOf(shape, firstPart);
  const partOf = groups.flatMap((group) =>
    group.kinds.map((one) => `WHEN ${literal(one)} THEN ${String(group.part)}`),
  );
  const statement = (source: Source, name: string): Sql => {
    const lines = `(select *, coalesce(${source.ok}, false) AS ok from ${source.relation})`;
    const headed = header.columns(lines, source.header);
    const named = `(select *, ${kind} AS kind, CAST(${line} AS BIGINT) AS line from ${headed})`;
    const judged = `(select *, ${unneeded} AS unneeded from ${named})`;
    const parted = `(select *, CASE WHEN NOT ok THEN ${String(parts.rejected)} WHEN unneeded THEN ${String(parts.ignored)}
      ELSE CASE kind ${partOf.join(' ')} ELSE ${String(parts.ignored)} END END AS part from ${judged})`;
    // Most records are ignored: what only the others need is not computed for them.
    const data = groups.map(({ part, fields }) => `WHEN ${String(part)} THEN ${source.list(fields.paths)}`);
    const taken = `(select *, CASE WHEN part > 0 THEN ${identity} END AS id, CASE part ${data.join('\n')} END AS d from ${parted})`;
    return `create or replace temp table ${name} as
      select ${[...source.kept, ''].join(', ')}CAST(part AS SMALLINT) AS part, line, NULL::BIGINT AS record,
        CASE WHEN unneeded THEN kind || ' (unneeded)' ELSE coalesce(kind, 'unrecognised') END AS kind, id,
        CASE WHEN part > 0 THEN CASE WHEN id IS NULL THEN ${source.digest} ELSE hash(id) END END AS digest, d
      from ${taken}`;
  };
  return {
    groups,
    objects: (relation, name, kept = []) =>
      statement({ ...objectSource(shape, header, relation), kept }, name),
    typed: shape.document === undefined ? typedStaging(header, groups, statement) : undefined,
  };
}

function objectSource(shape: JsonShape, header: Extraction, relation: Sql): Omit<Source, 'kept'> {
  // A whole record has been parsed; a text inside it may be anything.
  const list = (paths: readonly Path[]): Sql => {
    const texts = `json_extract_string(doc, [${paths.map(jsonPath).join(', ')}])`;
    return shape.document === undefined ? texts : `TRY(${texts})`;
  };
  const ok = `starts_with(ltrim(json), '{') AND strlen(json) <= ${String(longestLine)}`;
  const documents = `(select *, ${shape.document ?? 'json'} AS doc from ${relation})`;
  return {
    relation: `(select *, CASE WHEN ${ok} THEN ${list(header.paths)} END AS h from ${documents})`,
    ok,
    header: (at) => `h[${String(at + 1)}]`,
    list,
    digest: 'hash(json)',
  };
}

function typedStaging(
  header: Extraction,
  groups: readonly Fields[],
  statement: (source: Source, name: string) => Sql,
): TypedStaging | undefined {
  const [first, ...further] = typedColumns([
    ...header.paths,
    ...groups.flatMap(({ fields }) => fields.paths),
  ]);
  if (first === undefined) return undefined;
  const list = ({ text }: TypedColumns, paths: readonly Path[]): Sql => `[${paths.map(text).join(', ')}]`;
  return {
    first: (scan, name) =>
      statement(
        {
          relation: first.relation(scan),
          ok: first.any,
          header: (at) => first.text(header.paths[at] ?? []),
          list: (paths) => list(first, paths),
          digest: 'hash(kind, d)',
          kept: [],
        },
        name,
      ),
    further: further.map((columns) => {
      const needing = groups.filter(({ fields }) => fields.paths.some((path) => columns.has(path)));
      return {
        parts: new Set(needing.map(({ part }) => part)),
        select: (
          scan,
        ) => `select ${needing.map(({ part, fields }) => `${list(columns, fields.paths)} AS d${String(part)}`).join(', ')}
          from ${columns.relation(scan)}`,
      };
    }),
  };
}
