import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ConnectConfig } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret, systemClock, waitFor } from '../../../../src/core/index.js';
import { sshExecutor } from '../../../../src/executors/index.js';
import { activityBus, type Activity } from '../../../../src/simulator/activity.js';
import { createWindowsHost, type WindowsHost } from '../../../../src/simulator/host/index.js';
import { newKeyPair } from '../../../../src/simulator/host/ssh/host-key.js';
import { sftpCall, sshSession, type SshSession } from '../../../helpers/ssh-session.js';

const address = '127.0.1.64';
const key = newKeyPair();
const otherKey = newKeyPair();
const { STATUS_CODE } = ssh2.utils.sftp;

let directory: string;
let host: WindowsHost;
let at: { port: number; hostKey: string };
let activities: Activity[];
let session: SshSession | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'simulated-ssh-'));
  activities = [];
  const bus = activityBus();
  bus.subscribe((activity) => activities.push(activity));
  host = createWindowsHost({
    name: 'WS01',
    address,
    port: 0,
    shell: 'cmd',
    user: 'dyetrace',
    authorizedKey: key.public,
    marker: { path: 'C:\\ProgramData\\Dyetrace\\lab.txt', content: 'lab: test\r\n' },
    directory,
    services: { tftp: 69, smb: 445 },
    smbclient: null,
    clock: systemClock,
    seed: 'seed',
    bus,
  });
  at = await host.start();
});
afterEach(async () => {
  await session?.close();
  session = undefined;
  await host.stop();
  await rm(directory, { recursive: true, force: true });
});

async function open(): Promise<SshSession> {
  session = await sshSession({ host: address, port: at.port, username: 'dyetrace', privateKey: key.private });
  return session;
}

/** Tries a login. @returns whether it succeeded, and the key that the server showed */
function login(settings: ConnectConfig): Promise<{ ready: boolean; shown: Buffer | null }> {
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    let shown: Buffer | null = null;
    const finish = (ready: boolean): void => {
      client.end();
      resolve({ ready, shown });
    };
    client
      .once('ready', () => finish(true))
      .on('error', () => finish(false))
      .connect({
        host: address,
        port: at.port,
        hostVerifier: (presented: Buffer) => {
          shown = presented;
          return true;
        },
        ...settings,
      });
  });
}

function ended(): string[] {
  return activities.flatMap((one) => (one.kind === 'process-ended' ? [one.process.originalFileName] : []));
}

describe('logging in', () => {
  it('takes the one key for the one user, and shows the host key that start() named', async () => {
    const { ready, shown } = await login({ username: 'dyetrace', privateKey: key.private });
    expect(ready).toBe(true);
    const digest = createHash('sha256')
      .update(shown ?? '')
      .digest('base64')
      .replace(/=+$/, '');
    expect(at.hostKey).toBe(`SHA256:${digest}`);
  });

  it.each<[string, ConnectConfig]>([
    ['another key', { username: 'dyetrace', privateKey: otherKey.private }],
    ['another user', { username: 'administrator', privateKey: key.private }],
    ['a password', { username: 'dyetrace', password: 'dyetrace' }],
    ['nothing', { username: 'dyetrace' }],
  ])('refuses %s', async (_, settings) => {
    expect((await login(settings)).ready).toBe(false);
  });

  it('has another host key after each start', async () => {
    const before = at.hostKey;
    await host.stop();
    at = await host.start();
    expect(at.hostKey).not.toBe(before);
  });
});

describe('commands over SSH', () => {
  it('hands exit code, output and errors back, and standard input on', async () => {
    const ssh = await open();
    expect(await ssh.run('echo out& echo err 1>&2& exit 3')).toEqual({
      exitCode: 3,
      signal: null,
      stdout: 'out\r\n',
      stderr: 'err \r\n',
    });
    expect((await ssh.run('findstr b', 'abc\nxyz\n')).stdout).toBe('abc\r\n');
    expect((await ssh.run('whoami.exe')).stdout).toBe('ws01\\dyetrace\r\n');
    expect(await ssh.run('type C:\\ProgramData\\Dyetrace\\lab.txt')).toMatchObject({
      stdout: 'lab: test\r\n',
    });
  });

  it('hands on more than a window of output', async () => {
    const ssh = await open();
    const sftp = await ssh.sftp();
    const content = Buffer.alloc(5 * 2 ** 20, 'line of text\r\n');
    await sftpCall((done) => sftp.writeFile('/C:/big.txt', content, done));
    expect((await ssh.run('type C:\\big.txt')).stdout.length).toBe(content.length);
  });

  it('are children of the connection’s own sshd.exe, below the service', async () => {
    const ssh = await open();
    await ssh.run('ver');
    const shell = activities.flatMap((one) => (one.kind === 'process-started' ? [one.process] : [])).at(-1);
    expect(shell?.commandLine).toBe('"c:\\windows\\system32\\cmd.exe" /c "ver"');
    expect(shell?.user).toBe('WS01\\dyetrace');
    expect(shell?.parent).toMatchObject({ originalFileName: 'sshd.exe', user: 'WS01\\dyetrace' });
    expect(shell?.parent?.parent).toBe(host.processes.sshd);
  });

  it.each(['close', 'signal', 'connection'] as const)('end with their tree and sockets: %s', async (how) => {
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(0, '127.0.2.64', resolve));
    const heard = new Promise((resolve) => silent.once('message', resolve));
    const ssh = await open();
    const sftp = await ssh.sftp();
    await sftpCall((done) => sftp.writeFile('/C:/Users/dyetrace/t.dat', 'x', done));
    const { port } = silent.address();
    const channel = await ssh.begin(`cmd.exe /d /c "curl.exe -T t.dat tftp://127.0.2.64:${port}/t.dat"`);
    await heard;
    silent.close();
    if (how === 'close') channel.close();
    else if (how === 'signal') channel.signal('KILL');
    else {
      await ssh.close();
      session = undefined;
    }
    await waitFor(() => ended().includes('curl.exe'), { timeoutMs: 5000 });
    await waitFor(() => ended().filter((name) => name === 'Cmd.Exe').length === 2, { timeoutMs: 5000 });
    expect(
      ended()
        .filter((name) => name !== 'sftp-server.exe' && name !== 'sshd.exe')
        .sort(),
    ).toEqual(['Cmd.Exe', 'Cmd.Exe', 'curl.exe']);
    expect(activities.filter((one) => one.kind === 'socket-closed')).toHaveLength(1);
  });

  it('without smbclient a share is not found, and the reason is told', async () => {
    const ssh = await open();
    const used = await ssh.run('net.exe use \\\\127.0.2.64\\drop /user:u *', 'p\n');
    expect(used.exitCode).toBe(2);
    expect(used.stderr).toBe(
      'System error 53 has occurred.\r\n\r\nThe network path was not found.\r\nsmbclient is not installed: apt-get install smbclient\r\n\r\n',
    );
    const copied = await ssh.run('copy /y C:\\ProgramData\\Dyetrace\\lab.txt \\\\127.0.2.64\\drop\\f');
    expect(copied).toMatchObject({ exitCode: 1, stdout: '        0 file(s) copied.\r\n' });
    expect(copied.stderr).toContain('apt-get install smbclient');
  });
});

describe('SFTP', () => {
  it('creates exclusively where it is asked to, and reports the file', async () => {
    const sftp = await (await open()).sftp();
    await sftpCall((done) => sftp.mkdir('/C:/Dyetrace', done));
    const write = () =>
      sftpCall((done) => sftp.writeFile('/C:/Dyetrace/f.dat', 'once', { flag: 'wx' }, done));
    await write();
    await expect(write()).rejects.toMatchObject({ code: STATUS_CODE.FAILURE });
    expect((await sftpCall<Buffer>((done) => sftp.readFile('/C:/dyetrace/F.DAT', done))).toString()).toBe(
      'once',
    );
    expect(activities.filter((one) => one.kind === 'file-created')).toMatchObject([
      { path: 'C:\\Dyetrace\\f.dat', process: { originalFileName: 'sftp-server.exe' } },
    ]);
  });

  it('answers with the status that says what is wrong', async () => {
    const sftp = await (await open()).sftp();
    const missing = { code: STATUS_CODE.NO_SUCH_FILE };
    await expect(sftpCall((done) => sftp.readFile('/C:/nothing', done))).rejects.toMatchObject(missing);
    await expect(sftpCall((done) => sftp.stat('/C:/nothing', done))).rejects.toMatchObject(missing);
    await expect(sftpCall((done) => sftp.unlink('/C:/nothing', done))).rejects.toMatchObject(missing);
    await expect(sftpCall((done) => sftp.mkdir('/C:/no/sub', done))).rejects.toMatchObject(missing);
    await expect(sftpCall((done) => sftp.rmdir('/C:/Users', done))).rejects.toMatchObject({
      code: STATUS_CODE.FAILURE,
    });
    await expect(sftpCall((done) => sftp.mkdir('/C:/Users', done))).rejects.toMatchObject({
      code: STATUS_CODE.FAILURE,
    });
  });

  it('lists, measures, removes, and never leaves its drive', async () => {
    const sftp = await (await open()).sftp();
    await sftpCall((done) => sftp.mkdir('/C:/d', done));
    await sftpCall((done) => sftp.writeFile('/C:/d/a', '12345', done));
    const list = await sftpCall<{ filename: string }[]>((done) => sftp.readdir('/C:/d', done));
    expect(list.map(({ filename }) => filename)).toEqual(['a']);
    expect(await sftpCall((done) => sftp.stat('/C:/d/a', done))).toMatchObject({ size: 5 });
    expect(await sftpCall((done) => sftp.realpath('.', done))).toBe('/C:/Users/dyetrace');
    expect(await sftpCall((done) => sftp.realpath('/C:/d/../../../etc', done))).toBe('/C:/etc');
    await sftpCall((done) => sftp.unlink('/C:/d/a', done));
    await sftpCall((done) => sftp.rmdir('/C:/d', done));
    await expect(sftpCall((done) => sftp.stat('/C:/d', done))).rejects.toThrow();
    await expect(sftpCall((done) => sftp.readFile('/D:/x', done))).rejects.toThrow();
  });
});

describe('the ssh executor on a simulated host', () => {
  it('describes it, and ends marked processes', async () => {
    const executor = sshExecutor({
      hostId: 'ws01',
      address,
      port: at.port,
      user: 'dyetrace',
      hostKey: at.hostKey,
      key: new Secret(key.private),
      connectTimeoutMs: 10_000,
    });
    const before = Date.now();
    const description = await executor.describe();
    expect(description).toMatchObject({ shell: 'cmd', user: 'ws01\\dyetrace' });
    expect(description.os).toContain('Microsoft Windows [Version 10.0.');
    expect(description.clock).toBeGreaterThanOrEqual(before);
    const running = executor.run('cmd.exe /d /c "findstr dk3f9q2x"', {
      timeoutMs: 20_000,
      stdin: new Secret('x'),
    });
    await executor.endProcesses('dk3f9q2x');
    await running;
    await executor.close();
    expect(host.processes.running().some((process) => process.commandLine.includes('dk3f9q2x'))).toBe(false);
  });
});
