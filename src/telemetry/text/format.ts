import type { Field, Mapping } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import type { Sample } from '../types.js';

/** One form of line that a product writes. */
export interface LineForm {
  /**
   * The whole line, in the syntax that RE2 and JavaScript share; named groups are the fields, all other groups do not capture. Of several
   * forms, the first that matches counts.
   */
  readonly pattern: string;
  /** A text that every such line holds: a cheap test before the pattern is tried. */
  readonly has?: string;
  /** Other products write such lines too: it tells nothing of whose log it is. */
  readonly common?: boolean;
  /** Fields that are taken out of others, for example out of a list of keys and values. */
  readonly derive?: (name: string, group: Field) => Sql | undefined;
  /** `<module> <code>`; kinds that no mapping names are ignored and counted. */
  readonly kind: (field: Field) => Sql;
}

/** A log whose records are lines, as a table: how lines are recognised, and what their fields mean. */
export interface LineFormat {
  /** Where the vendor describes it. */
  readonly page: string;
  readonly forms: readonly LineForm[];
  readonly mappings: readonly Mapping[];
}

/** Field that is no part of a line: when the file was last written, a timestamp. For times without a year. */
export const fileModified = 'file.modified';

/** Names of a pattern's groups, in order. */
export const groupsOf = (pattern: string): string[] =>
  [...pattern.matchAll(/\(\?<([A-Za-z_][A-Za-z0-9_]*)>/g)].map(([, name = '']) => name);

/** The pattern without names, as a group of the whole line: DuckDB names groups by their order. */
export const re2 = (pattern: string): string =>
  `^(${pattern.replaceAll(/\(\?<[A-Za-z_][A-Za-z0-9_]*>/g, '(')})$`;

/** Share of the sample's lines that are in one of the product's own forms. Blank lines do not count. */
export function shareOfLines({ text }: Sample, forms: readonly LineForm[]): number {
  const patterns = forms
    .filter(({ common }) => common !== true)
    .map(({ pattern, has }) => ({ has, expression: new RegExp(`^(?:${pattern})$`) }));
  const lines = text
    .split('\n', 2000)
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '');
  const own = lines.filter((line) =>
    patterns.some(
      ({ has, expression }) =>
        (has === undefined || line.includes(has)) && line.length < 65_536 && expression.test(line),
    ),
  );
  return lines.length === 0 ? 0 : own.length / lines.length;
}
