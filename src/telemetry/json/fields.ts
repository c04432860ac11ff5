import type { Field } from '../sql/mapping.js';
import { firstOf, literals, type Sql } from '../sql/sql.js';
import type { JsonShape } from './shape.js';

/**
 * Fields taken from a document at once: one parse, one list of texts, one column per text. Expressions over columns are cheap to
 * repeat, whereas a list's item in a CASE would be fetched anew each time.
 */
export interface Extraction {
  /** Gives a field as an expression over the columns, and notes that it is needed. */
  readonly field: Field;
  /** The list of texts, over an expression that holds the document. NULL where it is no JSON. */
  extract(document: Sql): Sql;
  /** A relation with the columns that fields speak of, besides those of `relation`, which holds the list as `list`. */
  columns(relation: Sql, list: Sql): Sql;
}

/** @param prefix starts the columns' names. */
export function extraction(shape: JsonShape, prefix: string): Extraction {
  const paths: string[] = [];
  const names: string[] = [];
  const index = <T>(of: T[], item: T): string => {
    const at = of.indexOf(item);
    return String(at === -1 ? of.push(item) : at + 1);
  };
  const { nested } = shape;
  const plain: Field = (name) => {
    const found: Sql[] = shape.paths(name).map((path) => `${prefix}${index(paths, path)}`);
    if (nested?.holds(name) === true) {
      index(paths, nested.path);
      found.unshift(`${prefix}n${index(names, name)}`);
    }
    return firstOf(found);
  };
  const each = (of: readonly string[], list: Sql, start: string): Sql =>
    of.map((_, at) => `, absent(${list}[${String(at + 1)}]) AS ${start}${String(at + 1)}`).join('');
  return {
    field: (name) => shape.derive?.(name, plain) ?? plain(name),
    extract: (document) => {
      const texts = `json_extract_string(${document}, ${literals(paths)})`;
      // A whole record has been parsed; a text inside it may be anything.
      return shape.document === undefined ? texts : `TRY(${texts})`;
    },
    columns: (relation, list) => {
      if (nested === undefined || names.length === 0) {
        return `(select *${each(paths, list, prefix)} from ${relation})`;
      }
      const source = `${list}[${index(paths, nested.path)}]`;
      const inner = `(select *, ${nested.extract(source, names)} AS ${prefix}_nested from ${relation})`;
      return `(select *${each(paths, list, prefix)}${each(names, `${prefix}_nested`, `${prefix}n`)} from ${inner})`;
    },
  };
}
