import { resolve } from 'node:path';

/** An SQL expression or statement. */
export type Sql = string;

/** A text as an SQL literal. */
export const literal = (text: string): Sql => `'${text.replaceAll("'", "''")}'`;

/** A list of texts as an SQL list literal. */
export const literals = (texts: readonly string[]): Sql => `[${texts.map(literal).join(', ')}]`;

/** The first expression that is not NULL. */
export function firstOf(expressions: readonly Sql[]): Sql {
  const [only] = expressions;
  if (only === undefined) return 'NULL';
  return expressions.length === 1 ? only : `coalesce(${expressions.join(', ')})`;
}

/** A path as DuckDB takes it: absolute, so that it is no address, with the signs of its globs quoted. */
export const globLiteral = (path: string): Sql => literal(resolve(path).replace(/[*?[]/g, '[$&]'));
