/** Bytes for a reader: `10.1 MiB`. Exact below 1 KiB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** A duration for a reader: `850 ms`, `12.3 s`, `4 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (milliseconds < 120_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}

/** `9 of 9`; the denominator is always said. */
export function formatRate(rate: { readonly count: number; readonly of: number }): string {
  return `${rate.count} of ${rate.of}`;
}

/** Text of foreign origin made harmless for a terminal: control characters become visible escapes. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Foreign text in a cell of a Markdown table: nothing of it is markup, and it stays in its cell. */
export function markdownCell(text: string): string {
  return printable(text.replaceAll(/\s*[\r\n]+\s*/g, ' ')).replaceAll(/[\\`*_{}[\]<>()#+!|~-]/g, '\\$&');
}

/** A row of a Markdown table; the cells are Markdown already. */
export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A fenced block that its own content cannot end. */
export function markdownFence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}\n${printable(text)}\n${ticks}`;
}
