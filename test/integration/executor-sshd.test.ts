import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Secret, waitFor } from '../../src/core/index.js';
import { fetchHostKey, sshExecutor, type Executor, type SshOptions } from '../../src/executors/index.js';
import { describeWith } from '../helpers/requires.js';
import { freePort, startSshd, type Sshd } from '../helpers/sshd.js';

const unused = `SHA256:${'A'.repeat(43)}`;

/** Command lines of the running processes that hold a word. */
async function processesWith(word: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(word));
}

// eslint-disable-next-line @typescript-eslint/require-await -- a generator that awaits nothing is still an AsyncIterable
async function* pieces(...content: Buffer[]): AsyncGenerator<Buffer> {
  yield* content;
}

describeWith(
  { programs: ['sshd', 'ssh-keygen', 'pkill'], platforms: ['linux'] },
  'ssh executor and OpenSSH',
  () => {
    let sshd: Sshd;
    let directory: string;
    const opened: Executor[] = [];

    const open = (changes: Partial<SshOptions> = {}): Executor => {
      const executor = sshExecutor({ ...sshd.options, ...changes });
      opened.push(executor);
      return executor;
    };

    beforeAll(async () => {
      sshd = await startSshd();
      directory = await mkdtemp(join(tmpdir(), 'dyetrace-ssh-'));
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((executor) => executor.close()));
    });
    afterAll(async () => {
      await sshd.stop();
      await rm(directory, { recursive: true, force: true });
    });

    it('logs in by key, hands on output, exit code and standard input', async () => {
      const executor = open();
      const result = await executor.run('read line; echo "got $line"; echo oops >&2; exit 3', {
        timeoutMs: 10_000,
        stdin: new Secret('pass word'),
      });
      expect(result).toMatchObject({
        exitCode: 3,
        ended: 'exit',
        stdout: 'got pass word\n',
        stderr: 'oops\n',
        truncated: false,
      });
      expect(result.endedAt).toBeGreaterThanOrEqual(result.startedAt);
    });

    it('runs all steps over one connection', async () => {
      const executor = open();
      const peers = [];
      for (let step = 0; step < 3; step++)
        peers.push((await executor.run('echo $SSH_CONNECTION', { timeoutMs: 10_000 })).stdout);
      expect(new Set(peers).size).toBe(1);
      expect(peers[0]).toMatch(/^127\.0\.0\.1 \d+ 127\.0\.0\.1/);
    });

    it('shows the host key as ssh-keygen does, before any login', async () => {
      await expect(fetchHostKey('127.0.0.1', sshd.port)).resolves.toBe(sshd.options.hostKey);
    });

    it('refuses another host key, showing both fingerprints, and does not try again', async () => {
      const retries: number[] = [];
      const executor = open({ hostKey: unused, onRetry: (attempt) => retries.push(attempt) });
      await expect(executor.run('true', { timeoutMs: 1000 })).rejects.toMatchObject({
        code: 'host-key-mismatch',
        message: expect.stringMatching(
          new RegExp(`${sshd.options.hostKey.replaceAll('+', '\\+')}.*${unused}`),
        ) as string,
      });
      expect(retries).toEqual([]);
    });

    it('is not let in by another key', async () => {
      const executor = open({ key: sshd.wrongKey });
      await expect(executor.run('true', { timeoutMs: 1000 })).rejects.toMatchObject({
        code: 'authentication-failed',
      });
    });

    it('never shows the key in an error', async () => {
      const executor = open({ key: new Secret('-----BEGIN OPENSSH PRIVATE KEY-----\ntopsecret\n') });
      const error: unknown = await executor
        .run('true', { timeoutMs: 1000 })
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'key-not-usable' });
      expect(JSON.stringify(error) + String(error)).not.toContain('topsecret');
    });

    it('takes an address, not a name', () => {
      expect(() => open({ address: 'localhost' })).toThrow(
        expect.objectContaining({ code: 'not-an-address' }),
      );
    });

    it('tries an unreachable host a bounded number of times, and says so', async () => {
      const attempts: number[] = [];
      const executor = open({
        port: await freePort(),
        connectRetries: 2,
        onRetry: (attempt, error) => {
          expect(error.message).toContain('ECONNREFUSED');
          attempts.push(attempt);
        },
      });
      await expect(executor.run('true', { timeoutMs: 1000 })).rejects.toMatchObject({
        code: 'host-unreachable',
        exitCode: 3,
      });
      expect(attempts).toEqual([1, 2]);
    });

    it('gives up on a server that says nothing', async () => {
      const sockets: Socket[] = [];
      const silent: Server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const executor = open({
        port: (silent.address() as AddressInfo).port,
        connectTimeoutMs: 200,
        connectRetries: 0,
      });
      await expect(executor.run('true', { timeoutMs: 1000 })).rejects.toMatchObject({
        code: 'host-unreachable',
      });
      for (const socket of sockets) socket.destroy();
      silent.close();
    });

    it('calls a command whose connection breaks lost, and can go on afterwards', async () => {
      const executor = open();
      const running = executor.run('echo started; exec sleep 60', { timeoutMs: 30_000 });
      const sleeping = await waitFor(async () => (await processesWith('sleep\0' + '60')).length > 0, {
        timeoutMs: 10_000,
      });
      expect(sleeping).toBe(true);
      for (const pid of await sshd.sessions()) process.kill(pid, 'SIGKILL');
      await expect(running).resolves.toMatchObject({ ended: 'lost', exitCode: null, stdout: 'started\n' });
      await expect(executor.run('echo back', { timeoutMs: 10_000 })).resolves.toMatchObject({
        stdout: 'back\n',
        exitCode: 0,
      });
    });

    // The grandchild has a session of its own and no pipe to the channel: nothing but its command line leads to it.
    const tree = (marker: string) =>
      `setsid sh -c 'sleep 61; true' ${marker} </dev/null >/dev/null 2>&1 & sh -c 'sleep 62; true' ${marker}`;

    it('ends the whole process tree at the timeout', async () => {
      const executor = open();
      const result = await executor.run(tree('dtimeout1'), { timeoutMs: 500, marker: 'dtimeout1' });
      expect(result).toMatchObject({ ended: 'timeout', exitCode: null });
      expect(await processesWith('dtimeout1')).toEqual([]);
      expect(await processesWith('sleep\x0061')).toEqual([]);
      // The session lives on.
      await expect(executor.run('exit 0', { timeoutMs: 10_000 })).resolves.toMatchObject({ exitCode: 0 });
    });

    it('ends the whole process tree when aborted', async () => {
      const executor = open();
      const stop = new AbortController();
      const running = executor.run(tree('dabort001'), {
        timeoutMs: 60_000,
        marker: 'dabort001',
        signal: stop.signal,
      });
      await waitFor(async () => (await processesWith('dabort001')).length >= 3, { timeoutMs: 10_000 });
      stop.abort();
      await expect(running).resolves.toMatchObject({ ended: 'aborted', exitCode: null });
      expect(await processesWith('dabort001')).toEqual([]);
      expect(await processesWith('sleep\x0061')).toEqual([]);
    });

    // Without a marker nothing leads to a command that neither reads nor writes; one that does ends with its channel.
    it('ends a command without a marker by closing its channel', async () => {
      const executor = open();
      const result = await executor.run('yes nomarker1', { timeoutMs: 300, maxOutputBytes: 10 });
      expect(result).toMatchObject({ ended: 'timeout', exitCode: null, stdout: 'nomarker1\n' });
      const gone = await waitFor(async () => (await processesWith('nomarker1')).length === 0, {
        timeoutMs: 5000,
      });
      expect(gone).toBe(true);
    });

    it('does not start what was aborted before', async () => {
      const executor = open();
      const file = join(directory, 'never');
      const result = await executor.run(`touch ${file}`, { timeoutMs: 1000, signal: AbortSignal.abort() });
      expect(result.ended).toBe('aborted');
      await expect(executor.read(file)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('ends processes by their marker from another session', async () => {
      const marker = 'dcleanup1';
      await open().run(`setsid sh -c 'sleep 64; true' ${marker} </dev/null >/dev/null 2>&1 &`, {
        timeoutMs: 10_000,
      });
      expect((await processesWith(marker)).length).toBeGreaterThan(0);
      const later = open();
      await later.endProcesses(marker);
      expect(await processesWith(marker)).toEqual([]);
      await expect(later.endProcesses(marker)).resolves.toBeUndefined();
      await expect(later.endProcesses('.')).rejects.toMatchObject({ code: 'marker-not-usable' });
    });

    it('cuts output at the cap, and the command goes on to its end', async () => {
      const result = await open().run('head -c 5000000 /dev/zero; echo more >&2; exit 5', {
        timeoutMs: 20_000,
        maxOutputBytes: 1000,
      });
      expect(result).toMatchObject({ exitCode: 5, ended: 'exit', truncated: true, stderr: 'more\n' });
      expect(result.stdout).toBe('\0'.repeat(1000));
    });

    it('stages, reads and removes files byte for byte', async () => {
      const executor = open();
      const path = join(directory, 'Zuflüsse und Flüße.dat');
      const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
      await executor.stage({
        path,
        content: () => pieces(content.subarray(0, 100_001), content.subarray(100_001)),
      });
      expect((await readFile(path)).equals(content)).toBe(true);
      expect((await executor.read(path)).equals(content)).toBe(true);
      await expect(executor.read(path, 1000)).rejects.toMatchObject({ code: 'file-too-large' });
      await executor.remove(path);
      await expect(executor.read(path)).rejects.toMatchObject({ code: 'not-found' });
      await expect(executor.remove(path)).resolves.toBeUndefined();
    });

    it('does not touch a file that is there already', async () => {
      const path = join(directory, 'theirs');
      await writeFile(path, 'theirs');
      await expect(open().stage({ path, content: () => pieces(Buffer.from('ours')) })).rejects.toMatchObject({
        code: 'file-exists',
      });
      expect(await readFile(path, 'utf8')).toBe('theirs');
    });

    it('leaves nothing of a stage that breaks off', async () => {
      const path = join(directory, 'half');
      const content = async function* () {
        yield* pieces(Buffer.alloc(100_000));
        throw new Error('the source broke');
      };
      await expect(open().stage({ path, content })).rejects.toThrow('the source broke');
      expect(await readdir(directory)).not.toContain('half');
    });

    it('makes and removes directories, and says which were there', async () => {
      const executor = open();
      const path = join(directory, 'sub');
      await expect(executor.makeDirectory(path)).resolves.toBe(true);
      await expect(executor.makeDirectory(path)).resolves.toBe(false);
      await writeFile(join(path, 'file'), '');
      await expect(executor.removeDirectory(path)).rejects.toMatchObject({ code: 'file-operation-failed' });
      await executor.remove(join(path, 'file'));
      await executor.removeDirectory(path);
      await expect(executor.removeDirectory(path)).resolves.toBeUndefined();
      await expect(executor.makeDirectory(join(directory, 'no', 'parent'))).rejects.toMatchObject({
        code: 'file-operation-failed',
      });
    });

    it('says of a POSIX host that it is none of ours', async () => {
      await expect(open().describe()).rejects.toMatchObject({ code: 'not-windows' });
    });

    it('does nothing after close', async () => {
      const executor = open();
      await executor.run('true', { timeoutMs: 10_000 });
      await executor.close();
      await expect(executor.run('true', { timeoutMs: 10_000 })).rejects.toMatchObject({
        code: 'executor-closed',
      });
    });
  },
);
