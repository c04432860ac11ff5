import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadScenarios } from '../../../../src/scenario/index.js';
import { scriptsFolder } from '../../../../src/simulator/programs/staged/scripts.js';
import { testTracer } from '../../../helpers/sink-lab.js';
import { bench, type Bench } from './bench.js';

let host: Bench;
beforeEach(async () => {
  host = await bench();
});
afterEach(() => host.close());

const home = 'C:\\Users\\lab';

describe('lengths', () => {
  const cmd = 'C:\\Windows\\System32\\cmd.exe';
  const echo = (characters: number) => `echo ${'x'.repeat(characters - 5)}`;

  it('cmd.exe takes a line of 8,191 characters and no more, counted after expansion too', async () => {
    expect((await host.run(cmd, `cmd /c ${echo(8191)}`)).stdout).toHaveLength(8186 + 2);
    expect(await host.run(cmd, `cmd /c ${echo(8192)}`)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'The command line is too long.\r\n',
    });
    expect((await host.run(cmd, `cmd /c echo ${'%ComSpec% '.repeat(400)}`)).exitCode).toBe(1);
  });

  it('a process takes 32,766 and no more; below PowerShell, cmd.exe’s limit does not count', async () => {
    const powershell = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
    const line = (length: number): string => `powershell -c ${'x'.repeat(length)}`;
    expect((await host.run(powershell, `powershell -c "'${'x'.repeat(20_000)}'"`)).stdout).toHaveLength(
      20_002,
    );
    await expect(host.run(powershell, line(32_767))).rejects.toMatchObject({ code: 206 });
  });
});

describe('the execution policy', () => {
  const encoded = (text: string): string => Buffer.from(text, 'utf16le').toString('base64');

  beforeEach(async () => {
    await host.write(`${home}\\s.ps1`, await readFile(new URL('Copy-TracerSmb.ps1', scriptsFolder)));
    await host.write(`${home}\\t.dat`, testTracer('policy', 2000).bytes);
  });
  const args = `-Path ${home}\\t.dat -Destination \\\\127.0.2.1\\drop\\t.dat`;

  it.each(['', '-ExecutionPolicy Restricted', '-ep AllSigned'])(
    'lets no script run with "%s"',
    async (policy) => {
      const ran = await host.cmd(`powershell.exe -NoProfile ${policy} -File s.ps1 ${args}`);
      expect(ran.exitCode).toBe(1);
      expect(ran.stderr).toContain('running scripts is disabled on this system');
      expect(host.shares.size).toBe(0);
      expect(host.activities.some(({ kind }) => kind === 'script-block')).toBe(false);
    },
  );

  it.each(['-ExecutionPolicy Bypass', '-ep remotesigned'])('lets them with %s', async (policy) => {
    expect((await host.cmd(`powershell.exe -NoProfile ${policy} -File s.ps1 ${args}`)).exitCode).toBe(0);
    expect(host.shares.size).toBe(1);
  });

  it('counts for -EncodedCommand as well, and for processes below; 4104 sees loader and script', async () => {
    const loader = `& '${home}\\s.ps1' ${args.replace(/\S:\\\S+|\\\\\S+/g, "'$&'")}; exit $LASTEXITCODE`;
    expect((await host.cmd(`powershell.exe -EncodedCommand ${encoded(loader)}`)).exitCode).toBe(1);
    const bypassed = `powershell.exe -ExecutionPolicy Bypass -EncodedCommand ${encoded(loader)}`;
    expect((await host.cmd(bypassed)).exitCode).toBe(0);
    expect(host.shares.size).toBe(1);
    const blocks = host.activities.flatMap((one) => (one.kind === 'script-block' ? [one.path] : []));
    expect(blocks).toEqual([null, null, `${home}\\s.ps1`]);
    const child = `powershell.exe -EncodedCommand ${encoded(loader)}`;
    expect((await host.cmd(`powershell.exe -ep Bypass -Command "${child}"`)).exitCode).toBe(0);
  });
});

it('every prerequisite of the library holds on the simulated host', async () => {
  const checks = (await loadScenarios()).flatMap(({ prerequisites }) =>
    prerequisites.map(({ check }) => check),
  );
  expect(checks.length).toBeGreaterThan(20);
  for (const check of new Set(checks)) {
    const ran = await host.cmd(check);
    expect(ran, check).toMatchObject({ exitCode: 0, stderr: '' });
  }
});
