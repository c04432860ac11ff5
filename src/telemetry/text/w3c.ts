import type { Field, Mapping } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import type { Store } from '../store.js';
import type { ReadCounts, ReadInput, Sample } from '../types.js';
import { readStaged } from './read-text.js';
import { textStage, type FormSql } from './stage.js';

/** A log in the W3C's extended format: `#Fields:` names the columns, values stand between spaces. */
export interface W3cFormat {
  readonly page: string;
  readonly kind: (field: Field) => Sql;
  readonly mappings: readonly Mapping[];
}

/** More headers than this in one file are no log's: rows under further ones are rejected. */
const mostHeaders = 64;
const mark = '#Fields:';

const columnsOf = (header: string): string[] =>
  header
    .slice(mark.length)
    .trim()
    .split(/\s+/)
    .map((name) => name.toLowerCase());

/** Columns that a sample names; undefined where it names none. */
export function w3cColumns({ text }: Sample): readonly string[] | undefined {
  const header = text.split('\n', 200).find((line) => line.startsWith(mark));
  return header === undefined ? undefined : columnsOf(header);
}

/** Rows under the headers, each by its own. */
function w3cForm(headers: readonly string[], kind: W3cFormat['kind']): FormSql {
  const columns = headers.map(columnsOf);
  const byHeader = (value: (names: readonly string[]) => Sql): Sql => {
    const [only] = columns;
    if (only !== undefined && columns.length === 1) return value(only);
    return `CASE h ${columns.map((names, at) => `WHEN ${String(at + 1)} THEN ${value(names)}`).join(' ')} END`;
  };
  return {
    value: `string_split(rtrim(line), ' ')`,
    matched: (value) =>
      columns.length === 0 ? 'false' : `len(${value}) = ${byHeader((names) => String(names.length))}`,
    field: (value, name) => {
      if (!columns.some((names) => names.includes(name))) return undefined;
      return byHeader((names) => {
        const at = names.indexOf(name);
        return at === -1 ? 'NULL::VARCHAR' : `absent(${value}[${String(at + 1)}])`;
      });
    },
    kind,
  };
}

/** Reads a log with headers; another header may follow, as when the service was started anew with other columns. */
export async function readW3c(input: ReadInput, store: Store, format: W3cFormat): Promise<ReadCounts> {
  return readStaged(input, store, async (lines, modified) => {
    const found = await store.rows<{ line: string }>(
      `select line from ${lines} where starts_with(line, ${literal(mark)}) group by line order by line limit ${String(mostHeaders)}`,
    );
    const headers = found.map(({ line }) => line);
    const numbers = headers.map((line, at) => `WHEN ${literal(line)} THEN ${String(at + 1)}`);
    const other = `WHEN starts_with(line, ${literal(mark)}) THEN 0`;
    const numbered = `(select line, row_number() over () AS n, CASE line ${numbers.join(' ')} END AS own, CASE ${other} END AS unknown from ${lines})`;
    return {
      stage: textStage({
        formats: [{ forms: [w3cForm(headers, format.kind)], mappings: format.mappings }],
        modified,
        comments: true,
      }),
      lines:
        headers.length < 2
          ? `(select line, NULL AS n from ${lines})`
          : `(select line, n, last_value(coalesce(own, unknown) ignore nulls) over (order by n) AS h from ${numbered})`,
    };
  });
}
