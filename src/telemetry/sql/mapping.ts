import { column, model, type TableName } from '../model.js';
import { literal, type Sql } from './sql.js';

/** A field of the product's record, by the product's own name, as text (NULL where it is absent). */
export type Field = (name: string) => Sql;

/**
 * How records of some kinds become rows of one table: the model's columns as expressions over the product's fields. Columns that
 * are left out stay NULL; the pointers to the record are added by the reader.
 */
export interface Mapping {
  readonly kinds: readonly string[];
  readonly table: TableName;
  readonly columns: (field: Field) => Readonly<Record<string, Sql>>;
  /**
   * Whether a record of these kinds bears on none of the three protocols, where the store leaves such records out (see
   * `other_service`). The same for all mappings of a kind.
   */
  readonly unneeded?: (field: Field) => Sql;
}

/** One mapping, with its column names checked against the model. */
export function mapping<Table extends TableName>(
  table: Table,
  kinds: readonly string[],
  columns: (field: Field) => Partial<Record<keyof (typeof model)[Table], Sql>>,
  unneeded?: (field: Field) => Sql,
): Mapping {
  return {
    kinds,
    table,
    columns: (field) => columns(field) as Readonly<Record<string, Sql>>,
    ...(unneeded === undefined ? {} : { unneeded }),
  };
}

/** Where a row came from, in terms of the reader's staged relation `r` (columns n, id, kind). */
export interface Provenance {
  readonly path: string;
  /** The input's name in event ids where a record has none of its own. */
  readonly label: string;
}

/**
 * `insert into <table>` from a relation `r` with the columns `n` (line), `id` (the record's own id or NULL) and `kind`
 * (`<module> <code>`).
 */
export function insertStatement(
  table: TableName,
  columns: Readonly<Record<string, Sql>>,
  relation: Sql,
  { path, label }: Provenance,
): Sql {
  const all: Readonly<Record<string, Sql>> = {
    'event.id': `coalesce(r.id, ${literal(`${label}:`)} || r.n)`,
    'event.module': `split_part(r.kind, ' ', 1)`,
    'event.code': `split_part(r.kind, ' ', 2)`,
    'log.file.path': literal(path),
    'log.offset': 'r.n',
    ...columns,
  };
  const projection = Object.entries(all).map(([name, sql]) => `${sql} AS ${column(name)}`);
  return `insert into ${table} by name select ${projection.join(',\n')} from ${relation} r`;
}
