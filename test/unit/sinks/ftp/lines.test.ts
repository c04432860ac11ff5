import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineSplitter } from '../../../../src/sinks/ftp/lines.js';

describe('command lines', () => {
  it('come out the same however the bytes were cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'Z', '9', ' ', 'ü', '.') });
    fc.assert(
      fc.property(
        fc.array(text),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\r\n`).join(''));
          const splitter = lineSplitter(1000);
          const found: string[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const next = at + (cuts[turn % cuts.length] ?? 1);
            found.push(...(splitter.push(bytes.subarray(at, next)) ?? ['too long']));
            at = next;
          }
          expect(found).toEqual(lines);
        },
      ),
    );
  });

  it('end at a bare LF too, and may not be longer than allowed', () => {
    const splitter = lineSplitter(4);
    expect(splitter.push(Buffer.from('NOOP\r\nPWD\n'))).toEqual(['NOOP', 'PWD']);
    expect(splitter.push(Buffer.from('NOOPS'))).toEqual([]);
    expect(splitter.push(Buffer.from('!'))).toBeNull();
  });

  it('lose telnet commands (RFC 854) and keep an escaped 255', () => {
    // IAC IP, IAC DM; IAC WILL 1; IAC IAC; IAC before the verb, its DM lost as urgent data.
    const splitter = lineSplitter(100);
    const push = (...bytes: number[]) => splitter.push(Buffer.from(bytes));
    const abor = [...Buffer.from('ABOR\r\n')];
    expect(push(255, 244, 255, 242, ...abor)).toEqual(['ABOR']);
    expect(push(255, 251, 1, ...abor)).toEqual(['ABOR']);
    expect(push(255, 244, 255, ...abor)).toEqual(['ABOR']);
    expect(push(65, 255, 255, 66, 10)).toEqual([Buffer.from([65, 255, 66]).toString('utf8')]);
  });

  it('never throw, and never hold more than the limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const lines = lineSplitter(50).push(Buffer.from(bytes));
        for (const line of lines ?? []) expect(line.length).toBeLessThanOrEqual(51);
      }),
    );
  });
});
