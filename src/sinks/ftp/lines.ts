const [iac, will, dont] = [255, 251, 254];
const [carriageReturn, lineFeed] = [13, 10];

/** Command lines out of a control connection's bytes. */
export interface LineSplitter {
  /** @returns the lines that the bytes completed, without their ends; null where a line is longer than allowed */
  push(bytes: Buffer): string[] | null;
}

/**
 * Splits at LF and drops a CR before it. Telnet commands (RFC 854: IAC and one byte, or two for WILL, WONT, DO, DONT) are taken
 * out. An IAC before an ordinary byte goes alone: the DM of a Synch travels as urgent data and may be missing in the stream.
 * @param maxLineBytes of one line, its end not counted
 */
export function lineSplitter(maxLineBytes: number): LineSplitter {
  let line: number[] = [];
  let telnet: 'none' | 'command' | 'option' = 'none';
  const isText = (byte: number): boolean => {
    if (telnet === 'option') {
      telnet = 'none';
      return false;
    }
    if (telnet === 'command') {
      telnet = byte >= will && byte <= dont ? 'option' : 'none';
      return byte < 240 || byte === iac;
    }
    if (byte === iac) telnet = 'command';
    return byte !== iac;
  };
  return {
    push(bytes) {
      const lines: string[] = [];
      for (const byte of bytes) {
        if (!isText(byte)) continue;
        if (byte === lineFeed) {
          if (line.at(-1) === carriageReturn) line.pop();
          lines.push(Buffer.from(line).toString('utf8'));
          line = [];
        } else {
          line.push(byte);
          // One more for the CR that may be part of the end.
          if (line.length > maxLineBytes + 1) return null;
        }
      }
      return lines;
    },
  };
}
