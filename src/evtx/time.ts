import { Damage } from './damage.js';
import type { Out } from './out.js';

const day = 86_400_000;
/** From 1601 to 1970, in milliseconds. */
const epoch = 11_644_473_600_000;
const lastYear = 253_402_300_799_999;

let knownDay = NaN;
let knownDate = '';

function digits(out: Out, value: number, count: number): void {
  let divisor = 10 ** (count - 1);
  let rest = value;
  for (; divisor >= 1; divisor /= 10) {
    const digit = Math.floor(rest / divisor);
    out.byte(0x30 + digit);
    rest -= digit * divisor;
  }
}

/** 100-nanosecond steps since 1601 as RFC 3339 with seven digits. @throws Damage beyond the year 9999. */
export function writeFileTime(out: Out, low: number, high: number): void {
  // 2^32 = 429496 × 10^4 + 7296: milliseconds without exceeding what a double holds exactly.
  const rest = high * 7296 + low;
  const milliseconds = high * 429_496 + Math.floor(rest / 10_000) - epoch;
  if (milliseconds > lastYear) throw new Damage('a time lies after the year 9999');
  // Times of neighbours are of the same day.
  const days = Math.floor(milliseconds / day);
  if (days !== knownDay) {
    knownDate = new Date(days * day).toISOString().slice(0, 11);
    knownDay = days;
  }
  out.ascii(knownDate);
  const within = milliseconds - days * day;
  digits(out, Math.floor(within / 3_600_000), 2);
  out.byte(0x3a);
  digits(out, Math.floor(within / 60_000) % 60, 2);
  out.byte(0x3a);
  digits(out, Math.floor(within / 1000) % 60, 2);
  out.byte(0x2e);
  digits(out, within % 1000, 3);
  digits(out, rest % 10_000, 4);
  out.byte(0x5a);
}

const padded = (value: number, length: number): string => String(value).padStart(length, '0');

/** SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond, two bytes each. */
export function systemTime(view: DataView, at: number): string {
  const of = (index: number, length: number): string => padded(view.getUint16(at + index * 2, true), length);
  return `${of(0, 4)}-${of(1, 2)}-${of(3, 2)}T${of(4, 2)}:${of(5, 2)}:${of(6, 2)}.${of(7, 3)}Z`;
}
