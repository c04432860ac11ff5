import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowsArgv } from '../../../src/executors/index.js';

describe('windowsArgv', () => {
  // Examples of the documentation: "Parsing C++ command-line arguments" and CommandLineToArgvW.
  it.each([
    ['x.exe "a b c" d e', ['x.exe', 'a b c', 'd', 'e']],
    ['x.exe "ab\\"c" "\\\\" d', ['x.exe', 'ab"c', '\\', 'd']],
    ['x.exe a\\\\\\b d"e f"g h', ['x.exe', 'a\\\\\\b', 'de fg', 'h']],
    ['x.exe a\\\\\\"b c d', ['x.exe', 'a\\"b', 'c', 'd']],
    ['x.exe a\\\\\\\\"b c" d e', ['x.exe', 'a\\\\b c', 'd', 'e']],
    ['x.exe  a\tb ', ['x.exe', 'a', 'b']],
    ['x.exe ""', ['x.exe', '']],
    ['x.exe "" a', ['x.exe', '', 'a']],
    // A quote right after a closing one is literal.
    ['x.exe "a""b"', ['x.exe', 'a"b']],
    ['x.exe "unclosed arg', ['x.exe', 'unclosed arg']],
    // The program's name knows no escapes.
    ['"C:\\Program Files\\x.exe" -a', ['C:\\Program Files\\x.exe', '-a']],
    ['C:\\a"b c" d', ['C:\\a"b', 'c d']],
    ['"C:\\dir\\" a', ['C:\\dir\\', 'a']],
    ['', []],
  ])('%s', (line, words) => {
    expect(windowsArgv(line)).toEqual(words);
  });

  it('splits what has neither quotes nor backslashes at white space alone', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-zA-Z0-9äé:/=.,-]+$/), { minLength: 1 }), (words) => {
        expect(windowsArgv(words.join('  '))).toEqual(words);
      }),
    );
  });
});
