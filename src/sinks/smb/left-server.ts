import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { LabError, systemCode, waitFor } from '../../core/index.js';
import { findStateDirectory, removeStateDirectory } from './state-directory.js';

const endTimeoutMs = 3000;

/** The file in a sink's directory that holds the pid of its smbd. */
export function pidFile(directory: string): string {
  return join(resolve(directory), 'smbd.pid');
}

/** The words of a process's command line; none where there is no such process (a zombie has none either). */
async function commandLine(pid: number): Promise<string[]> {
  if (process.platform === 'linux') {
    try {
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ESRCH') return [];
      throw error;
    }
  }
  const ps = await execa('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { reject: false });
  return ps.stdout.trim().split(/\s+/);
}

async function isOurs(pid: number, config: string): Promise<boolean> {
  const words = await commandLine(pid);
  return (words[0] ?? '').endsWith('smbd') && words.includes(config);
}

async function readPid(directory: string): Promise<number | undefined> {
  try {
    const pid = Number((await readFile(pidFile(directory), 'utf8')).trim());
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

/**
 * Ends an smbd that an earlier sink left, and removes its state. Only a process whose command line is that of smbd with the
 * configuration of this very directory is ended: a pid is used again by the system.
 * @param directory the directory that the sink was given
 * @returns whether there was one to end
 * @throws LabError where it does not end
 */
export async function endLeftServer(directory: string): Promise<boolean> {
  const { config } = await findStateDirectory(directory);
  const pid = await readPid(directory);
  const left = pid !== undefined && (await isOurs(pid, config));
  if (left) {
    const gone = async () => !(await isOurs(pid, config));
    signal(pid, 'SIGTERM');
    if ((await waitFor(gone, { timeoutMs: endTimeoutMs })) !== true) {
      signal(pid, 'SIGKILL');
      if ((await waitFor(gone, { timeoutMs: endTimeoutMs })) !== true) {
        throw new LabError({
          code: 'samba-left',
          message: `smbd (pid ${pid}) of an earlier run does not end`,
          remedy: `end process ${pid} and run the clean-up again`,
        });
      }
    }
  }
  await removeStateDirectory(directory);
  await rm(pidFile(directory), { force: true });
  return left;
}
