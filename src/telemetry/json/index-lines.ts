import { messageOf } from '../../core/index.js';
import { keptBytes, rawLines } from '../input/lines.js';

/** Longer lines are rejected unread. */
export const longestLine = 16 * 1024 * 1024;

/** A record that is no JSON object, by its number among the lines that are not blank (from 1). */
export interface BadLine {
  readonly line: number;
  readonly reason: string;
  readonly raw: string;
}

export interface LineIndex {
  /** Lines that are not blank. */
  readonly records: number;
  readonly bad: ReadonlyMap<number, BadLine>;
  /** Why the input ended early (a broken gzip stream), or undefined. */
  readonly broken: string | undefined;
}

/** Why a line is no record. */
export function badLineReason(head: Buffer, length: number): string {
  if (length > longestLine)
    return `the line has ${String(length)} bytes; at most ${String(longestLine)} are read`;
  if (head.includes(0)) return 'the line holds NUL bytes';
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(head);
  } catch {
    return 'the line is not UTF-8';
  }
  if (length > head.length) return 'the line is not a JSON object';
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject
      ? 'JSON beyond RFC 8259: an unpaired surrogate or too deep'
      : 'the line is JSON, but no object';
  } catch (error) {
    return `not JSON: ${messageOf(error)}`;
  }
}

/**
 * Numbers the lines of a file and looks up those that the typed scan could not read.
 * @param wanted record numbers (from 1) of bad lines, in order; at most 10,000 raw lines are kept.
 */
export async function indexLines(
  chunks: AsyncIterable<Buffer>,
  wanted: ReadonlySet<number>,
): Promise<LineIndex> {
  const bad = new Map<number, BadLine>();
  let records = 0;
  let broken: string | undefined;
  try {
    for await (const { number, head, length, blank } of rawLines(chunks)) {
      if (blank) continue;
      records += 1;
      if (wanted.has(records) && bad.size < 10_000) {
        const raw = head.subarray(0, keptBytes).toString('utf8');
        bad.set(records, { line: number, reason: badLineReason(head, length), raw });
      }
    }
  } catch (error) {
    broken = messageOf(error);
  }
  return { records, bad, broken };
}
