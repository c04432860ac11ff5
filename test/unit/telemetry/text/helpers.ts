import { readFile, utimes } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fileWith, readAll, type Read, type Row } from '../helpers.js';

const folder = fileURLToPath(new URL('../../../fixtures/telemetry/', import.meta.url));

/** Lines that our own lab recorded; how, says the README beside them. */
export const recorded = (name: string): Promise<string> => readFile(`${folder}${name}`, 'utf8');

/** Reads a log that was last written on that day: RFC 3164's times need it. */
export async function readLog(text: string | Buffer, lastWritten = '2026-11-25T00:00:00Z'): Promise<Read> {
  const path = await fileWith('some.txt', text);
  await utimes(path, new Date(lastWritten), new Date(lastWritten));
  return readAll([path]);
}

/** Rows without the pointers to the record. */
export const bare = (rows: readonly Row[]): Row[] =>
  rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !/^(log\.|event\.(id|module)$)/.test(name))),
  );
