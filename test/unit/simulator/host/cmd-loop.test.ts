import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bench, type Bench } from './bench.js';

let host: Bench;
beforeEach(async () => {
  host = await bench();
});
afterEach(() => host.close());

const home = 'C:\\Users\\lab';

describe('for', () => {
  beforeEach(async () => {
    for (const [name, content] of [
      ['k1.002', 'two'],
      ['k1.001', 'one'],
      ['k1.txt', 'no'],
    ] as const)
      await host.write(`${home}\\${name}`, content);
  });

  it('runs its body for each file of a pattern, in the order of names', async () => {
    const ran = await host.cmd('for %f in (k1.0*) do @echo [%f]');
    expect(ran).toEqual({ exitCode: 0, stdout: '[k1.001]\r\n[k1.002]\r\n', stderr: '' });
  });

  it('shows each command, as ECHO is on', async () => {
    expect((await host.cmd('for %f in (a) do echo %f')).stdout).toBe(`\r\n${home}>echo a \r\na\r\n`);
  });

  it('keeps the folder of the pattern, and takes quotes around it', async () => {
    const ran = await host.cmd(`for %f in ("${home}\\k1.0*") do @echo %f`);
    expect(ran.stdout).toBe(`${home}\\k1.001\r\n${home}\\k1.002\r\n`);
  });

  it.each([
    ['%~nxf', 'k1.001'],
    ['%~nf', 'k1'],
    ['%~xf', '.001'],
    ['%~ff', `${home}\\k1.001`],
    ['%~dpf', `${home}\\`],
  ])('fills in %s', async (variable, value) => {
    expect((await host.cmd(`for %f in (k1.001) do @echo ${variable}`)).stdout).toBe(`${value}\r\n`);
  });

  it('takes a group with redirections and another program, to a share', async () => {
    const body = 'copy /b /y "%f" "\\\\127.0.2.1\\drop\\%~nxf" >nul & ping -n 1 127.0.0.1 >nul';
    const ran = await host.cmd(`for %f in (k1.0*) do @(${body})`);
    expect(ran).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect([...host.shares]).toEqual([
      ['\\\\127.0.2.1\\drop\\k1.001', 'one'],
      ['\\\\127.0.2.1\\drop\\k1.002', 'two'],
    ]);
  });

  it('fills in redirections, conditions and an inner loop', async () => {
    const ran = await host.cmd(
      'for %f in (k1.0*) do @if exist %f (for %g in (x) do @type %f > \\\\127.0.2.1\\drop\\%g%~xf)',
    );
    expect(ran.exitCode).toBe(0);
    expect([...host.shares.keys()]).toEqual(['\\\\127.0.2.1\\drop\\x.001', '\\\\127.0.2.1\\drop\\x.002']);
  });

  it('counts with /l, up and down', async () => {
    expect((await host.cmd('for /l %i in (1,2,5) do @echo %i')).stdout).toBe('1\r\n3\r\n5\r\n');
    expect((await host.cmd('for /l %i in (2,-1,1) do @echo %i')).stdout).toBe('2\r\n1\r\n');
  });

  it('does nothing for a pattern without files, and complains of what is no loop', async () => {
    expect(await host.cmd('for %f in (none.*) do @echo %f')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    for (const line of ['for f in (a) do echo', 'for %f in a do echo', 'for %f in (a) echo'])
      expect((await host.cmd(line)).exitCode).toBe(1);
  });
});

describe('patterns', () => {
  it('copy takes the files of a pattern, and counts them', async () => {
    await host.write(`${home}\\a.1`, 'x');
    await host.write(`${home}\\a.2`, 'y');
    const ran = await host.cmd('copy /b /y a.* \\\\127.0.2.1\\drop\\');
    expect(ran.stdout).toBe('a.1\r\na.2\r\n        2 file(s) copied.\r\n');
    expect(host.shares.size).toBe(2);
    expect(await host.cmd('copy /b b.* \\\\127.0.2.1\\drop\\')).toMatchObject({
      exitCode: 1,
      stdout: '        0 file(s) copied.\r\n',
    });
  });

  it('del deletes them, and nothing else', async () => {
    for (const name of ['a.1', 'a.2', 'b.1']) await host.write(`${home}\\${name}`, 'x');
    expect((await host.cmd('del /q a.*')).exitCode).toBe(0);
    expect((await host.cmd('dir /b')).stdout).toBe('b.1\r\n');
    expect((await host.cmd('del a.*')).stdout).toBe(`Could Not Find ${home}\\a.*\r\n`);
  });
});

describe('waiting', () => {
  it('ping waits a second between two echoes, and answers for loopback alone', async () => {
    const started = performance.now();
    expect((await host.cmd('ping -n 2 127.0.0.1 >nul')).exitCode).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(990);
    expect((await host.cmd('ping -n 1 192.0.2.1')).exitCode).toBe(1);
    expect((await host.cmd('ping -n 1 nobody')).stdout).toContain('could not find host nobody');
    expect((await host.cmd('ping')).stdout).toContain('Usage');
  });

  it('timeout reads the console: without one it ends at once, with an error', async () => {
    const ran = await host.cmd('timeout /t 30 /nobreak');
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toContain('Input redirection is not supported');
  });
});

it('a renamed copy of powershell.exe is PowerShell under another image', async () => {
  const source = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
  expect((await host.cmd(`copy /b /y ${source} k1a2b3c4.exe`)).exitCode).toBe(0);
  const ran = await host.cmd(`${home}\\k1a2b3c4.exe -NoProfile -Command "exit 7"`);
  expect(ran.exitCode).toBe(7);
  const started = host.activities.flatMap((one) => (one.kind === 'process-started' ? [one.process] : []));
  expect(started.find(({ image }) => image === `${home}\\k1a2b3c4.exe`)).toMatchObject({
    originalFileName: 'PowerShell.EXE',
  });
  expect(
    host.activities.some((one) => one.kind === 'file-created' && one.path.endsWith('k1a2b3c4.exe')),
  ).toBe(true);
});
