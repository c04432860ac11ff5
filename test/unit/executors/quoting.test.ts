import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/index.js';
import { renderCommand } from '../../../src/executors/index.js';
import {
  cmdRead,
  cmdStrip,
  nativeLine,
  powershellWords,
  runtimeArguments,
  startInfo,
} from './shell-models.js';

/** Everything that means something to one of the parsers, and what does not. */
const piece = fc.constantFrom(
  ...[
    '"',
    '\\',
    ' ',
    '^',
    '&',
    '|',
    '<',
    '>',
    '(',
    ')',
    '!',
    "'",
    '\u2019',
    '{',
    '}',
    '{0}',
    '$',
    '`',
    ';',
    ',',
    '@',
    '=',
    '#',
  ],
  ...['a', 'Z9', '-', '/', '.', ':', 'ü', '漢', '\t', '~', '*', '?', '$(x)', '--%', 'PATH', '%'],
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const args = fc.array(text, { maxLength: 5 });
const program = fc.constantFrom(
  'x.exe',
  'C:\\dir\\x.exe',
  'C:\\a b\\x & y (1).exe',
  "C:\\o'brien\\ü.exe",
  'rundll32.exe',
);
/** Both are set: an expansion would show. */
const variables = { PATH: 'EXPANDED', A: 'EXPANDED' };

const windows = (command: string) => cmdRead(cmdStrip(`"${command}"`), variables);
const hasVariable = (parts: readonly string[]) => /%[^%]+%/.test(parts.join(' '));

/** The rendering, or undefined where it was refused. */
function rendered(
  step: Parameters<typeof renderCommand>[0],
  shell: 'cmd' | 'powershell',
): string | undefined {
  try {
    return renderCommand(step, shell);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return undefined;
  }
}

describe('under cmd.exe', () => {
  it('hands a program exactly its arguments', () => {
    fc.assert(
      fc.property(program, args, (name, words) => {
        const command = rendered({ program: name, args: words }, 'cmd');
        // Only a pair of percent signs cannot be carried.
        fc.pre(command !== undefined || (words.join('').match(/%/g)?.length ?? 0) < 2);
        if (command === undefined) throw new Error('refused without need');
        const { line, actedOn } = windows(command);
        expect(actedOn).toEqual([]);
        expect(runtimeArguments(line)).toEqual(words);
        expect(line.startsWith(name) || line.startsWith(`"${name}"`)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('hands the inner cmd.exe exactly its command line, which it alone acts on', () => {
    fc.assert(
      fc.property(text, (inner) => {
        fc.pre(inner.trim() !== '' && !hasVariable([inner]));
        const { line, actedOn } = windows(renderCommand({ cmd: inner }, 'cmd'));
        expect(actedOn).toEqual([]);
        expect(line).toBe(`cmd.exe /d /c "${inner}"`);
        expect(cmdStrip(line.slice('cmd.exe /d /c '.length))).toBe(inner);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [
      { program: 'powershell.exe', args: ['-NoProfile', '-File', 'C:\\Dyetrace\\x.ps1'] },
      'powershell.exe -NoProfile -File C:\\Dyetrace\\x.ps1',
    ],
    [{ cmd: 'type C:\\f > \\\\sink\\share\\f' }, 'cmd.exe /d /c "type C:\\f > \\\\sink\\share\\f"'],
    [{ cmd: 'copy "a b" c & echo d' }, 'cmd.exe /d /c "copy "a b" c & echo d"'],
    // Quotes are even before the &, so the outer shell would act on it.
    [{ cmd: 'copy "a & b" c' }, 'cmd.exe /d /c "copy "a ^& b" c"'],
    [{ program: 'x.exe', args: ['a&b', '', 'c\\'] }, 'x.exe "a&b" "" c\\'],
    [{ program: 'x.exe', args: ['a b\\'] }, 'x.exe "a b\\\\"'],
    [{ program: 'x.exe', args: ['5" & go'] }, 'x.exe ^"5\\^" ^& go^"'],
    [{ program: 'net.exe', args: ['use', '\\\\127.0.2.1\\drop', '*'] }, 'net.exe use \\\\127.0.2.1\\drop *'],
    [{ program: 'x.exe', args: ['50%'] }, 'x.exe 50%'],
    // Rundll32 takes the quotes around the path alone.
    [
      { program: 'rundll32.exe', args: ['C:\\a b\\x.dll,Upload', 'protocol=ftp'] },
      'rundll32.exe "C:\\a b\\x.dll",Upload protocol=ftp',
    ],
    [{ program: 'rundll32.exe', args: ['C:\\d\\x.dll,Upload'] }, 'rundll32.exe C:\\d\\x.dll,Upload'],
  ])('%j', (step, command) => {
    expect(renderCommand(step, 'cmd')).toBe(command);
  });

  it.each([
    ['a variable', { program: 'x.exe', args: ['%PATH%'] }],
    ['a variable over two arguments', { program: 'x.exe', args: ['50%', '60%'] }],
    ['a variable of the inner line', { cmd: 'echo %PATH%' }],
    ['a line break', { program: 'x.exe', args: ['a\nb'] }],
    ['a carriage return', { cmd: 'a\rb' }],
    ['NUL', { program: 'x.exe', args: ['a\0'] }],
    ['half a surrogate pair', { program: 'x.exe', args: ['\ud83d'] }],
    ['8,191 characters', { program: 'x.exe', args: ['a'.repeat(8191)] }],
    ['an inner line of 8,191 characters', { cmd: 'a'.repeat(8191) }],
    ['a batch file', { program: 'x.bat', args: [] }],
    ["the shell's own command", { program: 'copy', args: [] }],
    ['a quote in the name', { program: 'a"b.exe', args: [] }],
    ['nothing', { cmd: ' ' }],
  ])('refuses %s', (_, step) => {
    expect(() => renderCommand(step, 'cmd')).toThrow(
      expect.objectContaining({ code: 'not-quotable', exitCode: 2 }),
    );
  });
});

describe('under PowerShell', () => {
  const suffix = '; if (!$?) { if ($LASTEXITCODE) { exit $LASTEXITCODE } exit 1 }';

  it('hands a program exactly its arguments', () => {
    fc.assert(
      fc.property(program, args, (name, words) => {
        const command = renderCommand({ program: name, args: words }, 'powershell');
        // What the SSH server makes of quotes in `-c "…"` depends on its version; a last backslash would escape the closing one.
        expect(command).not.toContain('"');
        expect(command).not.toMatch(/\\$/);
        if (command.startsWith('$p = ')) {
          const { fileName, parameters } = startInfo(command);
          expect(fileName).toBe(name);
          expect(runtimeArguments(`x ${parameters}`)).toEqual(words);
        } else {
          const { words: found, rest } = powershellWords(command);
          if (found[0] === '&') found.shift();
          expect(rest).toBe(suffix);
          expect(found).toEqual([name, ...words]);
          expect(runtimeArguments(nativeLine(found))).toEqual(words);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('hands the inner cmd.exe exactly its command line', () => {
    fc.assert(
      fc.property(text, (inner) => {
        fc.pre(inner.trim() !== '');
        const command = renderCommand({ cmd: inner }, 'powershell');
        expect(command).not.toContain('"');
        if (command.startsWith('$p = ')) {
          expect(startInfo(command)).toEqual({ fileName: 'cmd.exe', parameters: `/d /c "${inner}"` });
        } else {
          expect(nativeLine(powershellWords(command).words)).toBe(`cmd.exe /d /c "${inner}"`);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [
      { program: 'powershell.exe', args: ['-NoProfile', '-File', 'C:\\Dyetrace\\x.ps1'] },
      `powershell.exe -NoProfile -File C:\\Dyetrace\\x.ps1${suffix}`,
    ],
    [
      { program: 'C:\\a b\\x.exe', args: ["o'brien", '5', 'a,b'] },
      `& 'C:\\a b\\x.exe' 'o''brien' '5' 'a,b'${suffix}`,
    ],
    [{ cmd: 'type C:\\f > \\\\sink\\share\\f' }, `cmd.exe /d /c 'type C:\\f > \\\\sink\\share\\f'${suffix}`],
    [{ program: 'x.exe', args: ['%PATH%'] }, `x.exe '%PATH%'${suffix}`],
  ])('%j', (step, command) => {
    expect(renderCommand(step, 'powershell')).toBe(command);
  });

  it.each([
    ['a line break', { program: 'x.exe', args: ['a\nb'] }],
    ['more than CreateProcess takes', { program: 'x.exe', args: ['a'.repeat(32_766)] }],
    ["more than the inner cmd.exe's limit", { cmd: 'a'.repeat(8191) }],
    ['an alias', { program: 'curl', args: [] }],
  ])('refuses %s', (_, step) => {
    expect(() => renderCommand(step, 'powershell')).toThrow(
      expect.objectContaining({ code: 'not-quotable' }),
    );
  });
});
