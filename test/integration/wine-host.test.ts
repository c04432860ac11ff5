import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../../src/core/index.js';
import {
  renderCommand,
  type CommandResult,
  type CommandStep,
  type Executor,
} from '../../src/executors/index.js';
import { describeWith } from '../helpers/requires.js';
import { startWineHost, wineHostPrograms, type WineHost } from '../helpers/wine-host.js';

/** Writes its arguments as UTF-16 code units, since a console's code page cannot carry all of them. */
const argvSource = `
#include <stdio.h>
#include <wchar.h>
int wmain(int count, wchar_t **words)
{
    for (int i = 1; i < count; i++) {
        for (wchar_t *c = words[i]; *c; c++) printf("%04x", *c);
        printf(i + 1 < count ? "," : "");
    }
    printf("\\n%d\\n", count - 1);
    return 0;
}
`;

/** What follows shows Wine's reimplementation of cmd.exe at work; Windows' own may differ. */
describeWith(
  { programs: wineHostPrograms, root: true, platforms: ['linux'] },
  'a Wine host behind sshd',
  () => {
    let host: WineHost;
    let executor: Executor;
    let argv: string;

    const run = (step: CommandStep): Promise<CommandResult> =>
      executor.run(renderCommand(step, 'cmd'), { timeoutMs: 60_000 });

    async function argumentsOf(words: readonly string[], program = argv): Promise<string[]> {
      const { stdout, exitCode } = await run({ program, args: words });
      expect(exitCode).toBe(0);
      const [line = '', count = ''] = stdout.split(/\r?\n/);
      if (count === '0') return [];
      return line
        .split(',')
        .map((word) =>
          String.fromCharCode(...(word.match(/..../g) ?? []).map((unit) => Number.parseInt(unit, 16))),
        );
    }

    async function stage(path: string, content: Buffer): Promise<void> {
      // eslint-disable-next-line @typescript-eslint/require-await -- a generator that awaits nothing is still an AsyncIterable
      const pieces = async function* () {
        yield content;
      };
      await executor.stage({ path, content: pieces });
    }

    beforeAll(async () => {
      host = await startWineHost();
      executor = host.connect();
      argv = await host.build('argv.exe', argvSource);
      await executor.makeDirectory('C:\\Dyetrace');
      await executor.makeDirectory('C:\\Dyetrace\\Zuflüsse und Flüße');
    });
    afterAll(async () => {
      await executor.close();
      await host.stop();
    });

    it('hands on exit codes', async () => {
      await expect(run({ cmd: 'exit /b 3' })).resolves.toMatchObject({ exitCode: 3, ended: 'exit' });
      await expect(executor.run('exit /b 4', { timeoutMs: 30_000 })).resolves.toMatchObject({ exitCode: 4 });
    });

    it('is recognised as cmd.exe, and without PowerShell its clock is unknown', async () => {
      const { shell, os, clock, user } = await executor.describe();
      expect({ shell, clock }).toEqual({ shell: 'cmd', clock: null });
      expect(os).toContain('Windows');
      expect(user).toMatch(/\\/);
    });

    it("runs cmd.exe's own steps: for, with what it does for each file, and their exit code", async () => {
      const folder = 'C:\\Dyetrace\\loop';
      await executor.makeDirectory(folder);
      const names = ['d1234567.001', 'd1234567.002'];
      for (const name of names) await stage(`${folder}\\${name}`, Buffer.from(name));
      // Without quotes: Wine 8 finds nothing for a quoted pattern. As it is: a plan's commands have no variables, so that no shell can put another value in their place.
      const looped = await executor.run(
        `for %f in (${folder}\\d1234567.0*) do copy /b /y "%f" "${folder}\\%~nxf.copy"`,
        { timeoutMs: 60_000 },
      );
      expect(looped.exitCode).toBe(0);
      for (const name of names)
        expect((await executor.read(`${folder}\\${name}.copy`)).toString()).toBe(name);
      await expect(
        run({ cmd: `copy /b /y "${folder}\\none" "${folder}\\x" || exit /b 7` }),
      ).resolves.toMatchObject({ exitCode: 7 });
      await expect(
        run({ cmd: `if exist "${folder}\\d1234567.001" (exit /b 8) else exit /b 9` }),
      ).resolves.toMatchObject({ exitCode: 8 });
    });

    /** Named, so that a Wine which has one of them some day fails here, and its step gets a test. */
    it.each(['ftp.exe', 'tftp.exe', 'curl.exe'])('lacks %s', async (program) => {
      const { exitCode } = await run({ cmd: `where ${program} >nul 2>&1 || ${program} --version` });
      expect(exitCode).not.toBe(0);
    });

    it('has a robocopy.exe that only fails', async () => {
      await stage('C:\\Dyetrace\\d1234567.txt', Buffer.from('dye'));
      const args = ['C:\\Dyetrace', 'C:\\Dyetrace\\robo', 'd1234567.txt', '/r:0'];
      // 16: a serious error; 1 would be "copied".
      await expect(run({ program: 'robocopy.exe', args })).resolves.toMatchObject({ exitCode: 16 });
    });

    it('has no powershell.exe that runs a script, and no UNC path to a server', async () => {
      await stage('C:\\Dyetrace\\hello.ps1', Buffer.from('Write-Output hello'));
      const { stdout } = await run({
        program: 'powershell.exe',
        args: ['-NoProfile', '-File', 'C:\\Dyetrace\\hello.ps1'],
      });
      expect(stdout).not.toContain('hello');
      await expect(
        run({ cmd: 'copy /b /y C:\\Dyetrace\\hello.ps1 \\\\127.0.0.1\\drop\\x' }),
      ).resolves.toMatchObject({ exitCode: 1 });
    });

    it("runs cmd.exe's own steps: copy, and type with a redirection of the inner shell", async () => {
      const content = Buffer.from('dye\r\n'.repeat(1000));
      await stage('C:\\Dyetrace\\a.txt', content);
      await run({ cmd: 'copy /b /y C:\\Dyetrace\\a.txt C:\\Dyetrace\\b.txt' });
      expect((await executor.read('C:\\Dyetrace\\b.txt')).equals(content)).toBe(true);
      const name = 'C:\\Dyetrace\\Zuflüsse und Flüße\\Ä (1) & c.txt';
      const typed = await run({ cmd: `type C:\\Dyetrace\\a.txt > "${name}"` });
      expect(typed).toMatchObject({ exitCode: 0, stdout: '' });
      expect((await executor.read(name)).equals(content)).toBe(true);
      await expect(run({ cmd: 'type C:\\Dyetrace\\none.txt' })).resolves.toMatchObject({ exitCode: 1 });
    });

    it.each([
      [[]],
      [['a', 'b c', '', 'd\\']],
      [['a b\\', '\\\\127.0.2.1\\drop', 'C:\\Program Files\\x']],
      [['a&b', 'c|d', '<e>', '(f)', '!g!', '@h', 'i;j,k=l']],
      [['say "hi"', '5" & echo broken', 'a\\"b', '"']],
      [['^', 'a^b', 'a ^ b', '5"^6']],
      [['Zuflüsse', '漢字 é', '50%', '\t']],
    ])('hands a program exactly these arguments: %j', async (words) => {
      await expect(argumentsOf(words)).resolves.toEqual(words);
    });

    it('hands a program any arguments', async () => {
      const piece = fc.constantFrom(
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
        'a',
        'ü',
        '=',
        ',',
        ';',
        '@',
      );
      const word = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
      // One per argument list would take a start of cmd.exe each: many arguments at once find as much.
      for (const words of fc.sample(fc.array(word, { minLength: 8, maxLength: 20 }), {
        numRuns: 15,
        seed: 1169,
      }))
        expect(await argumentsOf(words)).toEqual(words);
    });

    it('starts a program whose path has spaces and more', async () => {
      const program = 'C:\\Dyetrace\\Zuflüsse und Flüße\\a & b (1).exe';
      await writeFile(host.unixPath(program), await readFile(host.unixPath(argv)), { mode: 0o755 });
      await expect(argumentsOf(['x y', 'z'], program)).resolves.toEqual(['x y', 'z']);
    });

    it('ends the process tree when aborted', async () => {
      const marker = 'dwineabrt';
      const stop = new AbortController();
      const isRunning = async () => {
        const { stdout } = await promisify(execFile)('pgrep', ['-f', `ping.*[d]${marker.slice(1)}`]).catch(
          () => ({ stdout: '' }),
        );
        return stdout !== '';
      };
      const sleeper = await host.build(
        'ping-forever.exe',
        '#include <windows.h>\nint wmain(void) { for (;;) Sleep(1000); }\n',
      );
      const command = renderCommand({ cmd: `${sleeper} ${marker}` }, 'cmd');
      const running = executor.run(command, { timeoutMs: 60_000, marker, signal: stop.signal });
      expect(await waitFor(isRunning, { timeoutMs: 30_000 })).toBe(true);
      stop.abort();
      await expect(running).resolves.toMatchObject({ ended: 'aborted', exitCode: null });
      expect(await waitFor(async () => !(await isRunning()), { timeoutMs: 15_000 })).toBe(true);
      await expect(run({ cmd: 'exit /b 5' })).resolves.toMatchObject({ exitCode: 5 });
    });

    it('a copy of a program under another name stays that program', async () => {
      const renamed = 'C:\\Dyetrace\\d1234567.exe';
      await expect(run({ cmd: `copy /b /y ${argv} ${renamed}` })).resolves.toMatchObject({ exitCode: 0 });
      await expect(argumentsOf(['a b', 'c'], renamed)).resolves.toEqual(['a b', 'c']);
    });
  },
);
