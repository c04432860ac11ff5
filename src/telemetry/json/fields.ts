import type { Field } from '../sql/mapping.js';
import { firstOf, literals, type Sql } from '../sql/sql.js';
import type { JsonShape } from './shape.js';

/** Fields taken from a document at once: one parse, one list of texts. */
export interface Extraction {
  /** Gives a field as an expression over the extracted lists, and notes that it is needed. */
  readonly field: Field;
  /** The list of texts, over an expression that holds the document. NULL where it is no JSON. */
  extract(document: Sql): Sql;
  /** A second list, over the first, for fields that lie in a nested text; NULL where the shape has none. */
  nested(): Sql;
}

/** @param list and @param inner are the names that the lists have in the query around. */
export function extraction(shape: JsonShape, list: string, inner: string): Extraction {
  const paths: string[] = [];
  const names: string[] = [];
  const index = <T>(of: T[], item: T): number => {
    const at = of.indexOf(item);
    return at === -1 ? of.push(item) : at + 1;
  };
  const plain: Field = (name) => {
    const found: Sql[] = shape.paths(name).map((path) => `absent(${list}[${String(index(paths, path))}])`);
    if (shape.nested?.holds(name) === true) {
      index(paths, shape.nested.path);
      found.unshift(`absent(${inner}[${String(index(names, name))}])`);
    }
    return firstOf(found);
  };
  return {
    field: (name) => shape.derive?.(name, plain) ?? plain(name),
    extract: (document) => `TRY(json_extract_string(${document}, ${literals(paths)}))`,
    nested: () =>
      shape.nested === undefined || names.length === 0
        ? 'NULL::VARCHAR[]'
        : shape.nested.extract(`${list}[${String(index(paths, shape.nested.path))}]`, names),
  };
}
