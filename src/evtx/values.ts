import { Damage } from './damage.js';
import type { Out } from './out.js';
import { systemTime, writeFileTime } from './time.js';

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

/** Code page 1252 from 0x80 to 0x9f; Node 20's TextDecoder takes them for Latin-1. Which code page it was, a record does not say. */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const ansi = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .replace(/\0+$/, '')
    .replaceAll(/[\x80-\x9f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80] ?? character);

/** Bytes by type, where a type has a fixed size. */
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

/** MS-DTYP, section 2.4.2.1. */
function sid(view: DataView, at: number, size: number): string {
  const count = view.getUint8(at + 1);
  if (size < 8 + count * 4) throw new Damage('a security identifier is longer than its value');
  const authority = view.getUint16(at + 2) * 0x1_0000_0000 + view.getUint32(at + 4);
  const parts = Array.from({ length: count }, (_, index) => view.getUint32(at + 8 + index * 4, true));
  return ['S', view.getUint8(at), authority, ...parts].join('-');
}

/** An integer of any width: the value's own size holds, whatever width its type has. */
function writeInteger(out: Out, view: DataView, at: number, size: number, signed: boolean): void {
  if (size === 8) out.ascii(String(signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true)));
  else if (signed) out.ascii(String(signedInteger(view, at, size)));
  else out.decimal(unsigned(view, at, size));
}

function unsigned(view: DataView, at: number, size: number): number {
  if (size === 4) return view.getUint32(at, true);
  if (size === 2) return view.getUint16(at, true);
  if (size === 1) return view.getUint8(at);
  throw new Damage(`an integer of ${String(size)} bytes`);
}

function signedInteger(view: DataView, at: number, size: number): number {
  const bits = size * 8;
  const value = unsigned(view, at, size);
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

function writeHex(out: Out, view: DataView, at: number, size: number): void {
  out.ascii('0x');
  if (size !== 8) {
    out.hex(unsigned(view, at, size), 1);
    return;
  }
  const high = view.getUint32(at + 4, true);
  if (high !== 0) out.hex(high, 1);
  out.hex(view.getUint32(at, true), high === 0 ? 1 : 8);
}

/** A value that is no string, as Windows renders it. */
function writeRendered(out: Out, view: DataView, type: number, at: number, size: number): void {
  switch (type) {
    case valueType.int8:
    case valueType.int16:
    case valueType.int32:
    case valueType.int64:
      writeInteger(out, view, at, size, true);
      return;
    case valueType.uint8:
    case valueType.uint16:
    case valueType.uint32:
    case valueType.uint64:
    case valueType.size:
      writeInteger(out, view, at, size, false);
      return;
    case valueType.hex32:
    case valueType.hex64:
      writeHex(out, view, at, size);
      return;
    case valueType.sid:
      out.ascii(sid(view, at, size));
      return;
    default:
      if (size !== sizes[type])
        throw new Damage(`a value of type 0x${type.toString(16)} and ${String(size)} bytes`);
  }
  if (type === valueType.guid) out.guid(view, at);
  else if (type === valueType.fileTime)
    writeFileTime(out, view.getUint32(at, true), view.getUint32(at + 4, true));
  else if (type === valueType.systemTime) out.ascii(systemTime(view, at));
  else if (type === valueType.boolean) out.ascii(view.getUint32(at, true) === 0 ? 'false' : 'true');
  else out.ascii(String(type === valueType.float ? view.getFloat32(at, true) : view.getFloat64(at, true)));
}

/** End of a text without the NULs that some writers count in. */
function textEnd(view: DataView, at: number, end: number): number {
  let last = end;
  while (last - 2 >= at && view.getUint16(last - 2, true) === 0) last -= 2;
  return last;
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
  if (type === valueType.string) out.utf16(view, at, textEnd(view, at, at + size));
  else if (type === valueType.none || size === 0) return;
  else if (type === valueType.ansi) out.text(ansi(chunk.subarray(at, at + size)));
  else if (type === valueType.binary) out.ascii(chunk.toString('hex', at, at + size).toUpperCase());
  else writeRendered(out, view, type, at, size);
}

/** The text of a value of the System part: strings and integers. Others tell no kind of event. */
export function headText(chunk: Buffer, view: DataView, type: number, at: number, size: number): string {
  if (size === 0) return '';
  if (type === valueType.string) return chunk.toString('utf16le', at, textEnd(view, at, at + size));
  if (type === valueType.uint16 || type === valueType.uint32 || type === valueType.uint8)
    return String(unsigned(view, at, size));
  return '';
}
