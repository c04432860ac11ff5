import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { labSchema, type LabHost } from '../../src/config/index.js';
import { Secret } from '../../src/core/index.js';
import { createExecutor, executorKinds, type Executor } from '../../src/executors/index.js';
import { describeWith } from '../helpers/requires.js';
import { startSshd, type Sshd } from '../helpers/sshd.js';

/** How a kind reaches this machine. A kind without an entry fails its suite: the map and this list must agree. */
const settings: Readonly<Record<string, (sshd: Sshd) => object>> = {
  local: () => ({ kind: 'local' }),
  ssh: ({ options }) => ({
    kind: 'ssh',
    port: options.port,
    user: options.user,
    hostKey: options.hostKey,
    key: 'env:LOGIN_KEY',
  }),
};

function labHost(executor: object): LabHost {
  const [host] = labSchema.shape.hosts.parse([{ id: 'peer', name: 'PEER', address: '127.0.0.1', executor }]);
  if (host === undefined) throw new Error('no host');
  return host;
}

describe('executor kinds', () => {
  it('are those that this suite knows', () => {
    expect(Object.keys(settings).sort()).toEqual([...executorKinds.names].sort());
  });
});

describeWith(
  { programs: ['sshd', 'ssh-keygen', 'pkill'], platforms: ['linux'] },
  'every executor (POSIX shell)',
  () => {
    let sshd: Sshd;
    beforeAll(async () => {
      sshd = await startSshd();
    });
    afterAll(() => sshd.stop());

    describe.each(executorKinds.names)('%s', (kind) => {
      let executor: Executor;
      let directory: string;
      const asked: string[] = [];

      beforeAll(async () => {
        directory = await mkdtemp(join(tmpdir(), 'dyetrace-contract-'));
      });
      afterAll(() => rm(directory, { recursive: true, force: true }));
      const open = async () => {
        executor = await createExecutor(labHost(settings[kind]?.(sshd) ?? {}), {
          secret: (reference) => {
            asked.push(reference);
            return Promise.resolve(sshd.key);
          },
        });
        return executor;
      };
      afterEach(() => executor.close());

      const content = (text: string) => () => Readable.from([Buffer.from(text)]) as AsyncIterable<Buffer>;

      it('gives exit code, both outputs and times; standard input is closed', async () => {
        await open();
        const before = Date.now();
        const result = await executor.run('cat; echo wrong >&2; exit 7', {
          timeoutMs: 10_000,
          stdin: new Secret('word'),
        });
        expect(result).toMatchObject({
          exitCode: 7,
          stdout: 'word\n',
          stderr: 'wrong\n',
          ended: 'exit',
          truncated: false,
        });
        expect(result.startedAt).toBeGreaterThanOrEqual(before);
        expect(result.endedAt).toBeGreaterThanOrEqual(result.startedAt);
      });

      it('cuts output at the limit, each stream by itself', async () => {
        await open();
        const result = await executor.run('printf 1234567890; printf 12345 >&2', {
          timeoutMs: 10_000,
          maxOutputBytes: 5,
        });
        expect(result).toMatchObject({ stdout: '12345', stderr: '12345', truncated: true, exitCode: 0 });
      });

      it('ends a command at its timeout, and one that is aborted, with what they started', async () => {
        await open();
        const marker = `dctr-${kind}-${process.pid}`;
        // Nothing else on this machine sleeps for just so long.
        const nap = 70_000_000 + process.pid;
        const command = `setsid sh -c 'sleep ${nap}; true' ${marker} & sh -c 'sleep ${nap}; true' ${marker}`;
        const late = await executor.run(command, { timeoutMs: 500, marker });
        expect(late).toMatchObject({ ended: 'timeout', exitCode: null });
        const stop = new AbortController();
        const running = executor.run(`echo up; ${command}`, {
          timeoutMs: 60_000,
          marker,
          signal: stop.signal,
        });
        setTimeout(() => stop.abort(), 300);
        expect(await running).toMatchObject({ ended: 'aborted', exitCode: null });
        // pgrep exits 1 where it finds none; the brackets keep it from finding its own shell.
        const left = await executor.run(`pgrep -f '[d]${marker.slice(1)}|[s]leep ${nap}'`, {
          timeoutMs: 10_000,
        });
        expect(left).toMatchObject({ exitCode: 1, stdout: '' });
      });

      it('starts nothing under a signal that was aborted before', async () => {
        await open();
        const path = join(directory, 'never');
        const result = await executor.run(`touch ${path}`, {
          timeoutMs: 10_000,
          signal: AbortSignal.abort(),
        });
        expect(result).toMatchObject({ ended: 'aborted', exitCode: null });
        await expect(executor.read(path)).rejects.toMatchObject({ code: 'not-found' });
      });

      it('ends processes by their marker; none is fine, and a vague marker is refused', async () => {
        await open();
        const marker = `dend-${kind}`;
        await executor.run(`setsid sh -c 'sleep 73; true' ${marker} </dev/null >/dev/null 2>&1 &`, {
          timeoutMs: 10_000,
        });
        await executor.endProcesses(marker);
        await executor.endProcesses(marker);
        const left = await executor.run(`pgrep -f '[d]${marker.slice(1)}'`, { timeoutMs: 10_000 });
        expect(left.exitCode).toBe(1);
        await expect(executor.endProcesses('e')).rejects.toMatchObject({ code: 'marker-not-usable' });
      });

      it('stages a new file, and never over one that is there', async () => {
        await open();
        const path = join(directory, 'Ä new file');
        await executor.stage({ path, content: content('dye') });
        expect(await readFile(path, 'utf8')).toBe('dye');
        await expect(executor.stage({ path, content: content('other') })).rejects.toMatchObject({
          code: 'file-exists',
        });
        expect((await executor.read(path)).toString()).toBe('dye');
        await expect(executor.read(path, 2)).rejects.toMatchObject({ code: 'file-too-large' });
        await executor.remove(path);
        await executor.remove(path);
        await expect(executor.read(path)).rejects.toMatchObject({ code: 'not-found', exitCode: 2 });
        await expect(
          executor.stage({ path: join(directory, 'no', 'x'), content: content('') }),
        ).rejects.toMatchObject({ code: 'file-operation-failed', exitCode: 3 });
      });

      it('makes directories, says which were there, and removes empty ones alone', async () => {
        await open();
        const path = join(directory, 'made');
        expect(await executor.makeDirectory(path)).toBe(true);
        expect(await executor.makeDirectory(path)).toBe(false);
        await writeFile(join(path, 'theirs'), '');
        await expect(executor.removeDirectory(path)).rejects.toMatchObject({ code: 'file-operation-failed' });
        await rm(join(path, 'theirs'));
        await executor.removeDirectory(path);
        await executor.removeDirectory(path);
        // A file of that name is no directory of ours.
        await writeFile(path, '');
        await expect(executor.makeDirectory(path)).rejects.toMatchObject({ code: 'file-operation-failed' });
      });

      it('does not take a POSIX host for a Windows one', async () => {
        await open();
        const description = Promise.resolve().then(() => executor.describe());
        await expect(description).rejects.toMatchObject({ code: 'not-windows', exitCode: 3 });
      });

      it('asks for the secrets that the lab file names, and for no others', () => {
        expect(new Set(asked)).toEqual(new Set(kind === 'ssh' ? ['env:LOGIN_KEY'] : []));
      });
    });
  },
);
