import { crc32 } from 'node:zlib';

const chunkSize = 65_536;
const firstRecord = 512;

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
export const text = (value: string): Buffer => Buffer.from(value, 'utf16le');
const fragment = Buffer.from([0x0f, 1, 1, 0]);

/** A value of a record: type and bytes. */
export type Value = readonly [type: number, bytes: Buffer];

/** Writes binary XML at a known place in a chunk: names and templates are addressed from the chunk's start. */
export class Writer {
  readonly #names = new Map<string, number>();
  bytes: Buffer;
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
    this.bytes = Buffer.alloc(0);
  }

  get at(): number {
    return this.#start + this.bytes.length;
  }

  put(...parts: readonly Buffer[]): this {
    this.bytes = Buffer.concat([this.bytes, ...parts]);
    return this;
  }

  /** The offset of a name, followed by the name where it is new. */
  name(name: string): this {
    const known = this.#names.get(name);
    if (known !== undefined) return this.put(u32(known));
    const offset = this.at + 4;
    this.#names.set(name, offset);
    return this.put(u32(offset), u32(0), u16(0), u16(name.length), text(name), u16(0));
  }

  open(name: string, attributes: Readonly<Record<string, string>> = {}, dependency = true): this {
    const list = Object.entries(attributes);
    this.put(
      Buffer.from([list.length > 0 ? 0x41 : 0x01]),
      dependency ? u16(0xffff) : Buffer.alloc(0),
      u32(0),
    ).name(name);
    if (list.length > 0) this.put(u32(0));
    for (const [key, value] of list)
      this.put(Buffer.from([0x06]))
        .name(key)
        .literal(value);
    return this.put(Buffer.from([0x02]));
  }

  close(): this {
    return this.put(Buffer.from([0x04]));
  }

  literal(value: string): this {
    return this.put(Buffer.from([0x05, 0x01]), u16(value.length), text(value));
  }

  substitution(index: number, optional = false): this {
    return this.put(Buffer.from([optional ? 0x0e : 0x0d]), u16(index), Buffer.from([0]));
  }

  /** An instance of a template that follows in place. */
  instance(define: (writer: Writer) => void, values: readonly Value[]): this {
    this.put(fragment, Buffer.from([0x0c, 1]), u32(1)).put(u32(this.at + 4));
    const definition = this.bytes.length;
    this.put(u32(0), Buffer.alloc(16), u32(0), fragment);
    define(this);
    this.put(Buffer.from([0]));
    this.bytes.writeUInt32LE(this.bytes.length - definition - 24, definition + 20);
    return this.values(values);
  }

  values(values: readonly Value[]): this {
    this.put(u32(values.length));
    for (const [type, { length }] of values) this.put(u16(length), Buffer.from([type, 0]));
    return this.put(...values.map(([, bytes]) => bytes));
  }
}

/** `<Event><System>…</System><EventData>…</EventData></Event>` around what `data` writes. */
export function event(writer: Writer, data: (writer: Writer) => void, id = '1'): void {
  writer.open('Event').open('System');
  writer.open('Provider', { Name: 'Test' }).close();
  writer.open('EventID').literal(id).close().close();
  writer.open('EventData');
  data(writer);
  writer.close().close();
}

/** A file of one chunk, with sound checksums, and one record per function. */
export function fileOf(...records: readonly ((writer: Writer) => void)[]): Buffer {
  const chunk = Buffer.alloc(chunkSize);
  let at = firstRecord;
  records.forEach((write, index) => {
    const writer = new Writer(at + 24);
    write(writer);
    const size = 24 + writer.bytes.length + 4;
    Buffer.concat([u32(0x2a2a), u32(size), u32(index + 1), Buffer.alloc(12), writer.bytes, u32(size)]).copy(
      chunk,
      at,
    );
    at += size;
  });
  chunk.write('ElfChnk\0', 'latin1');
  chunk.writeUInt32LE(at, 48);
  chunk.writeUInt32LE(crc32(chunk.subarray(firstRecord, at)), 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, firstRecord), crc32(chunk.subarray(0, 120))), 124);
  const header = Buffer.alloc(4096);
  header.write('ElfFile\0', 'latin1');
  return Buffer.concat([header, chunk]);
}
