import type { Field } from '../sql/mapping.js';
import { firstOf, type Sql } from '../sql/sql.js';
import type { JsonShape, Path } from './shape.js';

/**
 * Fields that are taken from a record at once, one text per path. Expressions over columns are cheap to repeat, whereas a list's
 * item in a CASE would be fetched anew each time.
 */
export interface Extraction {
  /** Gives a field as an expression over the columns, and notes that it is needed. */
  readonly field: Field;
  /** Where the texts lie, in their order. Complete once every field has been asked for. */
  readonly paths: readonly Path[];
  /** A relation with the columns that fields speak of besides those of `relation`. @param text gives a path's text, by its number from 0. */
  columns(relation: Sql, text: (at: number) => Sql): Sql;
}

/** @param prefix starts the columns' names. */
export function extraction(shape: JsonShape, prefix: string): Extraction {
  const paths: Path[] = [];
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const { nested } = shape;
  const numberOf = (path: Path): number => {
    const key = JSON.stringify(path);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, paths.length);
    return paths.push(path) - 1;
  };
  const nestedNumber = (name: string): number => {
    const known = names.indexOf(name);
    return known === -1 ? names.push(name) - 1 : known;
  };
  const plain: Field = (name) => {
    const found: Sql[] = shape.paths(name).map((path) => `${prefix}${String(numberOf(path))}`);
    if (nested?.holds(name) === true) {
      numberOf(nested.path);
      found.unshift(`${prefix}n${String(nestedNumber(name))}`);
    }
    return firstOf(found);
  };
  return {
    field: (name) => shape.derive?.(name, plain) ?? plain(name),
    paths,
    columns: (relation, text) => {
      const own = paths.map((_, at) => `, absent(${text(at)}) AS ${prefix}${String(at)}`).join('');
      if (nested === undefined || names.length === 0) return `(select *${own} from ${relation})`;
      const source = text(numberOf(nested.path));
      const inner = `(select *, ${nested.extract(source, names)} AS ${prefix}_nested from ${relation})`;
      const below = names.map(
        (_, at) => `, absent(${prefix}_nested[${String(at + 1)}]) AS ${prefix}n${String(at)}`,
      );
      return `(select *${own}${below.join('')} from ${inner})`;
    },
  };
}
