import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { LabError, messageOf, waitFor } from '../../core/index.js';
import { pidFile } from './left-server.js';
import { sambaConfig, type SambaSettings } from './samba-config.js';
import type { SambaPrograms } from './programs.js';

export interface SambaServer {
  readonly pid: number;
  /** On 127.0.0.1. */
  readonly port: number;
  /** False once smbd has ended, whoever ended it. */
  isRunning(): boolean;
  /** Ends smbd and its children. */
  stop(): Promise<void>;
}

export interface SambaAccount {
  readonly user: string;
  readonly password: string;
}

// Samba writes local time and the system's own words into its log.
const environment = { PATH: process.env['PATH'] ?? '', TZ: 'UTC', LC_ALL: 'C' };
const startTimeoutMs = 10_000;
const stopTimeoutMs = 2000;
const attempts = 3;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function setPassword(programs: SambaPrograms, config: string, unixUser: string, password: string) {
  try {
    // The password by standard input alone: a command line is visible to every user of the machine.
    await execa(programs.smbpasswd, ['-c', config, '-a', '-s', unixUser], {
      input: `${password}\n${password}\n`,
      env: environment,
      extendEnv: false,
      timeout: startTimeoutMs,
    });
  } catch (error) {
    throw new LabError({
      code: 'samba-account-failed',
      message: `smbpasswd could not make the account: ${messageOf(error).split('\n')[0] ?? ''}`,
      remedy: 'check that Samba is installed completely (apt-get install samba samba-vfs-modules)',
    });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  child.kill('SIGTERM');
  if ((await waitFor(() => hasEnded(child), { timeoutMs: stopTimeoutMs })) === true) return;
  try {
    // smbd leads a process group of its own: its children of open sessions go with it.
    process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
  await waitFor(() => hasEnded(child), { timeoutMs: stopTimeoutMs });
}

/**
 * Starts smbd in the foreground with standard input as a pipe that we hold: smbd ends on its end of file, so that it cannot
 * outlive us even after kill -9. `--daemon`, because smbd takes a socket as standard input for a session of inetd otherwise;
 * detached, because smbd signals its whole process group when it ends, and that must not be ours.
 */
function spawnSmbd(programs: SambaPrograms, config: string, logs: string): ChildProcess {
  const output = openSync(join(logs, 'smbd.out'), 'a', 0o600);
  try {
    const child = spawn(programs.smbd, ['--foreground', '--daemon', '--no-process-group', '-s', config], {
      detached: true,
      stdio: ['pipe', output, output],
      env: environment,
    });
    child.stdin?.on('error', () => undefined);
    child.on('error', () => undefined);
    return child;
  } finally {
    closeSync(output);
  }
}

async function lastWords(logs: string): Promise<string> {
  const files = ['smbd.out', 'log.0.0.0.0'];
  const texts = await Promise.all(files.map((name) => readFile(join(logs, name), 'utf8').catch(() => '')));
  const lines = texts.join('\n').split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('['))
    .slice(-3)
    .map((line) => line.trim())
    .join(' | ');
}

/**
 * Writes the configuration, makes the account and starts smbd. Its pid stands in `pidFile(directory)` from then on.
 * @param directory the sink's own, where clean-up looks
 * @throws LabError with smbd's last words where it does not come up
 */
export async function startSamba(
  programs: SambaPrograms,
  settings: Omit<SambaSettings, 'port'>,
  account: SambaAccount,
  directory: string,
): Promise<SambaServer> {
  const { paths } = settings;
  await writeFile(paths.userMap, `${settings.unixUser} = ${account.user}\n`, { mode: 0o600 });
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    await writeFile(paths.config, sambaConfig({ ...settings, port }), { mode: 0o600 });
    if (attempt === 1) await setPassword(programs, paths.config, settings.unixUser, account.password);
    const child = spawnSmbd(programs, paths.config, paths.logs);
    await writeFile(pidFile(directory), `${child.pid ?? ''}\n`);
    await waitFor(async () => hasEnded(child) || (await accepts(port)), { timeoutMs: startTimeoutMs });
    if (child.pid !== undefined && !hasEnded(child) && (await accepts(port))) {
      return {
        pid: child.pid,
        port,
        isRunning: () => !hasEnded(child),
        stop: () => stopChild(child),
      };
    }
    await stopChild(child);
    // Another program may have taken the port between our look and smbd's bind.
    if (attempt < attempts) continue;
    throw new LabError({
      code: 'samba-start-failed',
      message: `smbd did not start: ${await lastWords(paths.logs)}`,
      remedy: 'check that Samba is installed completely (apt-get install samba samba-vfs-modules)',
    });
  }
}
