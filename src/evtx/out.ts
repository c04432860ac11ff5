import { Damage } from './damage.js';

/** A text as it stands inside a JSON string, in UTF-8. */
export function jsonBytes(text: string): Buffer {
  // Through bytes and back, lone surrogates become U+FFFD.
  const wellFormed = Buffer.from(text.replaceAll('\0', '\ufffd')).toString();
  return Buffer.from(JSON.stringify(wellFormed).slice(1, -1));
}

const hex = Buffer.from('0123456789abcdef');
const start = 1 << 20;

/** Escapes by code: the letter after the backslash, 1 for \u00XX. NUL is no character of a text: U+FFFD stands for it. */
const escapes = new Uint8Array(128);
escapes.fill(1, 1, 32);
for (const [code, letter] of [
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [12, 'f'],
  [13, 'r'],
  [34, '"'],
  [92, '\\'],
] as const) {
  escapes[code] = letter.charCodeAt(0);
}

/** JSON text in a buffer that grows up to a limit, so that small values that stand for each other many times end somewhere. */
export class Out {
  bytes = Buffer.allocUnsafe(start);
  /** End of what has been written. */
  length = 0;
  readonly #limit: number;

  /** @param limit in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Makes room. @throws Damage beyond the limit. */
  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.bytes.length) return;
    if (needed > this.#limit) throw new Damage(`the chunk unfolds to more than ${String(this.#limit)} bytes`);
    const larger = Buffer.allocUnsafe(Math.min(Math.max(needed, this.bytes.length * 2), this.#limit));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    // Most are short: a loop is faster than a call of set().
    if (length > 64) this.bytes.set(bytes, this.length);
    else for (let at = 0; at < length; at += 1) this.bytes[this.length + at] = bytes[at] ?? 0;
    this.length += length;
  }

  /** Text of ASCII characters that need no escape. */
  ascii(text: string): void {
    const { length } = text;
    this.#reserve(length);
    for (let at = 0; at < length; at += 1) this.bytes[this.length + at] = text.charCodeAt(at);
    this.length += length;
  }

  /** UTF-16 in little-endian order as UTF-8 inside a JSON string; a lone surrogate becomes U+FFFD. */
  utf16(view: DataView, from: number, to: number): void {
    // An escape takes six bytes for one character.
    this.#reserve((to - from) * 3);
    const { bytes } = this;
    let at = this.length;
    for (let position = from; position + 1 < to; position += 2) {
      const code = view.getUint16(position, true);
      if (code < 0x80) {
        const escape = code === 0 ? 0 : (escapes[code] ?? 0);
        if (escape === 0 && code !== 0) bytes[at++] = code;
        else at = escaped(bytes, at, code, escape);
      } else if (code < 0x800) {
        bytes[at++] = 0xc0 | (code >> 6);
        bytes[at++] = 0x80 | (code & 0x3f);
      } else if (code < 0xd800 || code > 0xdfff) {
        at = threeBytes(bytes, at, code);
      } else {
        const low = position + 3 < to ? view.getUint16(position + 2, true) : 0;
        if (code > 0xdbff || low < 0xdc00 || low > 0xdfff) at = threeBytes(bytes, at, 0xfffd);
        else {
          const point = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          bytes[at++] = 0xf0 | (point >> 18);
          bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
          bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
          bytes[at++] = 0x80 | (point & 0x3f);
          position += 2;
        }
      }
    }
    this.length = at;
  }

  /** Any text, inside a JSON string. */
  text(text: string): void {
    this.raw(jsonBytes(text));
  }
}

function threeBytes(bytes: Buffer, at: number, code: number): number {
  bytes[at] = 0xe0 | (code >> 12);
  bytes[at + 1] = 0x80 | ((code >> 6) & 0x3f);
  bytes[at + 2] = 0x80 | (code & 0x3f);
  return at + 3;
}

function escaped(bytes: Buffer, at: number, code: number, escape: number): number {
  if (code === 0) return threeBytes(bytes, at, 0xfffd);
  bytes[at] = 0x5c;
  if (escape > 1) {
    bytes[at + 1] = escape;
    return at + 2;
  }
  bytes[at + 1] = 0x75;
  bytes[at + 2] = 0x30;
  bytes[at + 3] = 0x30;
  bytes[at + 4] = hex[code >> 4] ?? 0x30;
  bytes[at + 5] = hex[code & 15] ?? 0x30;
  return at + 6;
}
