// Damages of files, from a seed: the same seed gives the same bytes.
import { gzipSync } from 'node:zlib';

/** Numbers from 0 to before `below`. mulberry32, public domain. */
export function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * below);
  };
}

const words = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 0x2a2a, 0x0a0a_0a0a];
const texts = [
  '\n',
  '\r\n',
  '"',
  '\\',
  '\\u0000',
  '\0',
  '\t',
  '{',
  '}',
  '[]',
  'null',
  '-',
  '(empty)',
  '1e999',
  '-9223372036854775809',
  '\ufeff',
  '𝕏',
  '\\ud800',
  '<Event>',
  '</Event>',
  '#fields\tts\tuid',
  '%%14593',
  '0x',
  '::ffff:1.2.3.4',
  '9999-12-31T23:59:59Z',
];

const splice = (bytes, at, remove, insert) =>
  Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);

/** One step; most are small, so that much of the file stays what it was. */
const steps = [
  (bytes, next) => {
    const flipped = Buffer.from(bytes);
    const at = next(bytes.length);
    flipped[at] ^= 1 << next(8);
    return flipped;
  },
  (bytes, next) => {
    const at = next(bytes.length);
    const word = Buffer.alloc(4);
    word.writeUInt32LE(words[next(words.length)] ?? 0);
    return splice(bytes, at, 4, word);
  },
  (bytes, next) => splice(bytes, next(bytes.length), next(4), Buffer.from(texts[next(texts.length)] ?? '')),
  (bytes, next) => splice(bytes, next(bytes.length), next(200), Buffer.alloc(0)),
  (bytes, next) => {
    const from = next(bytes.length);
    return splice(bytes, next(bytes.length), 0, bytes.subarray(from, from + next(500)));
  },
  (bytes, next, other) => {
    const from = next(other.length);
    return splice(bytes, next(bytes.length), next(100), other.subarray(from, from + next(1000)));
  },
];
const flip = steps[0];

/** Steps that change the whole; one case in twelve has one. */
const whole = [
  (bytes, next) => bytes.subarray(0, next(bytes.length)),
  (bytes) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString('utf8'), 'utf16le')]),
  (bytes) => gzipSync(bytes),
  (bytes, next) => {
    const packed = gzipSync(bytes);
    return packed.subarray(0, 20 + next(packed.length));
  },
  (bytes, next) => splice(bytes, next(bytes.length), 0, Buffer.alloc(1_000_000, 'A')),
  (bytes, next) => splice(bytes, next(bytes.length), 0, Buffer.from('['.repeat(10_000))),
  (bytes, next) => splice(bytes, next(bytes.length), 0, Buffer.from('{"a":'.repeat(10_000))),
  (bytes, next) => splice(bytes, next(bytes.length), 0, Buffer.alloc(1 + next(70_000))),
];

/** @param other a file to take pieces from. */
export function mutate(original, other, next) {
  let bytes = original;
  for (let count = 1 + next(6); count > 0 && bytes.length > 0; count -= 1) {
    // Half of all steps flip one bit: what is read must not depend on luck alone.
    const step = next(2) === 0 ? flip : steps[next(steps.length)];
    bytes = step(bytes, next, other);
  }
  if (next(12) === 0 && bytes.length > 0) bytes = whole[next(whole.length)](bytes, next);
  return bytes;
}
