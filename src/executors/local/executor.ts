import { mkdir, open, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { execa } from 'execa';
import { InputError, LabError, messageOf, systemCode } from '../../core/index.js';
import { cappedOutput, defaultMaxOutputBytes } from '../output.js';
import { describeWindows, endProcesses, type HostShell } from '../platform.js';
import type { CommandResult, Executor, RunOptions, StagedFile } from '../types.js';

const isWindows = process.platform === 'win32';
const shell: HostShell = isWindows ? 'cmd' : 'posix';
const defaultMaxReadBytes = 64 * 2 ** 20;

const plainRun = (command: string, timeoutMs: number) => run(command, { timeoutMs });

async function run(command: string, options: RunOptions): Promise<CommandResult> {
  const startedAt = Date.now();
  if (options.signal?.aborted === true)
    return {
      exitCode: null,
      stdout: '',
      stderr: '',
      startedAt,
      endedAt: startedAt,
      ended: 'aborted',
      truncated: false,
    };
  const limit = options.maxOutputBytes ?? defaultMaxOutputBytes;
  const [stdout, stderr] = [cappedOutput(limit), cappedOutput(limit)];
  const state: { ended: CommandResult['ended'] } = { ended: 'exit' };
  const child = execa(
    isWindows ? 'cmd.exe' : '/bin/sh',
    isWindows ? ['/c', `"${command}"`] : ['-c', command],
    {
      ...(isWindows ? { windowsVerbatimArguments: true } : {}),
      // A process group of its own, so that the whole tree can be ended.
      detached: !isWindows,
      buffer: false,
      reject: false,
      input: options.stdin === undefined ? '' : `${options.stdin.reveal()}\n`,
    },
  );
  const pid = child.pid;
  const endGroup = () => {
    if (pid === undefined) return;
    try {
      if (isWindows) void execa('taskkill.exe', ['/F', '/T', '/PID', String(pid)], { reject: false });
      else process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  };
  const end = (reason: 'timeout' | 'aborted') => {
    if (state.ended !== 'exit') return;
    state.ended = reason;
    // What left the group is found by the marker, while parents still lead to their children.
    const marked =
      options.marker === undefined ? Promise.resolve() : endProcesses(plainRun, options.marker, shell);
    marked
      .catch(() => undefined)
      .finally(() => {
        endGroup();
        // Whoever escaped both must not keep us waiting for its output.
        child.stdout.destroy();
        child.stderr.destroy();
      });
  };
  const abort = () => end('aborted');
  const timer = setTimeout(() => end('timeout'), options.timeoutMs);
  options.signal?.addEventListener('abort', abort);
  child.stdout.on('data', stdout.add);
  child.stderr.on('data', stderr.add);
  const { exitCode } = await child;
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', abort);
  return {
    exitCode: state.ended === 'exit' ? (exitCode ?? null) : null,
    stdout: stdout.text(),
    stderr: stderr.text(),
    startedAt,
    endedAt: Date.now(),
    ...(pid === undefined ? {} : { pid }),
    ended: state.ended,
    truncated: stdout.truncated() || stderr.truncated(),
  };
}

function failed(what: string, path: string, error: unknown): LabError {
  return new LabError({
    code: 'file-operation-failed',
    message: `cannot ${what} ${path}: ${messageOf(error)}`,
    cause: error,
  });
}

async function stage(file: StagedFile): Promise<void> {
  let handle;
  try {
    handle = await open(file.path, 'wx');
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw failed('write', file.path, error);
    throw new LabError({
      code: 'file-exists',
      message: `${file.path} is there already, and is not ours`,
      cause: error,
    });
  }
  try {
    for await (const chunk of file.content()) await handle.writeFile(chunk);
    await handle.close();
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(file.path, { force: true });
    throw failed('write', file.path, error);
  }
}

/** Runs on the control host itself, where that is the lab's Windows host. Elsewhere it takes POSIX sh, for tests. */
export function localExecutor(): Executor {
  return {
    run,
    stage,
    async makeDirectory(path) {
      try {
        await mkdir(path);
        return true;
      } catch (error) {
        if (systemCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return false;
        throw failed('make the directory', path, error);
      }
    },
    async read(path, maxBytes = defaultMaxReadBytes) {
      try {
        if ((await stat(path)).size > maxBytes)
          throw new LabError({ code: 'file-too-large', message: `${path} has more than ${maxBytes} bytes` });
        return await readFile(path);
      } catch (error) {
        if (error instanceof LabError) throw error;
        if (systemCode(error) !== 'ENOENT') throw failed('read', path, error);
        throw new InputError({ code: 'not-found', message: `there is no file ${path}`, cause: error });
      }
    },
    async remove(path) {
      await rm(path, { force: true }).catch((error: unknown) => {
        throw failed('remove', path, error);
      });
    },
    async removeDirectory(path) {
      await rmdir(path).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw failed('remove the directory', path, error);
      });
    },
    endProcesses: (marker) => endProcesses(plainRun, marker, shell),
    describe() {
      if (shell !== 'posix') return describeWindows(plainRun, shell);
      throw new LabError({
        code: 'not-windows',
        message: `the local executor needs Windows; this machine is ${process.platform}`,
        remedy: 'use executor kind ssh, or run dyetrace on the Windows host',
      });
    },
    close: () => Promise.resolve(),
  };
}
