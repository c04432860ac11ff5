import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { windowsVersion } from '../../../../src/simulator/host/version.js';
import { programs } from '../../../../src/simulator/programs/index.js';
import { bench, type Bench } from '../host/bench.js';

let host: Bench;
beforeEach(async () => {
  host = await bench();
});
afterEach(() => host.close());

it('the page about the simulated host names each of its programs', async () => {
  const page = await readFile(new URL('../../../../docs/simulated-host.md', import.meta.url), 'utf8');
  for (const [, { file }] of programs.entries()) expect(page).toContain(`\`${file}\``);
});

describe('what the simulated host tells of itself', () => {
  it('reg.exe prints values of a key, and those below it with /s', async () => {
    const engine = 'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\3\\PowerShellEngine';
    const one = await host.cmd(`reg query ${engine} /v powershellversion`);
    expect(one.exitCode).toBe(0);
    expect(one.stdout).toMatch(
      /^\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\.*\\PowerShellEngine\r\n {4}PowerShellVersion {4}REG_SZ {4}5\.1\.\d+\.\d+\r\n\r\n$/,
    );
    expect((await host.cmd(`reg query ${engine} /v PowerShellVersion | findstr 5.1`)).exitCode).toBe(0);
    const policies = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\PowerShell';
    expect((await host.cmd(`reg query ${policies}`)).stdout).toContain(
      '\\PowerShell\\ScriptBlockLogging\r\n',
    );
    expect((await host.cmd(`reg query ${policies} /s`)).stdout).toContain(
      '    EnableScriptBlockLogging    REG_DWORD    0x1\r\n',
    );
  });

  it('reg.exe ends with 1 for what is not there, and changes nothing', async () => {
    const gone = await host.cmd('reg query HKLM\\SOFTWARE\\Nothing');
    expect(gone).toMatchObject({ exitCode: 1, stdout: '' });
    expect(gone.stderr).toContain('unable to find the specified registry key or value');
    expect((await host.cmd('reg add HKLM\\SOFTWARE\\Nothing /v x')).stderr).toContain('Access is denied');
  });

  it('sc.exe shows the state of a service, and 1060 for none', async () => {
    expect((await host.cmd('sc query LanmanWorkstation | findstr RUNNING')).exitCode).toBe(0);
    expect((await host.cmd('sc query WinDefend')).stdout).toContain(': 1  STOPPED');
    expect((await host.cmd('sc query nothing')).exitCode).toBe(1060);
    expect((await host.cmd('sc stop sshd')).exitCode).toBe(5);
  });

  it('dir sums up, and leaves the separators out with /-c', async () => {
    await host.write('C:\\Users\\lab\\a.dat', Buffer.alloc(1234));
    const { stdout } = await host.cmd('dir');
    expect(stdout).toMatch(/\d\d\/\d\d\/\d{4} {2}\d\d:\d\d [AP]M {12,}1,234 a\.dat\r\n/);
    expect(stdout).toMatch(/ 1 File\(s\) +1,234 bytes\r\n +0 Dir\(s\) {2}[\d,]+ bytes free\r\n$/);
    const root = await host.cmd('dir /-c C:\\');
    expect(root.stdout).toMatch(/<DIR> +Users\r\n/);
    expect(root.stdout).toMatch(/ 2 Dir\(s\) {2}\d+ bytes free\r\n$/);
    expect((await host.cmd('dir /b *.dat')).stdout).toBe('a.dat\r\n');
    expect((await host.cmd('dir *.none')).stderr).toBe('File Not Found\r\n');
  });

  it('is of one version, whoever tells it', async () => {
    expect((await host.cmd('ver')).stdout).toContain(`[Version ${windowsVersion}]`);
    expect((await host.cmd('powershell -NoProfile -Command "$PSVersionTable"')).stdout).toContain(
      windowsVersion,
    );
    expect((await host.cmd('curl --version')).stdout).toMatch(/^Protocols: .*\bftp\b.*\btftp\b/m);
  });

  it('PowerShell tells its language mode and the settings of the SMB client', async () => {
    const ask = async (text: string) => (await host.cmd(`powershell -NoProfile -Command "${text}"`)).stdout;
    expect(await ask('$ExecutionContext.SessionState.LanguageMode')).toBe('FullLanguage\r\n');
    const select = 'Select-Object -Property RequireSecuritySignature,Nothing';
    expect(await ask(`Get-SmbClientConfiguration | ${select} | ConvertTo-Json -Compress`)).toBe(
      '{"RequireSecuritySignature":true,"Nothing":null}\r\n',
    );
  });
});
