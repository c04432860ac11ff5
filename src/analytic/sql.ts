/** A value as an SQL literal. Strings are quoted; nothing else needs it. */
export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'null';
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

/** A list of strings as an SQL literal. */
export function textList(values: readonly string[]): string {
  return `[${values.map(literal).join(', ')}]::varchar[]`;
}

/** Milliseconds as an SQL interval. */
export function milliseconds(value: number): string {
  return `(interval ${Math.round(value)} milliseconds)`;
}

/**
 * Rows of constants as a subquery, also where there are none.
 * @param columns type by name, in the order of the rows' values.
 */
export function constants(
  columns: Readonly<Record<string, string>>,
  rows: readonly (readonly (string | number | boolean | null)[])[],
): string {
  const entries = Object.entries(columns);
  const line = (values: readonly (string | number | boolean | null)[]) =>
    `select ${entries.map(([name, type], at) => `${literal(values[at] ?? null)}::${type} as ${name}`).join(', ')}`;
  const lines = rows.length === 0 ? [`${line([])} where false`] : rows.map(line);
  return `(${lines.join(' union all ')})`;
}

/** A named table of the analytic, made anew each time. Temporary: it lives and dies with the store. */
export function table(name: string, query: string): string {
  return `create or replace temp table ${name} as ${query}`;
}

/** A named view of the analytic. */
export function view(name: string, query: string): string {
  return `create or replace temp view ${name} as ${query}`;
}

/** Small functions that the steps share. */
export const macros: readonly string[] = [
  // The last part of a path, in Windows' or any other spelling.
  `create or replace temp macro file_of(path) as nullif(regexp_extract(path, '[^\\\\/]*$'), '')`,
  `create or replace temp macro image_of(path) as
     nullif(nullif(lower(regexp_extract(path, '[^\\\\/]*$')), ''), '<unknown process>')`,
  // A host's name up to the first dot; an address stays whole.
  `create or replace temp macro short_host(name) as
     case when name like '%:%' or regexp_full_match(name, '[0-9.]+') then name else split_part(name, '.', 1) end`,
  `create or replace temp macro hour_of(moment) as epoch_ms(moment) // 3600000`,
  `create or replace temp macro host_key(name) as nullif(lower(trim(name)), '')`,
];
