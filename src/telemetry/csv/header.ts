import type { Sample } from '../types.js';

/** What stands at the head of a file of comma-separated values. RFC 4180. */
export interface CsvHeader {
  readonly delimiter: string;
  /** Names of the columns, without the zone that some exports add to a time's. */
  readonly names: readonly string[];
  /** Lines before the first record. */
  readonly skip: number;
}

const cell = String.raw`"(?:[^"]|"")*"|[^"]*?`;

function cells(line: string, delimiter: string): string[] {
  const found = line.matchAll(new RegExp(`(${cell})(?:${delimiter === '\t' ? '\\t' : delimiter}|$)`, 'g'));
  return Array.from(found, ([, text = '']) => text).map((text) =>
    text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text,
  );
}

/**
 * Reads the header: the first line, or the one after PowerShell's `#TYPE`. The delimiter is a comma, a semicolon or a tab, whichever
 * gives most columns.
 * @returns undefined where there is no line with three names at least.
 */
export function csvHeader({ text }: Pick<Sample, 'text'>): CsvHeader | undefined {
  const lines = text.replace(/^\ufeff/, '').split('\n', 3);
  const skip = lines[0]?.startsWith('#TYPE ') === true ? 2 : 1;
  const line = (lines[skip - 1] ?? '').replace(/\r$/, '');
  if (line.length > 64 * 1024 || /^\s*[{[<]/.test(line)) return undefined;
  const [best] = [',', ';', '\t']
    .map((delimiter) => ({ delimiter, names: cells(line, delimiter) }))
    .sort((a, b) => b.names.length - a.names.length);
  if (best === undefined) return undefined;
  // The pattern finds an empty cell at the line's end.
  const names = best.names.slice(0, -1).map((name) => name.trim().replace(/ \[UTC\]$/, ''));
  return names.length >= 3 && names.every((name) => name !== '')
    ? { delimiter: best.delimiter, names, skip }
    : undefined;
}
