/** A raw record keeps 64 KiB at most. */
export const keptBytes = 64 * 1024;

/** One line of a text, as bytes; `head` is cut, `length` is not. */
export interface RawLine {
  /** From 1. */
  readonly number: number;
  readonly head: Buffer;
  readonly length: number;
  readonly blank: boolean;
}

const isBlank = (bytes: Buffer): boolean =>
  bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/**
 * Lines of a stream in constant memory: a line of any length costs no more than `keep` bytes. A line feed ends a line; the
 * carriage return before it stays.
 */
export async function* rawLines(chunks: AsyncIterable<Buffer>, keep = keptBytes): AsyncGenerator<RawLine> {
  let number = 1;
  let parts: Buffer[] = [];
  let kept = 0;
  let length = 0;
  const take = (bytes: Buffer): void => {
    length += bytes.length;
    if (kept >= keep) return;
    // A copy, since the stream may use its buffer again.
    const part = Buffer.from(bytes.subarray(0, keep - kept));
    kept += part.length;
    parts.push(part);
  };
  const end = (): RawLine => {
    const head = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    const line = { number, head, length, blank: length === head.length && isBlank(head) };
    number += 1;
    parts = [];
    kept = 0;
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
      take(chunk.subarray(from, at));
      yield end();
      from = at + 1;
    }
    take(chunk.subarray(from));
  }
  if (length > 0) yield end();
}
