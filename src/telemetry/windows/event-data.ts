import { literal, literals, type Sql } from '../sql/sql.js';

/** Items of a list of values by the names in a list of the same length. */
export const byName = (names: Sql, values: Sql, wanted: readonly string[]): Sql =>
  `list_transform(${literals(wanted)}, lambda wanted: ${values}[list_position(${names}, wanted)])`;

/** References of XML, the ampersand last. */
export const unescaped = (text: Sql): Sql =>
  [
    ['&lt;', '<'],
    ['&gt;', '>'],
    ['&quot;', '"'],
    ['&apos;', `''`],
    ['&#13;', ''],
    ['&#xD;', ''],
    ['&#10;', '\n'],
    ['&#xA;', '\n'],
    ['&amp;', '&'],
  ].reduce((sql, [from = '', to = '']) => `replace(${sql}, '${from}', '${to}')`, text);

const pattern = literal(`<Data Name=["']([^"']+)["'][^>]*>([^<]*)</Data>`);

/** Values of `<Data Name="…">` in a text of XML, by name. */
export const fromXml = (source: Sql, wanted: readonly string[]): Sql =>
  byName(
    `regexp_extract_all(${source}, ${pattern}, 1)`,
    `list_transform(regexp_extract_all(${source}, ${pattern}, 2), lambda value: ${unescaped('value')})`,
    wanted,
  );
