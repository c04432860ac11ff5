import { describe, expect, it } from 'vitest';
import { event, fileOf, text, type Value, type Writer } from './builder.js';
import { convert } from './helpers.js';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** EventData of a record with one element per value. */
async function data(...values: readonly Value[]): Promise<Readonly<Record<string, string>> | undefined> {
  const define = (writer: Writer): void => {
    event(writer, () => {
      values.forEach((_, index) =>
        writer
          .open('Data', { Name: `v${String(index)}` })
          .substitution(index)
          .close(),
      );
    });
  };
  const { events, damaged } = await convert(fileOf((writer) => writer.instance(define, values)));
  expect(damaged).toEqual([]);
  return events[0]?.data;
}

// Types: MS-EVEN6, section 2.2.12; texts as Windows renders them.
describe('values', () => {
  it.each<[string, number, string, string]>([
    ['Int8', 0x03, 'ff', '-1'],
    ['UInt8', 0x04, 'ff', '255'],
    ['Int16', 0x05, '00 80', '-32768'],
    ['UInt16', 0x06, '00 80', '32768'],
    ['Int32', 0x07, 'fe ff ff ff', '-2'],
    ['UInt32', 0x08, 'fe ff ff ff', '4294967294'],
    ['Int64', 0x09, 'ff ff ff ff ff ff ff ff', '-1'],
    ['UInt64', 0x0a, 'ff ff ff ff ff ff ff ff', '18446744073709551615'],
    ['Double', 0x0c, '00 00 00 00 00 00 f8 3f', '1.5'],
    ['Boolean', 0x0d, '01 00 00 00', 'true'],
    ['Binary', 0x0e, 'de ad be ef', 'DEADBEEF'],
    [
      'GUID',
      0x0f,
      'd5 48 f7 94 45 4a 42 5a 00 00 00 10 d2 65 f2 0f',
      '{94F748D5-4A45-5A42-0000-0010D265F20F}',
    ],
    ['FILETIME', 0x11, '00 80 3e d5 de b1 9d 01', '1970-01-01T00:00:00.0000000Z'],
    ['FILETIME, 100 ns later', 0x11, '01 80 3e d5 de b1 9d 01', '1970-01-01T00:00:00.0000001Z'],
    ['FILETIME zero', 0x11, '00 00 00 00 00 00 00 00', '1601-01-01T00:00:00.0000000Z'],
    ['SYSTEMTIME', 0x12, 'e5 07 04 00 04 00 16 00 0b 00 20 00 03 00 d4 01', '2021-04-22T11:32:03.468Z'],
    ['SID', 0x13, '01 01 00 00 00 00 00 05 12 00 00 00', 'S-1-5-18'],
    ['HexInt32', 0x14, '68 01 00 00', '0x168'],
    ['HexInt32 zero', 0x14, '00 00 00 00', '0x0'],
    ['HexInt64', 0x15, 'e7 03 00 00 00 00 20 80', '0x80200000000003e7'],
    ['ANSI', 0x02, '4b f6 6c 6e 80 00', 'Köln€'],
  ])('%s', async (_name, type, hex, expected) => {
    expect(await data([type, bytes(hex)])).toEqual({ v0: expected });
  });

  it('texts: escapes, other planes, lone surrogates, NUL inside and at the end', async () => {
    const texts = ['a"b\\c\r\n\t\u0001\u001f', 'naïve €', '𝕏 \ud800 x \udc00', 'a\0b\0\0', ''];
    expect(await data(...texts.map((value): Value => [0x01, text(value)]))).toEqual({
      v0: texts[0],
      v1: texts[1],
      v2: '𝕏 \ufffd x \ufffd',
      v3: 'a\ufffdb',
      v4: '',
    });
  });

  it('values without a name are counted, an array is one of each item', async () => {
    const define = (writer: Writer): void => {
      event(writer, () => {
        writer.open('Data').substitution(0).close().open('Data').substitution(1).close();
        writer.open('Data').substitution(2, true).close().open('Data').literal('end').close();
      });
    };
    const values: Value[] = [
      [0x01, text('one')],
      [0x81, text('two\0three\0')],
      [0x00, Buffer.alloc(0)],
    ];
    const { events } = await convert(fileOf((writer) => writer.instance(define, values)));
    expect(events[0]?.data).toEqual({ param1: 'one', param2: 'two', param3: 'three', param4: 'end' });
  });

  it('a record without a template, and a template inside a value', async () => {
    const literal = (writer: Writer): void => {
      event(
        writer.put(bytes('0f010100')),
        () => writer.open('Data', { Name: 'a' }).literal('b').close(),
        '7',
      );
      writer.put(bytes('00'));
    };
    expect(await convert(fileOf(literal))).toMatchObject({
      events: [{ kind: 'test 7', system: { EventID: '7' }, data: { a: 'b' } }],
    });
  });
});
