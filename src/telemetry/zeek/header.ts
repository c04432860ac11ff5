/** What the lines with `#` at the head of one of Zeek's logs say. https://docs.zeek.org/en/master/log-formats.html */
export interface ZeekHeader {
  readonly separator: string;
  /** `#path`: conn, ftp, … */
  readonly log: string;
  readonly fields: readonly string[];
  readonly unset: string;
  readonly empty: string;
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Reads header lines; the last one of a kind counts. @returns undefined where the names of the fields are missing. */
export function parseHeader(lines: readonly string[]): ZeekHeader | undefined {
  let separator = '\t';
  const values = new Map<string, string>();
  for (const line of lines) {
    const declared = /^#separator (\S+)/.exec(line)?.[1];
    if (declared !== undefined) {
      separator = unescaped(declared);
      continue;
    }
    if (!line.startsWith('#')) continue;
    const at = line.indexOf(separator);
    if (at > 0) values.set(line.slice(1, at), line.slice(at + separator.length).replace(/\r$/, ''));
  }
  const fields = values.get('fields')?.split(separator);
  const log = values.get('path');
  if (fields === undefined || log === undefined) return undefined;
  return {
    separator,
    log: log.toLowerCase(),
    fields,
    unset: values.get('unset_field') ?? '-',
    empty: values.get('empty_field') ?? '(empty)',
  };
}
