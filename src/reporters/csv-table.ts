export type CsvValue = string | number | boolean | null;

/** A column of a table: its heading, and what a row has there. */
export type CsvColumn<Row> = readonly [name: string, value: (row: Row) => CsvValue];

/** RFC 4180, and no cell that a spreadsheet would take for a formula (CWE-1236). */
function cell(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** CSV with a header, lines ended by CRLF; null is an empty cell. */
export function csvTable<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  return [
    columns.map(([name]) => cell(name)),
    ...rows.map((row) => columns.map(([, value]) => cell(value(row)))),
  ]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');
}
