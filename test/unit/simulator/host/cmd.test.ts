import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bench, type Bench } from './bench.js';

let host: Bench;
beforeEach(async () => {
  host = await bench();
});
afterEach(() => host.close());

const notRecognised = (name: string): string =>
  `'${name}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n`;

describe('cmd.exe', () => {
  it('answers the probe for the shell as Windows does', async () => {
    expect(await host.cmd('echo %COMSPEC% $PSVersionTable')).toEqual({
      exitCode: 0,
      stdout: 'C:\\Windows\\system32\\cmd.exe $PSVersionTable\r\n',
      stderr: '',
    });
  });

  it('does not know what it does not know', async () => {
    expect(await host.cmd('foo bar')).toEqual({ exitCode: 1, stdout: '', stderr: notRecognised('foo') });
  });

  it('hands exit codes on: exit, exit /b, a child’s, the last of a sequence', async () => {
    expect((await host.cmd('exit 3')).exitCode).toBe(3);
    expect((await host.cmd('exit /b 4')).exitCode).toBe(4);
    expect((await host.cmd('cmd.exe /d /c "exit 5"')).exitCode).toBe(5);
    expect((await host.cmd('cmd /c exit 6 & echo after')).exitCode).toBe(0);
    expect(await host.cmd('exit 7 & echo after')).toMatchObject({ exitCode: 7, stdout: '' });
  });

  it('goes on by && and || as the error level says', async () => {
    expect((await host.cmd('foo 2>nul && echo yes || echo no')).stdout).toBe('no\r\n');
    expect((await host.cmd('ver >nul && echo yes || echo no')).stdout).toBe('yes \r\n');
  });

  it('is a process below sshd.exe, and an inner cmd.exe one below that, with its own command line', async () => {
    await host.cmd('cmd.exe /d /c "echo a & echo b"');
    const started = host.activities.flatMap((one) => (one.kind === 'process-started' ? [one.process] : []));
    const [outer, inner] = started;
    expect(outer?.parent).toBe(host.machine.processes.sshd);
    expect(inner?.parent).toBe(outer);
    expect(inner?.commandLine).toBe('cmd.exe /d /c "echo a & echo b"');
    expect(inner?.image).toBe('C:\\Windows\\System32\\cmd.exe');
    const ended = host.activities.flatMap((one) => (one.kind === 'process-ended' ? [one.process.pid] : []));
    expect(ended).toEqual([inner?.pid, outer?.pid]);
  });

  it('refuses a line of more than 8,191 characters', async () => {
    const longest = 'x'.repeat(8191 - 'echo '.length);
    expect((await host.cmd(`echo ${longest}`)).stdout).toBe(`${longest}\r\n`);
    expect(await host.cmd(`echo ${longest}x`)).toMatchObject({
      exitCode: 1,
      stderr: 'The command line is too long.\r\n',
    });
  });

  it('passes the left side of a pipe to the right one, and standard input to a child', async () => {
    expect((await host.cmd('(echo one& echo TWO) | findstr /i two')).stdout).toBe('TWO\r\n');
    expect((await host.cmd('findstr b', 'abc\r\nxyz\r\n')).stdout).toBe('abc\r\n');
  });

  it('finds programs with and without .exe, in any case, and by a copy under another name', async () => {
    expect((await host.cmd('WHOAMI')).stdout).toBe('nt authority\\system\r\n');
    expect((await host.cmd('where.exe tftp')).stdout).toBe('C:\\Windows\\System32\\tftp.exe\r\n');
    expect((await host.cmd('where.exe nothing.exe')).exitCode).toBe(1);
    await host.cmd('copy /y C:\\Windows\\System32\\whoami.exe C:\\Users\\lab\\x.exe');
    await host.cmd('x.exe');
    const renamed = host.activities.findLast(
      (one) => one.kind === 'process-ended' && one.process.image.endsWith('x.exe'),
    );
    expect(renamed).toMatchObject({
      process: { image: 'C:\\Users\\lab\\x.exe', originalFileName: 'whoami.exe' },
    });
  });

  it('does not start what is no executable', async () => {
    await host.write('C:\\Users\\lab\\fake.exe', 'MZ something');
    expect(await host.cmd('fake.exe')).toMatchObject({
      exitCode: 1,
      stderr: '%1 is not a valid Win32 application.\r\n',
    });
  });
});

describe('cmd.exe’s own commands', () => {
  it('copy: to a file, to a folder, and what it says', async () => {
    await host.write('C:\\Users\\lab\\a.txt', 'content');
    expect(await host.cmd('copy /b /y a.txt b.txt')).toEqual({
      exitCode: 0,
      stdout: '        1 file(s) copied.\r\n',
      stderr: '',
    });
    expect(await host.read('C:\\Users\\lab\\b.txt')).toBe('content');
    await host.cmd('md sub & copy a.txt sub');
    expect(await host.read('C:\\Users\\lab\\sub\\A.TXT')).toBe('content');
    const created = host.activities.flatMap((one) => (one.kind === 'file-created' ? [one.path] : []));
    expect(created).toEqual(['C:\\Users\\lab\\b.txt', 'C:\\Users\\lab\\sub\\a.txt']);
  });

  it('copy: nothing is overwritten without /y or a yes', async () => {
    await host.write('C:\\Users\\lab\\a.txt', 'new');
    await host.write('C:\\Users\\lab\\b.txt', 'old');
    expect(await host.cmd('copy a.txt b.txt')).toMatchObject({ exitCode: 1 });
    expect(await host.cmd('copy a.txt b.txt', 'no\r\n')).toMatchObject({ exitCode: 1 });
    expect(await host.read('C:\\Users\\lab\\b.txt')).toBe('old');
    expect(await host.cmd('copy a.txt b.txt', 'Yes\r\n')).toMatchObject({ exitCode: 0 });
    expect(await host.read('C:\\Users\\lab\\b.txt')).toBe('new');
  });

  it.each([
    ['copy nothing.txt b.txt', 'The system cannot find the file specified.\r\n'],
    ['copy a.txt nowhere\\b.txt', 'The system cannot find the path specified.\r\n'],
    ['type nothing.txt', 'The system cannot find the file specified.\r\n'],
    ['type C:\\nowhere\\f', 'The system cannot find the path specified.\r\n'],
    ['cd nowhere', 'The system cannot find the path specified.\r\n'],
    ['type D:\\f', 'The system cannot find the path specified.\r\n'],
    ['type a.txt|b >nul', notRecognised('b')],
  ])('%s fails as Windows says it', async (line, stderr) => {
    await host.write('C:\\Users\\lab\\a.txt', 'a');
    const ran = await host.cmd(line);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toBe(stderr);
  });

  it('copy and type > reach a share, and copy from it', async () => {
    await host.write('C:\\Users\\lab\\a.txt', 'content');
    await host.cmd('copy /b /y a.txt \\\\127.0.2.1\\drop\\c.txt');
    await host.cmd('copy /b /y a.txt \\\\127.0.2.1\\drop\\');
    await host.cmd('type a.txt > \\\\127.0.2.1\\drop\\t.txt');
    expect(Object.fromEntries(host.shares)).toEqual({
      '\\\\127.0.2.1\\drop\\c.txt': 'content',
      '\\\\127.0.2.1\\drop\\a.txt': 'content',
      '\\\\127.0.2.1\\drop\\t.txt': 'content',
    });
    await host.cmd('copy \\\\127.0.2.1\\drop\\c.txt back.txt');
    expect(await host.read('C:\\Users\\lab\\back.txt')).toBe('content');
  });

  it('redirections make, empty and lengthen files', async () => {
    await host.cmd('echo one> f&echo two>> f&echo three>> f');
    expect(await host.read('C:\\Users\\lab\\f')).toBe('one\r\ntwo\r\nthree\r\n');
    await host.cmd('type nothing > f 2> e');
    expect(await host.read('C:\\Users\\lab\\f')).toBe('');
    expect(await host.read('C:\\Users\\lab\\e')).toBe('The system cannot find the file specified.\r\n');
  });

  it('if exist, del, mkdir, rmdir', async () => {
    await host.write('C:\\Users\\lab\\a.txt', 'a');
    expect((await host.cmd('if exist A.TXT (echo there) else echo gone')).stdout).toBe('there\r\n');
    await host.cmd('del a.txt');
    expect((await host.cmd('if exist a.txt (echo there) else echo gone')).stdout).toBe('gone\r\n');
    expect(await host.cmd('del a.txt')).toMatchObject({
      exitCode: 0,
      stdout: 'Could Not Find C:\\Users\\lab\\a.txt\r\n',
    });
    expect((await host.cmd('mkdir d')).exitCode).toBe(0);
    expect(await host.cmd('mkdir d')).toMatchObject({ exitCode: 1 });
    await host.write('C:\\Users\\lab\\d\\f', '');
    expect((await host.cmd('rd d')).stderr).toBe('The directory is not empty.\r\n');
    expect((await host.cmd('del d\\f & rd d')).exitCode).toBe(0);
  });

  it('set changes variables for what follows', async () => {
    expect((await host.cmd('set word=dye& echo %word%')).stdout).toBe('%word%\r\n');
    expect((await host.cmd('set word=dye& cmd /c set word')).stdout).toBe('word=dye\r\n');
    expect((await host.cmd('set nothing')).exitCode).toBe(1);
  });
});
