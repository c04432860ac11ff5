import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandVariables } from '../../../../src/simulator/host/cmd/expand.js';
import { parseCmd } from '../../../../src/simulator/host/cmd/parse.js';
import { readSwitches, stripQuotes } from '../../../../src/simulator/host/cmd/switches.js';

const command = (text: string, redirections: object[] = []) => ({ kind: 'command', text, redirections });

describe('a line of cmd.exe', () => {
  it('binds | closest, then &&, then ||, then &', () => {
    expect(parseCmd('a|b&&c||d&e')).toEqual({
      kind: 'sequence',
      operator: '&',
      left: {
        kind: 'sequence',
        operator: '||',
        left: {
          kind: 'sequence',
          operator: '&&',
          left: { kind: 'pipe', left: command('a'), right: command('b') },
          right: command('c'),
        },
        right: command('d'),
      },
      right: command('e'),
    });
  });

  it.each([
    ['echo "a & b | c > d"', command('echo "a & b | c > d"')],
    ['echo a^&b^|c^>d^^', command('echo a&b|c>d^')],
    ['echo "^"', command('echo "^"')],
    ['@@echo a', command('echo a')],
  ])('%s: quotes and carets take the meaning of special characters', (line, expected) => {
    expect(parseCmd(line)).toEqual(expected);
  });

  it.each([
    ['type f>out', 'type f', [{ handle: 1, mode: 'write', to: 'out' }]],
    ['type f >> "a b"', 'type f ', [{ handle: 1, mode: 'append', to: 'a b' }]],
    ['type f 2>err', 'type f ', [{ handle: 2, mode: 'write', to: 'err' }]],
    [
      'sort <in >out',
      'sort ',
      [
        { handle: 0, mode: 'read', to: 'in' },
        { handle: 1, mode: 'write', to: 'out' },
      ],
    ],
    [
      'x >nul 2>&1',
      'x ',
      [
        { handle: 1, mode: 'write', to: 'nul' },
        { handle: 2, mode: 'duplicate', to: '1' },
      ],
    ],
    // The digit belongs to the word before it unless white space divides them.
    ['echo v2>out', 'echo v2', [{ handle: 1, mode: 'write', to: 'out' }]],
    ['type f > \\\\s\\share\\f', 'type f ', [{ handle: 1, mode: 'write', to: '\\\\s\\share\\f' }]],
  ])('%s: redirections are taken out of the command', (line, text, redirections) => {
    const node = parseCmd(line);
    expect(node).toMatchObject({ kind: 'command', redirections });
    expect(node?.kind === 'command' ? node.text.trimEnd() : '').toBe(text.trimEnd());
  });

  it('takes what follows if, else and parentheses', () => {
    expect(parseCmd('if not exist "a b" (echo a) else echo b')).toMatchObject({
      kind: 'if',
      condition: { test: 'exist', path: 'a b', not: true },
      then: { kind: 'group', body: { text: 'echo a' } },
      otherwise: { text: 'echo b' },
    });
    expect(parseCmd('if /i A==a echo same')).toMatchObject({
      condition: { test: 'equal', left: 'A', right: 'a', ignoreCase: true },
    });
  });

  it.each([
    ['&& a', '&& was unexpected at this time.'],
    ['a | | b', '| was unexpected at this time.'],
    ['(a', 'The syntax of the command is incorrect.'],
    ['a >', 'The syntax of the command is incorrect.'],
  ])('%s is a syntax error in its own words', (line, words) => {
    expect(() => parseCmd(line)).toThrow(words);
  });

  it('either parses or says what is wrong, whatever the line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab "^&|<>()%=12@')), maxLength: 30 }),
        (line) => {
          try {
            parseCmd(line);
          } catch (error) {
            expect(error).toHaveProperty('name', 'CmdSyntaxError');
          }
        },
      ),
    );
  });

  it('gives back a text without special characters as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9 .\\:/_-]*$/), (line) => {
        fc.pre(!/^if(\s|$)/.test(line));
        expect(parseCmd(line)).toEqual(command(line));
      }),
    );
  });
});

describe('%variables%', () => {
  const lookup = (name: string): string | undefined =>
    ({ COMSPEC: 'C:\\Windows\\system32\\cmd.exe', DIGITS: '0123456789' })[name.toUpperCase()];

  it.each([
    ['echo %ComSpec%', 'echo C:\\Windows\\system32\\cmd.exe'],
    ['echo %nothing%', 'echo %nothing%'],
    ['100%', '100%'],
    ['%nothing%DIGITS%', '%nothing0123456789'],
    ['%DIGITS:~2,3%', '234'],
    ['%DIGITS:~-3%', '789'],
    ['%DIGITS:~1,-7%', '12'],
    ['%DIGITS:45=x%', '0123x6789'],
  ])('%s', (line, expected) => {
    expect(expandVariables(line, lookup)).toBe(expected);
  });
});

describe('switches and quotes of cmd.exe (cmd /?)', () => {
  it.each([
    ['/c dir', 'dir', false],
    ['/d /s /c "dir"', '"dir"', true],
    ['/D/C dir', 'dir', false],
    ['/v:on /k x', 'x', false],
  ])('%s', (tail, text, alwaysStrip) => {
    expect(readSwitches(tail)).toEqual({ command: text, alwaysStrip });
  });

  const exists = (name: string): Promise<boolean> => Promise.resolve(name === 'C:\\Program Files\\x.exe');
  it.each([
    // Exactly two quotes around the name of an executable with white space in it: they stay.
    ['"C:\\Program Files\\x.exe"', false, '"C:\\Program Files\\x.exe"'],
    ['"C:\\Program Files\\x.exe"', true, 'C:\\Program Files\\x.exe'],
    ['"C:\\Program Files\\y.exe"', false, 'C:\\Program Files\\y.exe'],
    ['"cmd.exe /d /c "copy a b""', false, 'cmd.exe /d /c "copy a b"'],
    ['"echo a" b "c', false, 'echo a" b c'],
    ['dir "a b"', false, 'dir "a b"'],
  ])('%s, /s %s', async (text, alwaysStrip, expected) => {
    expect(await stripQuotes({ command: text, alwaysStrip }, exists)).toBe(expected);
  });
});
