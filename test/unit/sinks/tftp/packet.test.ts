import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPacket, parsePacket, type TftpPacket } from '../../../../src/sinks/tftp/packet.js';

const uint16 = fc.integer({ min: 0, max: 65535 });
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
const name = fc.string({ unit: fc.constantFrom('a', 'k', 'z', '0', '9', '-'), minLength: 1 });
const options = fc.dictionary(name, text, { noNullPrototype: true });
const packet: fc.Arbitrary<TftpPacket> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('rrq' as const, 'wrq' as const),
    fileName: text.filter((value) => value !== ''),
    mode: fc.constantFrom('octet', 'netascii'),
    options,
  }),
  fc.record({
    kind: fc.constant('data' as const),
    block: uint16,
    data: fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ kind: fc.constant('ack' as const), block: uint16 }),
  fc.record({ kind: fc.constant('error' as const), code: uint16, message: text }),
  fc.record({
    kind: fc.constant('oack' as const),
    options: options.filter((value) => Object.keys(value).length > 0),
  }),
);

describe('TFTP packets', () => {
  it('are read as they were formatted', () => {
    fc.assert(
      fc.property(packet, (one) => {
        expect(parsePacket(formatPacket(one))).toEqual(one);
      }),
    );
  });

  it('never make the parser throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 0, max: 8 }), (bytes, opcode) => {
        const datagram = Buffer.concat([Buffer.from([0, opcode]), Buffer.from(bytes)]);
        const parsed = parsePacket(datagram);
        if (parsed?.kind === 'ack') expect(datagram.length).toBe(4);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parsePacket(Buffer.from(bytes))));
  });

  // Byte by byte from the figures of RFC 1350 §5 and the example of RFC 2347.
  it('look as the RFCs draw them', () => {
    const request = Buffer.from('\0\x01foobar\0octet\0blksize\x001432\0', 'latin1');
    const expected: TftpPacket = {
      kind: 'rrq',
      fileName: 'foobar',
      mode: 'octet',
      options: { blksize: '1432' },
    };
    expect(formatPacket(expected).equals(request)).toBe(true);
    expect(parsePacket(Buffer.from('\0\x02FOO\0OCTET\0BlkSize\x008\0', 'latin1'))).toEqual({
      kind: 'wrq',
      fileName: 'FOO',
      mode: 'octet',
      options: { blksize: '8' },
    });
    expect(formatPacket({ kind: 'ack', block: 258 })).toEqual(Buffer.from([0, 4, 1, 2]));
    expect(formatPacket({ kind: 'error', code: 5, message: 'x' })).toEqual(Buffer.from([0, 5, 0, 5, 120, 0]));
    expect(parsePacket(Buffer.from([0, 3, 255, 255, 7]))).toEqual({
      kind: 'data',
      block: 65535,
      data: Buffer.from([7]),
    });
  });

  it('are none where they are cut, without a mode, or name an option twice', () => {
    for (const wrong of [
      '\0\x01a\0octet',
      '\0\x01a\0',
      '\0\x01\0octet\0',
      '\0\x04\0',
      '\0\x04\0\0\0',
      '\0\x09ab',
    ]) {
      expect(parsePacket(Buffer.from(wrong, 'latin1')), JSON.stringify(wrong)).toBeNull();
    }
    const twice = '\0\x02a\0octet\0blksize\x008\0BLKSIZE\x009\0';
    expect(parsePacket(Buffer.from(twice, 'latin1'))).toBeNull();
  });
});
