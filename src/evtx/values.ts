import { Damage } from './damage.js';
import type { Out } from './out.js';

/** Types of values. MS-EVEN6, section 2.2.12; an array has bit 7 set. */
export const valueType = {
  none: 0x00,
  string: 0x01,
  ansi: 0x02,
  int8: 0x03,
  uint8: 0x04,
  int16: 0x05,
  uint16: 0x06,
  int32: 0x07,
  uint32: 0x08,
  int64: 0x09,
  uint64: 0x0a,
  float: 0x0b,
  double: 0x0c,
  boolean: 0x0d,
  binary: 0x0e,
  guid: 0x0f,
  size: 0x10,
  fileTime: 0x11,
  systemTime: 0x12,
  sid: 0x13,
  hex32: 0x14,
  hex64: 0x15,
  binaryXml: 0x21,
} as const;

const windows1252 = new TextDecoder('windows-1252');

/** 100-nanosecond steps since 1601 as RFC 3339 with seven digits. */
export function fileTime(low: number, high: number): string {
  // 2^32 = 429496 × 10^4 + 7296: milliseconds without exceeding what a double holds exactly.
  const rest = high * 7296 + low;
  const milliseconds = high * 429_496 + Math.floor(rest / 10_000) - 11_644_473_600_000;
  if (milliseconds > 253_402_300_799_999) throw new Damage('a time lies after the year 9999');
  const text = new Date(milliseconds).toISOString();
  return `${text.slice(0, -1)}${String(rest % 10_000).padStart(4, '0')}Z`;
}

const two = (value: number): string => String(value).padStart(2, '0');

function systemTime(view: DataView, at: number): string {
  // Year, month, day of the week, day, hour, minute, second, millisecond.
  const [year = 0, month = 0, , day = 0, hour = 0, minute = 0, second = 0, millisecond = 0] = Array.from(
    { length: 8 },
    (_, index) => view.getUint16(at + index * 2, true),
  );
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}.${String(millisecond).padStart(3, '0')}Z`;
}

const hexDigits = (value: number, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, '0');

function guid(view: DataView, at: number): string {
  const tail = hexDigits(view.getUint32(at + 8), 8) + hexDigits(view.getUint32(at + 12), 8);
  const [first, second, third] = [
    hexDigits(view.getUint32(at, true), 8),
    hexDigits(view.getUint16(at + 4, true), 4),
    hexDigits(view.getUint16(at + 6, true), 4),
  ];
  return `{${first}-${second}-${third}-${tail.slice(0, 4)}-${tail.slice(4)}}`;
}

/** MS-DTYP, section 2.4.2.1. */
function sid(view: DataView, at: number, size: number): string {
  const count = view.getUint8(at + 1);
  if (size < 8 + count * 4) throw new Damage('a security identifier is longer than its value');
  const authority = view.getUint16(at + 2) * 0x1_0000_0000 + view.getUint32(at + 4);
  const parts = Array.from({ length: count }, (_, index) => view.getUint32(at + 8 + index * 4, true));
  return ['S', view.getUint8(at), authority, ...parts].join('-');
}

const sizes: Readonly<Record<number, number>> = {
  [valueType.int8]: 1,
  [valueType.uint8]: 1,
  [valueType.int16]: 2,
  [valueType.uint16]: 2,
  [valueType.int32]: 4,
  [valueType.uint32]: 4,
  [valueType.int64]: 8,
  [valueType.uint64]: 8,
  [valueType.float]: 4,
  [valueType.double]: 8,
  [valueType.boolean]: 4,
  [valueType.guid]: 16,
  [valueType.fileTime]: 8,
  [valueType.systemTime]: 16,
  [valueType.hex32]: 4,
  [valueType.hex64]: 8,
};

/** Bytes of an item of an array of that type; undefined for texts and what has no fixed size. */
export const itemSize = (type: number): number | undefined => sizes[type];

/** An integer of any width: the value's own size holds, whatever width its type has. */
function integer(view: DataView, at: number, size: number, signed: boolean): string {
  switch (size) {
    case 1:
      return String(signed ? view.getInt8(at) : view.getUint8(at));
    case 2:
      return String(signed ? view.getInt16(at, true) : view.getUint16(at, true));
    case 4:
      return String(signed ? view.getInt32(at, true) : view.getUint32(at, true));
    case 8:
      return String(signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true));
    default:
      throw new Damage(`an integer of ${String(size)} bytes`);
  }
}

function hexadecimal(view: DataView, at: number, size: number): string {
  if (size === 8) return hex64(view, at);
  return `0x${Number(integer(view, at, size, false)).toString(16)}`;
}

/** The text of a value that is no string, as Windows renders it. @throws Damage or RangeError. */
function rendered(view: DataView, type: number, at: number, size: number): string {
  switch (type) {
    case valueType.int8:
    case valueType.int16:
    case valueType.int32:
    case valueType.int64:
      return integer(view, at, size, true);
    case valueType.uint8:
    case valueType.uint16:
    case valueType.uint32:
    case valueType.uint64:
    case valueType.size:
      return integer(view, at, size, false);
    case valueType.hex32:
    case valueType.hex64:
      return hexadecimal(view, at, size);
    case valueType.sid:
      return sid(view, at, size);
    default:
      if (size !== sizes[type])
        throw new Damage(`a value of type 0x${type.toString(16)} and ${String(size)} bytes`);
  }
  switch (type) {
    case valueType.float:
      return String(view.getFloat32(at, true));
    case valueType.double:
      return String(view.getFloat64(at, true));
    case valueType.boolean:
      return view.getUint32(at, true) === 0 ? 'false' : 'true';
    case valueType.guid:
      return guid(view, at);
    case valueType.fileTime:
      return fileTime(view.getUint32(at, true), view.getUint32(at + 4, true));
    default:
      return systemTime(view, at);
  }
}

function hex64(view: DataView, at: number): string {
  const high = view.getUint32(at + 4, true);
  const low = view.getUint32(at, true).toString(16);
  return high === 0 ? `0x${low}` : `0x${high.toString(16)}${low.padStart(8, '0')}`;
}

/** End of a text without the NULs that some writers count in. */
function textEnd(view: DataView, at: number, end: number): number {
  let last = end;
  while (last - 2 >= at && view.getUint16(last - 2, true) === 0) last -= 2;
  return last;
}

/** A value as a text of its own. @throws Damage or RangeError. */
export function valueText(chunk: Buffer, view: DataView, type: number, at: number, size: number): string {
  if (type === valueType.none || size === 0) return '';
  if (type === valueType.string) return chunk.toString('utf16le', at, textEnd(view, at, at + size));
  if (type === valueType.ansi) return windows1252.decode(chunk.subarray(at, at + size)).replace(/\0+$/, '');
  if (type === valueType.binary) return chunk.toString('hex', at, at + size).toUpperCase();
  return rendered(view, type, at, size);
}

/** Writes a value inside a JSON string. @throws Damage or RangeError. */
export function writeValue(
  out: Out,
  chunk: Buffer,
  view: DataView,
  type: number,
  at: number,
  size: number,
): void {
  if (type === valueType.none || size === 0) return;
  if (type === valueType.string) out.utf16(view, at, textEnd(view, at, at + size));
  else if (type === valueType.ansi) out.text(valueText(chunk, view, type, at, size));
  else out.ascii(valueText(chunk, view, type, at, size));
}
