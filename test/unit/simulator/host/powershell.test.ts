import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  endProcessesScript,
  parseWindowsCommandLine,
  renderCommand,
} from '../../../../src/executors/index.js';
import {
  splitStatements,
  splitWords,
  textExpression,
} from '../../../../src/simulator/host/powershell/words.js';
import { shellCommandLine } from '../../../../src/simulator/host/ssh/exec.js';
import { bench, type Bench } from './bench.js';

const image = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';

describe('PowerShell’s words', () => {
  const lookup = (name: string): string | undefined => ({ 'env:X': 'value', a: '1' })[name];
  const words = (text: string): string[] => splitWords(text, lookup).map((word) => word.text);

  it.each([
    ["& 'C:\\a b\\x.exe' one", ['&', 'C:\\a b\\x.exe', 'one']],
    ["'it''s' \"a $a `$a\"", ["it's", 'a 1 $a']],
    ['a$env:X.b', ['avalue.b']],
    ['net.exe --% use "a b" %x%', ['net.exe', 'use "a b" %x%']],
    ['x ""', ['x', '']],
  ])('%s', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it('divides statements outside quotes, braces and parentheses', () => {
    expect(splitStatements("a; b 'x;y'\nif (!$?) { exit 1; }; c")).toEqual([
      'a',
      "b 'x;y'",
      'if (!$?) { exit 1; }',
      'c',
    ]);
  });

  it('takes double quotes by the format operator', () => {
    expect(textExpression("('/c {0}a{0} {{b}}' -f [char]34)")).toBe('/c "a" {b}');
    expect(textExpression("'plain'")).toBe('plain');
    expect(textExpression('$x')).toBeNull();
  });
});

describe('powershell.exe', () => {
  let host: Bench;
  beforeEach(async () => {
    host = await bench();
  });
  afterEach(() => host.close());
  const shell = (command: string, stdin?: string) =>
    host.run(image, shellCommandLine('powershell', command), stdin);

  it('answers the probe for the shell as Windows does', async () => {
    const { stdout, exitCode } = await shell('echo %COMSPEC% $PSVersionTable');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^%COMSPEC%\r\n/);
    expect(stdout).toMatch(/\r\nPSVersion +5\.1\./);
  });

  it('ends with 0 or 1 by the last statement, or with what exit says', async () => {
    expect((await shell('cmd.exe /c "exit 5"')).exitCode).toBe(1);
    expect((await shell('cmd.exe /c "exit 5"; exit $LASTEXITCODE')).exitCode).toBe(5);
    expect((await shell('whoami.exe')).exitCode).toBe(0);
    expect(await shell('nonsense')).toMatchObject({ exitCode: 1 });
    expect((await shell('nonsense')).stderr).toContain('CommandNotFoundException');
    expect((await shell('exit 3')).exitCode).toBe(3);
  });

  it('gives programs exactly what the executor renders for this shell', async () => {
    const args = fc.array(
      fc.string({ unit: fc.constantFrom(...Array.from('ab \\"\'$;(){}%^&|.')), maxLength: 8 }),
      {
        maxLength: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(args, async (list) => {
        host.activities.length = 0;
        await shell(renderCommand({ program: 'where.exe', args: list }, 'powershell'));
        const child = host.activities.find(
          (one) => one.kind === 'process-started' && one.process.originalFileName === 'where.exe',
        );
        const line = child?.kind === 'process-started' ? child.process.commandLine : '';
        expect(parseWindowsCommandLine(line).slice(1)).toEqual(list);
      }),
      { numRuns: 60 },
    );
  });

  it('hands on the exit code of an inner cmd.exe in both of the executor’s forms', async () => {
    expect((await shell(renderCommand({ cmd: 'exit 6' }, 'powershell'))).exitCode).toBe(6);
    expect((await shell(renderCommand({ cmd: 'echo "a" & exit 7' }, 'powershell'))).exitCode).toBe(7);
    expect((await shell(renderCommand({ program: 'missing.exe', args: ['a'] }, 'powershell'))).exitCode).toBe(
      1,
    );
  });

  it('runs an encoded command and logs it as a script block', async () => {
    const encoded = Buffer.from("echo 'from the loader'", 'utf16le').toString('base64');
    const ran = await host.cmd(`powershell.exe -NoProfile -EncodedCommand ${encoded}`);
    expect(ran).toMatchObject({ exitCode: 0, stdout: 'from the loader\r\n' });
    expect(host.activities.find((one) => one.kind === 'script-block')).toMatchObject({
      text: "echo 'from the loader'",
      path: null,
    });
  });

  it('tells the time of the host', async () => {
    const before = Date.now();
    const { stdout } = await host.cmd(
      'powershell.exe -NoProfile -Command "[DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()"',
    );
    expect(Number(stdout)).toBeGreaterThanOrEqual(before);
    expect(Number(stdout)).toBeLessThanOrEqual(Date.now());
  });

  it('ends the processes that carry a marker, and not what runs it', async () => {
    const forever = host.machine.processes.start(
      {
        parent: host.machine.processes.sshd,
        image,
        originalFileName: 'x',
        commandLine: 'x.exe dk3f9q2x.dat',
        directory: 'C:\\',
      },
      (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(0))),
    );
    const encoded = Buffer.from(endProcessesScript('dk3f9q2x'), 'utf16le').toString('base64');
    const ran = await host.cmd(`powershell.exe -NoProfile -EncodedCommand ${encoded}`);
    expect(ran).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await forever.ended).toBe(1);
  });
});
