import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Activity } from '../../../../src/simulator/activity.js';
import { scriptsFolder } from '../../../../src/simulator/programs/staged/scripts.js';
import {
  labCertificate,
  sinkFactories,
  type ExpectedTransfer,
  type Sink,
  type SinkOptions,
} from '../../../../src/sinks/index.js';
import {
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../../../helpers/sink-lab.js';
import { bench, type Bench, type Ran } from '../host/bench.js';

const hostAddress = '127.0.1.64';
const sinkAddress = '127.0.2.64';
const home = 'C:\\Dyetrace\\Ein Ordner';
const tracers = [testTracer('staged-1', 70_000), testTracer('staged-2', 4096)].sort((a, b) =>
  a.fileName.localeCompare(b.fileName),
);
const [first = testTracer('', 0)] = tracers;
const total = tracers.reduce((sum, { bytes }) => sum + bytes.length, 0);

let host: Bench;
let directory: string;
let sinks: Sink[] = [];
beforeEach(async () => {
  host = await bench(hostAddress);
  directory = await mkdtemp(join(tmpdir(), 'dyetrace-staged-'));
  await host.machine.disk.makeDirectory(home);
  for (const { fileName, bytes } of tracers) await host.write(`${home}\\${fileName}`, bytes);
});
afterEach(async () => {
  await Promise.all(sinks.map((sink) => sink.stop()));
  sinks = [];
  await host.close();
  await rm(directory, { recursive: true, force: true });
});

interface Result extends Ran {
  readonly json: { ok: boolean; bytes: number; files: number; pid: number; error: string | null };
}

async function run(script: string, args: string): Promise<Result> {
  await host.write(`${home}\\s.ps1`, await readFile(new URL(script, scriptsFolder)));
  const ran = await host.cmd(
    `powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "${home}\\s.ps1" ${args}`,
  );
  return { ...ran, json: JSON.parse(ran.stdout) as Result['json'] };
}

async function startSink(
  protocol: 'ftp' | 'tftp',
  of = tracers,
  extra: Partial<ExpectedTransfer> = {},
  options: Partial<SinkOptions> = {},
): Promise<SinkRecorder & { readonly port: number; readonly login: string }> {
  const recorder = recordingSink({
    address: sinkAddress,
    clients: [hostAddress],
    expected: of.map((tracer) => expectUpload(tracer, extra)),
    directory,
    ...options,
  });
  const sink = sinkFactories.get(protocol)(recorder.options);
  sinks.push(sink);
  const { port } = await sink.start();
  const { user, password } = recorder.options.account;
  return { ...recorder, port, login: `-User ${user} -Password ${password}` };
}

function activities<Kind extends Activity['kind']>(kind: Kind): Extract<Activity, { kind: Kind }>[] {
  return host.activities.filter((one): one is Extract<Activity, { kind: Kind }> => one.kind === kind);
}

/** What arrived, once the sinks have written their last receipts. */
async function arrived(sink: SinkRecorder): Promise<{ sha256: string | null; command: string }[]> {
  await Promise.all(sinks.splice(0).map((one) => one.stop()));
  return finalReceipts(sink.lines)
    .filter(({ complete }) => complete)
    .map(({ sha256, command }) => ({ sha256, command }));
}

const allBy = (command: string) => tracers.map(({ sha256 }) => ({ sha256, command }));

describe('several tracers in one process', () => {
  it('Send-TracerFtp: one control connection, in the order of names, with a pause between', async () => {
    const sink = await startSink('ftp');
    const { exitCode, json } = await run(
      'Send-TracerFtp.ps1',
      `-Path "${home}\\*.dat" -Uri ftp://${sinkAddress}:${sink.port}/ ${sink.login} -PauseMilliseconds 300`,
    );
    expect({ exitCode, ...json }).toMatchObject({
      exitCode: 0,
      ok: true,
      bytes: total,
      files: 2,
      error: null,
    });
    const services = activities('socket-opened').map(({ socket }) => socket.service);
    expect(services).toEqual(['ftp', 'ftp-data', 'ftp-data']);
    expect(activities('module-logged').filter(({ command }) => command === 'Start-Sleep')).toHaveLength(1);
    const [one, two] = activities('ftp-command').filter(({ command }) => command === 'STOR');
    expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThanOrEqual(299);
    expect(await arrived(sink)).toEqual(allBy('STOR'));
  });

  it('Send-TracerTftp: a port of its own for each', async () => {
    const sink = await startSink('tftp');
    const { json } = await run(
      'Send-TracerTftp.ps1',
      `-Path "${home}\\*.dat" -Address ${sinkAddress} -Port ${sink.port}`,
    );
    expect(json).toMatchObject({ ok: true, bytes: total, files: 2 });
    expect(new Set(activities('tftp-request').map(({ socket }) => socket.local.port)).size).toBe(2);
    expect(await arrived(sink)).toEqual(allBy('WRQ'));
  });

  it.each(['Copy-TracerSmb.ps1', 'Write-TracerSmb.ps1'])('%s: into a folder of a share', async (script) => {
    const { json } = await run(script, `-Path "${home}\\*.dat" -Destination \\\\127.0.2.1\\drop\\`);
    expect(json).toMatchObject({ ok: true, bytes: total, files: 2 });
    expect([...host.shares.keys()]).toEqual(
      tracers.map(({ fileName }) => `\\\\127.0.2.1\\drop\\${fileName}`),
    );
  });

  it.each([
    ['Send-TracerFtp.ps1', `-Uri ftp://${sinkAddress}:9/x -User u -Password p`, 'a folder'],
    ['Send-TracerFtpRequest.ps1', `-Uri ftp://${sinkAddress}:9/x -User u -Password p`, 'a folder'],
    ['Send-TracerTftp.ps1', `-Address ${sinkAddress} -Port 9 -Name x`, 'leave -Name out'],
    ['Copy-TracerSmb.ps1', '-Destination \\\\127.0.2.1\\drop\\x', 'a folder'],
    ['Write-TracerSmb.ps1', '-Destination \\\\127.0.2.1\\drop\\x', 'a folder'],
    ['Invoke-TracerClient.ps1', `-Client tftp -Server ${sinkAddress} -RemoteName x`, 'leave -RemoteName out'],
  ])('%s: not under one name', async (script, args, words) => {
    const { exitCode, json } = await run(script, `-Path "${home}\\*.dat" ${args}`);
    expect({ exitCode, ...json }).toMatchObject({ exitCode: 1, ok: false, bytes: 0, files: 0 });
    expect(json.error).toContain(words);
    expect(await readFile(new URL(script, scriptsFolder), 'utf8')).toContain(words);
    expect(activities('socket-opened')).toEqual([]);
  });

  it.each([
    ['Send-TracerFtp.ps1', (port: number) => `-Uri ftp://${sinkAddress}:${port}/ -User u -Password p`],
    ['Send-TracerFtpRequest.ps1', (port: number) => `-Uri ftp://${sinkAddress}:${port}/ -User u -Password p`],
    ['Send-TracerTftp.ps1', (port: number) => `-Address ${sinkAddress} -Port ${port}`],
    ['Copy-TracerSmb.ps1', () => '-Destination \\\\127.0.2.1\\drop\\'],
    ['Write-TracerSmb.ps1', () => '-Destination \\\\127.0.2.1\\drop\\'],
    ['Invoke-TracerClient.ps1', () => `-Client tftp -Server ${sinkAddress}`],
  ])('%s: none, where one of them is no tracer', async (script, args) => {
    const sink = await startSink('ftp');
    await host.write(`${home}\\zz.dat`, 'payroll');
    const { exitCode, json } = await run(script, `-Path "${home}\\*.dat" ${args(sink.port)}`);
    expect({ exitCode, ...json }).toMatchObject({ exitCode: 2, ok: false, files: 0 });
    expect(json.error).toBe(`${home}\\zz.dat is no Dyetrace tracer: refused`);
    expect(activities('socket-opened')).toEqual([]);
    expect(host.shares.size).toBe(0);
  });

  it('none, where a pattern names none', async () => {
    const { exitCode, json } = await run(
      'Copy-TracerSmb.ps1',
      `-Path "${home}\\*.none" -Destination \\\\127.0.2.1\\drop\\`,
    );
    expect({ exitCode, ...json }).toMatchObject({ exitCode: 1, ok: false });
  });
});

describe('Send-TracerFtpRequest', () => {
  const path = `"${home}\\${first.fileName}"`;

  it.each([
    ['passive', 'STOR', 'local'],
    ['active', 'STOR', 'remote'],
    ['active', 'APPE', 'remote'],
    ['passive', 'APPE', 'local'],
    ['passive', 'STOU', 'local'],
    ['active', 'stou', 'remote'],
  ] as const)('%s, %s: the data connection is opened by the %s end', async (mode, method, openedBy) => {
    const sink = await startSink('ftp', [first], { serverNames: /stou/i.test(method) });
    const name = /stou/i.test(method) ? '' : first.fileName;
    const { json } = await run(
      'Send-TracerFtpRequest.ps1',
      `-Path ${path} -Uri ftp://${sinkAddress}:${sink.port}/${name} ${sink.login} -Mode ${mode} -Method ${method}`,
    );
    expect(json).toMatchObject({ ok: true, bytes: first.bytes.length, files: 1, error: null });
    const data = activities('socket-opened').filter(({ socket }) => socket.service === 'ftp-data');
    expect(data.map(({ socket }) => socket.openedBy)).toEqual([openedBy]);
    expect(await arrived(sink)).toEqual([{ sha256: first.sha256, command: method.toUpperCase() }]);
  });

  it.each([
    ['the pinned certificate', true],
    ['another', false],
  ])('over TLS, with %s', async (_, right) => {
    const made = labCertificate([sinkAddress], Date.now());
    const tls = { certificate: made.certificate, key: made.key };
    const sink = await startSink('ftp', [first], {}, { tls });
    const pin = right ? made.sha256 : '0'.repeat(64);
    const { exitCode, json } = await run(
      'Send-TracerFtpRequest.ps1',
      `-Path ${path} -Uri ftp://${sinkAddress}:${sink.port}/${first.fileName} ${sink.login} -Tls explicit -CertificateSha256 ${pin}`,
    );
    expect({ exitCode, ok: json.ok, files: json.files }).toEqual(
      right ? { exitCode: 0, ok: true, files: 1 } : { exitCode: 1, ok: false, files: 0 },
    );
    expect(activities('ftp-command').some(({ command }) => command === 'USER' || command === 'STOR')).toBe(
      false,
    );
    expect(await arrived(sink)).toEqual(right ? [{ sha256: first.sha256, command: 'STOR' }] : []);
  });

  it('says what the server answered', async () => {
    const sink = await startSink('ftp', [first]);
    const { exitCode, json } = await run(
      'Send-TracerFtpRequest.ps1',
      `-Path ${path} -Uri ftp://${sinkAddress}:${sink.port}/x -User wrong -Password wrong -Mode active`,
    );
    expect({ exitCode, ...json }).toMatchObject({ exitCode: 1, ok: false, bytes: 0, files: 0 });
    expect(json.error).toContain('The remote server returned an error');
  });

  it.each([
    ['-Method STOU', 'STOU, need a folder'],
    ['-Tls explicit', '-Tls explicit needs -CertificateSha256'],
  ])('refuses %s without what it needs', async (args, words) => {
    const { json } = await run(
      'Send-TracerFtpRequest.ps1',
      `-Path ${path} -Uri ftp://${sinkAddress}:9/x -User u -Password p ${args}`,
    );
    expect(json.error).toContain(words);
  });
});

describe('Send-TracerTftp', () => {
  it.each([
    ['-BlockSize 1468', 48],
    ['-Mode netascii', 137],
    ['-Mode netascii -BlockSize 1024', 69],
  ])('%s', async (options, leastBlocks) => {
    const sink = await startSink('tftp', [first]);
    const { json } = await run(
      'Send-TracerTftp.ps1',
      `-Path "${home}\\${first.fileName}" -Address ${sinkAddress} -Port ${sink.port} -Name ${first.fileName} ${options}`,
    );
    expect(json).toMatchObject({ ok: true, bytes: first.bytes.length, files: 1 });
    const [datagrams] = activities('socket-closed').flatMap((one) =>
      one.socket.openedBy === 'remote' ? [one.datagrams] : [],
    );
    expect(datagrams?.sent).toBeGreaterThanOrEqual(leastBlocks);
    expect(datagrams?.sent).toBeLessThan(leastBlocks + 5);
    expect(await arrived(sink)).toEqual([{ sha256: first.sha256, command: 'WRQ' }]);
  });
});

describe('Write-TracerSmb', () => {
  it('takes the destination from a file, so that the command line names no share; module logging shows it', async () => {
    const settings = JSON.stringify({ destination: '\\\\127.0.2.1\\drop\\f.dat' });
    await host.write(`${home}\\s.txt`, settings);
    const { json } = await run(
      'Write-TracerSmb.ps1',
      `-Path "${home}\\${first.fileName}" -Settings "${home}\\s.txt"`,
    );
    expect(json).toMatchObject({ ok: true, bytes: first.bytes.length, files: 1 });
    expect([...host.shares.keys()]).toEqual(['\\\\127.0.2.1\\drop\\f.dat']);
    for (const { process } of activities('process-started'))
      expect(process.commandLine).not.toContain('drop');
    expect(activities('module-logged')).toContainEqual(
      expect.objectContaining({ command: 'ConvertFrom-Json', parameters: { InputObject: settings } }),
    );
  });

  it.each([
    ['', 'either -Destination or -Settings'],
    ['-Destination \\\\127.0.2.1\\drop\\x -Settings s.txt', 'either -Destination or -Settings'],
  ])('needs one of the two: %s', async (args, words) => {
    const { json } = await run('Write-TracerSmb.ps1', `-Path "${home}\\${first.fileName}" ${args}`);
    expect(json.error).toContain(words);
  });
});

describe('Invoke-TracerClient', () => {
  const path = `${home}\\${first.fileName}`;

  /** The program that owned the sockets, and its parent. */
  function owners(): string[] {
    const found = activities('socket-opened').map(({ socket: { owner } }) =>
      [owner, owner.parent].map((one) => one?.image.split('\\').at(-1)).join(' < '),
    );
    return [...new Set(found)];
  }

  it('ftp: ftp.exe is its child, and 226 counts', async () => {
    const sink = await startSink('ftp', [first]);
    const { user, password } = sink.options.account;
    const commands = `open ${sinkAddress} ${sink.port}\r\nuser ${user} ${password}\r\nbinary\r\nput "${path}" ${first.fileName}\r\nquit\r\n`;
    await host.write(`${home}\\c.txt`, commands);
    const { json } = await run(
      'Invoke-TracerClient.ps1',
      `-Path "${path}" -Client ftp -CommandFile "${home}\\c.txt"`,
    );
    expect(json).toMatchObject({ ok: true, bytes: first.bytes.length, files: 1, error: null });
    expect(owners()).toEqual(['ftp.exe < powershell.exe']);
    expect(await arrived(sink)).toEqual([{ sha256: first.sha256, command: 'STOR' }]);
  });

  it('ftp: several tracers by one command file, which waits between them', async () => {
    const sink = await startSink('ftp', tracers);
    const puts = tracers.map(({ fileName }) => `put "${home}\\${fileName}" ${fileName}`);
    const wait = '\r\n!ping.exe -n 1 127.0.0.1\r\n';
    const { user, password } = sink.options.account;
    const login = `user ${user} ${password}`;
    await host.write(
      `${home}\\c.txt`,
      `open ${sinkAddress} ${sink.port}\r\n${login}\r\nbinary\r\n${puts.join(wait)}\r\nquit\r\n`,
    );
    const { json } = await run(
      'Invoke-TracerClient.ps1',
      `-Path "${home}\\*.dat" -Client ftp -CommandFile "${home}\\c.txt"`,
    );
    expect(json).toMatchObject({ ok: true, bytes: total, files: 2, error: null });
    expect((await arrived(sink)).length).toBe(2);
  });

  it('ftp: a server that does not confirm is a failure, though ftp.exe ends with 0', async () => {
    const sink = await startSink('ftp', [first]);
    const commands = `open ${sinkAddress} ${sink.port}\r\nuser wrong wrong\r\nput "${path}" x\r\nquit\r\n`;
    await host.write(`${home}\\c.txt`, commands);
    const { exitCode, json } = await run(
      'Invoke-TracerClient.ps1',
      `-Path "${path}" -Client ftp -CommandFile "${home}\\c.txt"`,
    );
    expect({ exitCode, ...json }).toMatchObject({ exitCode: 1, ok: false, files: 0 });
    expect(json.error).toMatch(/^ftp\.exe: 0 of 1 transfers were confirmed by 226: .*530/);
  });

  it.each([
    ['another file', 'put C:\\payroll.txt x'],
    ['a file too', `put "${path}" x\r\nput C:\\payroll.txt y`],
    ['a download', `get x C:\\y\r\nput "${path}" x`],
    ['a command of the shell', `put "${path}" x\r\n!calc`],
    ['more than a wait', `put "${path}" x\r\n!ping.exe -n 1 127.0.0.1 & calc`],
    ['nothing', 'binary'],
  ])('ftp: refuses a command file that moves %s', async (_, lines) => {
    await host.write(`${home}\\c.txt`, `open ${sinkAddress} 9\r\nuser u p\r\n${lines}\r\nquit\r\n`);
    const { exitCode, json } = await run(
      'Invoke-TracerClient.ps1',
      `-Path "${path}" -Client ftp -CommandFile "${home}\\c.txt"`,
    );
    expect(exitCode).toBe(2);
    expect(json.error).toContain('alone: refused');
    expect(activities('process-started').some(({ process }) => process.image.endsWith('ftp.exe'))).toBe(
      false,
    );
  });

  it.each(['ftp', 'tftp'] as const)('curl: %s', async (protocol) => {
    const sink = await startSink(protocol, tracers);
    const { json } = await run(
      'Invoke-TracerClient.ps1',
      `-Path "${home}\\*.dat" -Client curl -Uri ${protocol}://${sinkAddress}:${sink.port}/ ${protocol === 'ftp' ? sink.login : ''}`,
    );
    expect(json).toMatchObject({ ok: true, bytes: total, files: 2, error: null });
    expect(owners()).toEqual(['curl.exe < powershell.exe']);
    expect(await arrived(sink)).toEqual(allBy(protocol === 'ftp' ? 'STOR' : 'WRQ'));
  });

  it('tftp: hands on what tftp.exe ended with', async () => {
    const { exitCode, json } = await run(
      'Invoke-TracerClient.ps1',
      `-Path "${path}" -Client tftp -Server 192.0.2.1`,
    );
    expect({ exitCode, ...json }).toMatchObject({ exitCode: 1, ok: false, files: 0 });
    expect(json.error).toMatch(/^tftp\.exe ended with 1/);
  });
});
