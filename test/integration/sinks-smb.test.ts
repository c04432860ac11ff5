import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import ts from 'typescript';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor, type Endpoint } from '../../src/core/index.js';
import { endLeftServer, smbSink, type SmbSink } from '../../src/sinks/smb/index.js';
import {
  defaultSinkLimits,
  type ExpectedTransfer,
  type Refusal,
  type SinkOptions,
} from '../../src/sinks/types.js';
import { describeWith } from '../helpers/requires.js';
import {
  expectDownload,
  expectUpload,
  recordingSink,
  testTracer,
  type SinkRecorder,
  type TestTracer,
} from '../helpers/sink-lab.js';

const address = '127.0.2.45';
const account = { user: 'dk3f9q2x', password: 'Not on a command line 1!' };
const mebibyte = 1024 * 1024;
const one = testTracer('one', 3 * mebibyte);
const two = testTracer('two', mebibyte);
const three = testTracer('three', 20_000);
/** More than a client has under way at once, so that it can be caught in the middle. */
const large = testTracer('large', 24 * mebibyte);
const slowly = { limits: { ...defaultSinkLimits, maxBytesPerSecond: 8 * mebibyte } };

let directory: string;
let sink: SmbSink | undefined;
let recorder: SinkRecorder;
let at: Endpoint;

async function start(
  expected: readonly ExpectedTransfer[],
  more: Partial<SinkOptions> = {},
): Promise<SmbSink> {
  recorder = recordingSink({
    address,
    // smbclient cannot choose its address: it comes from the one that it connects to.
    clients: ['127.0.0.1', address],
    account,
    expected,
    directory: join(directory, 'sink'),
    ...more,
  });
  sink = smbSink(recorder.options);
  at = await sink.start();
  return sink;
}

const local = (tracer: TestTracer) => join(directory, `${tracer.fileName}.local`);
const put = (tracer: TestTracer, name = tracer.fileName) => `put ${local(tracer)} ${name}`;

function clientArguments(commands: string, more: readonly string[] = [], share = 'drop'): string[] {
  const file = join(directory, 'account');
  return [`//${address}/${share}`, '-p', String(at.port), '-A', file, '-c', commands, ...more];
}

/** What smbclient says on both outputs; its exit code does not tell of every command that failed. */
async function smbclient(commands: string, ...more: string[]): Promise<string> {
  return (await execa('smbclient', clientArguments(commands, more), { reject: false, all: true })).all;
}

async function receipts(count = 1) {
  await waitFor(() => recorder.lines.length >= count, { timeoutMs: 15_000 });
  expect(recorder.lines).toHaveLength(count);
  return recorder.lines;
}

function refusal(matches: (one: Refusal) => boolean) {
  return waitFor(() => recorder.refusals.find(matches), { timeoutMs: 5000 });
}

/** An smbclient that has sent a part of its file. */
async function startUpload(tracer: TestTracer) {
  const client = spawn('smbclient', clientArguments(put(tracer)), { stdio: 'ignore' });
  const received = join(directory, 'sink', 'received', '1');
  await waitFor(async () => (await stat(received)).size > 0, { timeoutMs: 10_000 });
  return client;
}

/** A client of our own that sends what it is told. */
function rawClient(localAddress: string) {
  const socket = connect({ host: address, port: at.port, localAddress });
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  socket.on('error', () => undefined);
  socket.resume();
  return { socket, closed };
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'smb-sink-'));
  await chmod(directory, 0o755);
  await writeFile(join(directory, 'account'), `username = ${account.user}\npassword = ${account.password}\n`);
  for (const tracer of [one, two, three, large]) await writeFile(local(tracer), tracer.bytes);
});

afterEach(async () => {
  await sink?.stop();
  sink = undefined;
  await rm(directory, { recursive: true, force: true });
});

describeWith({ programs: ['smbd', 'smbpasswd', 'smbclient'], root: true }, 'SMB sink and smbclient', () => {
  it('takes a planned upload, and its receipt and log line say so', async () => {
    const before = Date.now();
    await start([expectUpload(one)]);
    expect(await smbclient(put(one, one.fileName.toUpperCase()))).not.toContain('NT_STATUS');
    const [got] = await receipts();
    expect(got).toMatchObject({
      protocol: 'smb',
      sink: 'sink-1',
      executionId: one.spec.execution,
      direction: 'upload',
      command: 'CREATE',
      fileName: one.fileName,
      size: one.spec.size,
      sha256: one.sha256,
      complete: true,
      error: null,
      sockets: [
        { role: 'data', transport: 'tcp', openedBy: 'client', destination: { ip: address, port: at.port } },
      ],
    });
    const [socket] = got?.sockets ?? [];
    expect(socket?.bytesFromClient).toBeGreaterThan(one.spec.size);
    expect(socket?.bytesToClient).toBeLessThan(100_000);
    const [first, last] = [Date.parse(got?.firstByteAt ?? ''), Date.parse(got?.lastByteAt ?? '')];
    expect(first).toBeGreaterThanOrEqual(before);
    expect(last).toBeGreaterThanOrEqual(first);
    expect(last).toBeLessThanOrEqual(Date.now());
    expect(recorder.log).toEqual([
      {
        '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/) as string,
        event: { module: 'dyetrace_sink', dataset: 'dyetrace_sink.smb', action: 'write', outcome: 'success' },
        observer: { type: 'server', name: 'sink-1' },
        source: socket?.source,
        destination: { ip: address, port: at.port },
        network: { protocol: 'smb', transport: 'tcp' },
        file: {
          name: one.fileName,
          path: `\\\\${address}\\drop\\${one.fileName}`,
          size: one.spec.size,
          hash: { sha256: one.sha256 },
        },
        user: { name: account.user },
        smb: { share: 'drop', command: 'CREATE' },
      },
    ]);
    expect(recorder.refusals).toEqual([]);
  });

  for (const options of [
    ['-m', 'SMB2_10'],
    ['-m', 'SMB3_11'],
    ['-m', 'SMB3', '--client-protection=encrypt'],
  ]) {
    it(`takes uploads over one connection with ${options.join(' ')}`, async () => {
      await start([one, two, three].map((tracer) => expectUpload(tracer)));
      expect(
        await smbclient([one, two, three].map((tracer) => put(tracer)).join('; '), ...options),
      ).not.toContain('NT_STATUS');
      const got = await receipts(3);
      expect(got.map(({ sha256, complete }) => ({ sha256, complete }))).toEqual(
        [one, two, three].map(({ sha256 }) => ({ sha256, complete: true })),
      );
      expect(new Set(got.map(({ sockets }) => sockets[0]?.source.port)).size).toBe(1);
      for (const { size, sockets } of got) {
        expect(sockets[0]?.bytesFromClient).toBeGreaterThan(size);
        // Sessions, look-ups and headers: far less than the next larger file.
        expect(sockets[0]?.bytesFromClient).toBeLessThan(size * 1.05 + 20_000);
      }
    });
  }

  it('ends the connection once the transfer is over, so that the next one gets its own', async () => {
    await start([expectUpload(one), expectUpload(two)]);
    const client = spawn('smbclient', clientArguments('').slice(0, -2), {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ended = once(client, 'exit');
    client.stdin.write(`${put(one)}\n`);
    const [got] = await receipts();
    expect(got?.complete).toBe(true);
    client.stdin.end(`${put(two)}\n`);
    await ended;
    expect(recorder.lines).toHaveLength(1);
    expect(await smbclient(put(two))).not.toContain('NT_STATUS');
    const [, next] = await receipts(2);
    expect(next?.sockets[0]?.source.port).not.toBe(got?.sockets[0]?.source.port);
  });

  it('serves a planned download, and nothing else, as often as planned', async () => {
    await start([expectDownload(one, { times: 2 })]);
    const copy = join(directory, 'copy');
    expect(await smbclient(`get ${one.fileName} ${copy}`)).not.toContain('NT_STATUS');
    expect((await readFile(copy)).equals(one.bytes)).toBe(true);
    expect(await smbclient(`get ${one.fileName} ${copy}; get other.dat ${copy}`)).toContain(
      'NT_STATUS_OBJECT_NAME_NOT_FOUND opening remote file \\other.dat',
    );
    const got = await receipts(2);
    for (const receipt of got) {
      expect(receipt).toMatchObject({
        direction: 'download',
        complete: true,
        size: one.spec.size,
        sha256: one.sha256,
        executionId: one.spec.execution,
      });
      expect(receipt.sockets[0]?.bytesToClient).toBeGreaterThan(one.spec.size);
      expect(receipt.sockets[0]?.bytesFromClient).toBeLessThan(100_000);
    }
    expect(await smbclient(`get ${one.fileName} ${copy}`)).toContain('NT_STATUS_');
    expect(await smbclient(put(one))).toContain('NT_STATUS_ACCESS_DENIED');
    expect(recorder.lines).toHaveLength(2);
    expect(recorder.log.map((record) => (record['event'] as { action: string }).action)).toEqual([
      'read',
      'read',
    ]);
  });

  it('refuses what the plan does not name, in SMB itself', async () => {
    await start([expectUpload(one)]);
    const output = await smbclient(
      `${put(two, 'other.dat')}; mkdir folder; rename ${one.fileName} x.dat; ${put(one)}`,
    );
    expect(output).toContain('NT_STATUS_ACCESS_DENIED opening remote file \\other.dat');
    expect(output).toContain('NT_STATUS_ACCESS_DENIED making remote directory \\folder');
    expect(output).toContain('NT_STATUS_ACCESS_DENIED renaming files');
    expect((await receipts())[0]?.complete).toBe(true);
    expect(await refusal(({ what }) => what === 'CREATE other.dat')).toMatchObject({
      sink: 'sink-1',
      protocol: 'smb',
      reason: expect.stringContaining('STATUS_ACCESS_DENIED') as string,
    });
    expect(await refusal(({ what }) => what === 'CREATE folder')).toBeDefined();
  });

  it('takes a file once, in one session and in the next', async () => {
    await start([expectUpload(one)]);
    expect(await smbclient(`${put(one)}; ${put(one)}`)).toContain(
      'NT_STATUS_ACCESS_DENIED opening remote file',
    );
    expect(await smbclient(put(one))).toContain('NT_STATUS_ACCESS_DENIED opening remote file');
    const [got] = await receipts();
    expect(got).toMatchObject({ complete: true, sha256: one.sha256 });
    expect(recorder.refusals.filter(({ what }) => what === `CREATE ${one.fileName}`)).toHaveLength(2);
  });

  it('takes a file as often as planned, each time with its own receipt', async () => {
    await start([expectUpload(two, { times: 3 })]);
    await smbclient(`${put(two)}; ${put(two)}`);
    await smbclient(`${put(two)}; ${put(two)}`);
    const got = await receipts(3);
    expect(got.map(({ complete, sha256 }) => complete && sha256)).toEqual([
      two.sha256,
      two.sha256,
      two.sha256,
    ]);
    expect(await refusal(({ what }) => what === `CREATE ${two.fileName}`)).toBeDefined();
  });

  it('removes what is no tracer of the execution, and says so', async () => {
    await start([expectUpload(one), expectUpload(two)]);
    const foreign = join(directory, 'foreign');
    await writeFile(foreign, Buffer.alloc(two.spec.size, 'secret'));
    await smbclient(`put ${foreign} ${two.fileName}`);
    expect((await receipts())[0]).toMatchObject({
      complete: false,
      error: 'the content is no tracer',
      size: two.spec.size,
      executionId: two.spec.execution,
    });
    expect(await refusal(({ reason }) => reason === 'the content is no tracer')).toBeDefined();
    const sameSize = testTracer('another', one.spec.size);
    await writeFile(foreign, sameSize.bytes);
    await smbclient(`put ${foreign} ${one.fileName}`);
    const [, got] = await receipts(2);
    expect(got).toMatchObject({
      complete: false,
      executionId: sameSize.spec.execution,
      sha256: sameSize.sha256,
    });
    await waitFor(async () => (await readdir(join(directory, 'sink', 'received'))).length === 0, {
      timeoutMs: 5000,
    });
    expect(await readdir(join(directory, 'sink', 'received'))).toEqual([]);
    expect(await readdir(join(directory, 'sink', 'share'))).toEqual([]);
  });

  it('stops content beyond the planned size', async () => {
    await start([expectUpload(two)]);
    await smbclient(`put ${local(one)} ${two.fileName}`);
    const [got] = await receipts();
    expect(got?.complete).toBe(false);
    expect(got?.error).toContain(`more than the ${two.spec.size} bytes`);
    expect(got?.size).toBeGreaterThan(two.spec.size);
    expect(await refusal(({ what }) => what === `WRITE ${two.fileName}`)).toBeDefined();
  });

  it('writes a broken receipt where the client is killed, and counts the attempt', async () => {
    await start([expectUpload(large)], slowly);
    const client = await startUpload(large);
    client.kill('SIGKILL');
    const [got] = await receipts();
    expect(got).toMatchObject({ complete: false, executionId: large.spec.execution });
    expect(got?.error).toContain('the file was not closed: the client');
    expect(got?.size).toBeGreaterThan(0);
    expect(got?.size).toBeLessThan(large.spec.size);
    expect(got?.sockets[0]?.bytesFromClient).toBeGreaterThan(got?.size ?? Infinity);
    expect(await smbclient(put(large))).toContain('NT_STATUS_ACCESS_DENIED');
    expect(recorder.log[0]?.['event']).toMatchObject({ action: 'write', outcome: 'failure' });
  });

  it('refuses a wrong password, a guest and another share', async () => {
    await start([expectUpload(one)]);
    await writeFile(join(directory, 'account'), `username = ${account.user}\npassword = wrong\n`);
    expect(await smbclient('ls')).toContain('NT_STATUS_LOGON_FAILURE');
    expect(await refusal(({ reason }) => reason === 'STATUS_WRONG_PASSWORD')).toMatchObject({
      what: `session of "${account.user}"`,
    });
    await writeFile(join(directory, 'account'), 'username = \npassword = \n');
    expect(await smbclient('ls', '-N')).toContain('NT_STATUS_ACCESS_DENIED');
    await writeFile(
      join(directory, 'account'),
      `username = ${account.user}\npassword = ${account.password}\n`,
    );
    const other = await execa('smbclient', clientArguments('ls', [], 'other'), { reject: false, all: true });
    expect(other.all).toContain('NT_STATUS_BAD_NETWORK_NAME');
    expect(await refusal(({ what }) => what === 'TREE_CONNECT')).toBeDefined();
    expect(await smbclient('ls', '-m', 'SMB2_02')).toContain('negotiation failed');
    expect(recorder.lines).toEqual([]);
  });
});

describeWith(
  { programs: ['smbd', 'smbpasswd'], root: true, platforms: ['linux'] },
  'SMB sink and strangers',
  () => {
    it('resets a client that it does not serve, and notes it', async () => {
      await start([expectUpload(one)]);
      const stranger = rawClient('127.0.1.99');
      await stranger.closed;
      expect(await refusal(({ client }) => client.ip === '127.0.1.99')).toMatchObject({
        reason: 'the address is not a client of this sink',
      });
    });

    it('survives garbage, and notes it', async () => {
      await start([expectUpload(one)]);
      const garbage = rawClient('127.0.0.1');
      garbage.socket.end(Buffer.alloc(70_000, 0xa5));
      await garbage.closed;
      expect(await refusal(({ client }) => client.ip === '127.0.0.1')).toMatchObject({
        reason: 'no session was set up',
      });
      await smbclient(put(one));
      expect((await receipts())[0]?.complete).toBe(true);
    });

    it('limits the connections, and ends idle ones', async () => {
      await start([expectUpload(one)], {
        limits: { ...defaultSinkLimits, maxConnections: 1, idleTimeoutMs: 400 },
      });
      const first = rawClient('127.0.0.1');
      await once(first.socket, 'connect');
      const second = rawClient('127.0.0.1');
      await second.closed;
      expect(await refusal(({ reason }) => reason === 'more than 1 connection(s) at a time')).toBeDefined();
      await first.closed;
    });
  },
);

describeWith(
  { programs: ['smbd', 'smbpasswd'], root: true, platforms: ['linux'] },
  'life of the private Samba',
  () => {
    const isThere = async (pid: number) =>
      (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('smb.conf');

    /** Files below a directory whose bytes hold a text. */
    async function filesWith(text: string, folder: string): Promise<string[]> {
      const found: string[] = [];
      for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
        const path = join(entry.parentPath, entry.name);
        // smbd's helpers come and go meanwhile.
        const bytes = entry.isFile() ? await readFile(path).catch(() => Buffer.alloc(0)) : Buffer.alloc(0);
        if (bytes.includes(text)) found.push(path);
      }
      return found;
    }

    it('keeps the password to itself, and leaves nothing', async () => {
      const before = performance.now();
      const { serverPid } = await start([expectUpload(one)]);
      expect(serverPid).toBeGreaterThan(1);
      expect(await filesWith(account.password, join(directory, 'sink'))).toEqual([]);
      await Promise.all([sink?.stop(), sink?.stop()]);
      expect(await isThere(serverPid ?? 0)).toBe(false);
      expect(await readdir(join(directory, 'sink'))).toEqual([]);
      expect(sink?.serverPid).toBeUndefined();
    });

    it('gives a transfer that stop interrupts its receipt first', async () => {
      await start([expectUpload(large)], slowly);
      const client = await startUpload(large);
      const ended = once(client, 'exit');
      await sink?.stop();
      expect(recorder.lines).toHaveLength(1);
      expect(recorder.lines[0]?.error).toBe('the file was not closed: the sink was stopped');
      await ended;
    });

    it('says why it cannot bind, and leaves no smbd', async () => {
      await start([]);
      const other = smbSink({ ...recorder.options, port: at.port, directory: join(directory, 'second') });
      await expect(other.start()).rejects.toMatchObject({ code: 'sink-port-in-use' });
      expect(await readdir(join(directory, 'second'))).toEqual([]);
      await other.stop();
    });

    it('lives among the temporary files where its own directory is closed to others', async () => {
      const closed = join(directory, 'closed');
      await mkdir(closed, { mode: 0o700 });
      await start([expectUpload(one)], { directory: join(closed, 'sink') });
      const standIn = (await readFile(join(closed, 'sink', 'smb-directory'), 'utf8')).trim();
      expect(await smbclient(put(one))).not.toContain('NT_STATUS');
      expect((await receipts())[0]?.complete).toBe(true);
      await sink?.stop();
      await expect(readdir(standIn)).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await readdir(join(closed, 'sink'))).toEqual([]);
    });

    it('ends a left smbd, and no other process that has its pid', async () => {
      const { serverPid } = await start([]);
      expect(await endLeftServer(join(directory, 'sink'))).toBe(true);
      expect(await isThere(serverPid ?? 0)).toBe(false);
      await writeFile(join(directory, 'sink', 'smbd.pid'), `${process.pid}\n`);
      expect(await endLeftServer(join(directory, 'sink'))).toBe(false);
      expect(await endLeftServer(join(directory, 'sink'))).toBe(false);
    });

    it('does not outlive its owner', async () => {
      const { pid, owner } = await startElsewhere();
      expect(await isThere(pid)).toBe(true);
      owner.kill('SIGKILL');
      expect(await waitFor(async () => !(await isThere(pid)), { timeoutMs: 10_000 })).toBe(true);
      expect(await endLeftServer(join(directory, 'sink'))).toBe(false);
      expect(await readdir(join(directory, 'sink'))).toEqual([]);
    });

    /** Starts smbd from a process of its own, so that its owner can be killed. */
    async function startElsewhere() {
      const needed =
        /^core\/|^sinks\/smb\/(left-server|programs|samba-config|samba-server|state-directory)\.ts$/;
      const files = (await readdir('src', { recursive: true })).filter((name) => needed.test(name));
      for (const file of files.filter((name) => name.endsWith('.ts'))) {
        const path = join(directory, 'src', file.replace(/ts$/, 'js'));
        await mkdir(dirname(path), { recursive: true });
        const { outputText } = ts.transpileModule(await readFile(join('src', file), 'utf8'), {
          compilerOptions: {
            module: ts.ModuleKind.ESNext,
            target: ts.ScriptTarget.ES2022,
            verbatimModuleSyntax: true,
          },
        });
        await writeFile(path, outputText);
      }
      await writeFile(join(directory, 'package.json'), '{"type":"module"}');
      await symlink(resolve('node_modules'), join(directory, 'node_modules'));
      await writeFile(
        join(directory, 'owner.js'),
        `import { findSamba } from './src/sinks/smb/programs.js';
      import { startSamba } from './src/sinks/smb/samba-server.js';
      import { makeStateDirectory } from './src/sinks/smb/state-directory.js';
      const directory = ${JSON.stringify(join(directory, 'sink'))};
      const paths = await makeStateDirectory(directory);
      const settings = { paths, share: 'drop', unixUser: 'nobody', frontAddresses: '127.64.0.0/255.255.0.0' };
      const server = await startSamba(findSamba(), settings, { user: 'lab', password: 'secret' }, directory);
      console.log(server.pid);`,
      );
      const owner = spawn(process.execPath, [join(directory, 'owner.js')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(owner.stdout, 'data')) as [Buffer];
      return { pid: Number(line.toString('utf8').trim()), owner };
    }
  },
);
