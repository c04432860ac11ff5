import { Damage } from './damage.js';

/** A text as it stands inside a JSON string, in UTF-8. */
export function jsonBytes(text: string): Buffer {
  // Through bytes and back, lone surrogates become U+FFFD. NUL is no character of a text: U+FFFD stands for it as well.
  const wellFormed = Buffer.from(text.replaceAll('\0', '\ufffd')).toString();
  return Buffer.from(JSON.stringify(wellFormed).slice(1, -1));
}

const lowerHex = Uint8Array.from(Buffer.from('0123456789abcdef'));
const upperHex = Uint8Array.from(Buffer.from('0123456789ABCDEF'));
const start = 1 << 20;
/** What a number, a GUID or a time takes at most. */
const short = 64;

/** By ASCII code: 0 as it is, 1 as \u00XX, else the letter after the backslash. */
const escapes = new Uint8Array(128);
escapes.fill(1, 0, 32);
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
    if (this.length + bytes > this.bytes.length) this.#grow(this.length + bytes);
  }

  #grow(needed: number): void {
    if (needed > this.#limit) throw new Damage(`the chunk unfolds to more than ${String(this.#limit)} bytes`);
    const larger = Buffer.allocUnsafe(Math.min(Math.max(needed, this.bytes.length * 2), this.#limit));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** One byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.bytes[this.length] = value;
    this.length += 1;
  }

  /** Bytes as they are. */
  raw(source: Uint8Array): void {
    const { length } = source;
    this.#reserve(length);
    const { bytes } = this;
    const to = this.length;
    // Most are short: a loop is faster than a call of set().
    if (length > 128) bytes.set(source, to);
    else for (let at = 0; at < length; at += 1) bytes[to + at] = source[at] ?? 0;
    this.length = to + length;
  }

  /** Text of ASCII characters that need no escape. */
  ascii(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const { bytes } = this;
    for (let at = 0; at < length; at += 1) bytes[this.length + at] = text.charCodeAt(at);
    this.length += length;
  }

  /** Any text, inside a JSON string. */
  text(text: string): void {
    this.raw(jsonBytes(text));
  }

  /** A whole number from 0 to 2^53. */
  decimal(value: number): void {
    this.#reserve(short);
    const { bytes } = this;
    let digits = 1;
    for (let limit = 10; limit <= value; limit *= 10) digits += 1;
    let rest = value;
    for (let at = this.length + digits - 1; at >= this.length; at -= 1) {
      const next = Math.floor(rest / 10);
      bytes[at] = 0x30 + (rest - next * 10);
      rest = next;
    }
    this.length += digits;
  }

  /** A number of 32 bits in lower-case hexadecimal. @param digits at least. */
  hex(value: number, digits: number): void {
    this.#reserve(short);
    const { bytes } = this;
    let count = digits;
    while (count < 8 && value >>> (count * 4) !== 0) count += 1;
    for (let shift = (count - 1) * 4; shift >= 0; shift -= 4) {
      bytes[this.length++] = lowerHex[(value >>> shift) & 15] ?? 0;
    }
  }

  /** A GUID in braces. */
  guid(view: DataView, at: number): void {
    this.#reserve(short);
    this.byte(0x7b);
    this.#upper(view.getUint32(at, true), 8);
    this.byte(0x2d);
    this.#upper(view.getUint16(at + 4, true), 4);
    this.byte(0x2d);
    this.#upper(view.getUint16(at + 6, true), 4);
    this.byte(0x2d);
    this.#upper(view.getUint16(at + 8), 4);
    this.byte(0x2d);
    this.#upper(view.getUint16(at + 10), 4);
    this.#upper(view.getUint32(at + 12), 8);
    this.byte(0x7d);
  }

  #upper(value: number, digits: number): void {
    const { bytes } = this;
    for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      bytes[this.length++] = upperHex[(value >>> shift) & 15] ?? 0;
    }
  }

  /** UTF-16 in little-endian order as UTF-8 inside a JSON string; a lone surrogate becomes U+FFFD. */
  utf16(view: DataView, from: number, to: number): void {
    // An escape takes six bytes for one character.
    this.#reserve((to - from) * 3);
    const { bytes } = this;
    let at = this.length;
    let position = from;
    while (position + 1 < to) {
      // Most texts are ASCII: two characters at a time, as long as neither needs an escape.
      if (position + 3 < to) {
        const pair = view.getUint32(position, true);
        if ((pair & 0xff80ff80) === 0 && escapes[pair & 0x7f] === 0 && escapes[pair >>> 16] === 0) {
          bytes[at] = pair & 0x7f;
          bytes[at + 1] = pair >>> 16;
          at += 2;
          position += 4;
          continue;
        }
      }
      const code = view.getUint16(position, true);
      position += 2;
      if (code < 0x80) {
        if (escapes[code] === 0) bytes[at++] = code;
        else at = escaped(bytes, at, code);
      } else if (code < 0x800) {
        bytes[at++] = 0xc0 | (code >> 6);
        bytes[at++] = 0x80 | (code & 0x3f);
      } else if (code < 0xd800 || code > 0xdfff) {
        at = threeBytes(bytes, at, code);
      } else {
        const low = position + 1 < to ? view.getUint16(position, true) : 0;
        if (code > 0xdbff || low < 0xdc00 || low > 0xdfff) at = threeBytes(bytes, at, 0xfffd);
        else {
          position += 2;
          const point = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          bytes[at++] = 0xf0 | (point >> 18);
          bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
          bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
          bytes[at++] = 0x80 | (point & 0x3f);
        }
      }
    }
    this.length = at;
  }
}

function threeBytes(bytes: Buffer, at: number, code: number): number {
  bytes[at] = 0xe0 | (code >> 12);
  bytes[at + 1] = 0x80 | ((code >> 6) & 0x3f);
  bytes[at + 2] = 0x80 | (code & 0x3f);
  return at + 3;
}

function escaped(bytes: Buffer, at: number, code: number): number {
  if (code === 0) return threeBytes(bytes, at, 0xfffd);
  const letter = escapes[code] ?? 1;
  bytes[at] = 0x5c;
  bytes[at + 1] = letter;
  if (letter > 1) return at + 2;
  bytes[at + 1] = 0x75;
  bytes[at + 2] = 0x30;
  bytes[at + 3] = 0x30;
  bytes[at + 4] = lowerHex[code >> 4] ?? 0;
  bytes[at + 5] = lowerHex[code & 15] ?? 0;
  return at + 6;
}
