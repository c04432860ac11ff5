import type { Client, SFTPWrapper } from 'ssh2';
import { LabError } from '../../core/index.js';
import { describeWindows, detectShell, endProcesses, type HostShell } from '../platform.js';
import type { Executor } from '../types.js';
import { runCommand } from './command.js';
import { connect } from './connect.js';
import * as files from './files.js';
import { requireAddress } from './host-key.js';
import type { SshOptions } from './options.js';

const defaultMaxReadBytes = 64 * 2 ** 20;

/**
 * Reaches one host by SSH: connects on first use, to this address alone, and keeps that one connection; a broken one is made
 * anew at the next use, so that clean-up can go on.
 * @throws InputError where the address is a name
 */
export function sshExecutor(options: SshOptions): Executor {
  requireAddress(options.address);
  const toSftp = options.toSftpPath ?? files.sftpPath;
  let connection: Promise<Client> | undefined;
  let session: Promise<SFTPWrapper> | undefined;
  let shell: Promise<HostShell> | undefined;
  let closed = false;

  const client = (): Promise<Client> => {
    if (closed)
      throw new LabError({ code: 'executor-closed', message: `the session on ${options.hostId} is closed` });
    if (connection !== undefined) return connection;
    const forget = () => {
      connection = undefined;
      session = undefined;
    };
    connection = connect(options).then((ready) => ready.on('close', forget));
    connection.catch(forget);
    return connection;
  };
  const sftp = async (): Promise<SFTPWrapper> => {
    const ready = await client();
    session ??= files.openSftp(ready);
    session.catch(() => (session = undefined));
    return session;
  };
  const plainRun = async (command: string, timeoutMs: number) =>
    runCommand(await client(), command, { timeoutMs }, () => Promise.resolve());
  const hostShell = (): Promise<HostShell> => {
    shell ??= detectShell(plainRun);
    shell.catch(() => (shell = undefined));
    return shell;
  };
  const end = async (marker: string) => endProcesses(plainRun, marker, await hostShell());

  return {
    run: async (command, runOptions) => runCommand(await client(), command, runOptions, end),
    stage: async (file) => files.stageFile(await sftp(), file, toSftp(file.path)),
    makeDirectory: async (path) => files.makeDirectory(await sftp(), path, toSftp(path)),
    read: async (path, maxBytes = defaultMaxReadBytes) =>
      files.readWhole(await sftp(), path, toSftp(path), maxBytes),
    remove: async (path) => files.removeFile(await sftp(), path, toSftp(path)),
    removeDirectory: async (path) => files.removeDirectory(await sftp(), path, toSftp(path)),
    endProcesses: end,
    async describe() {
      const found = await hostShell();
      if (found !== 'posix') return describeWindows(plainRun, found);
      throw new LabError({
        code: 'not-windows',
        message: `host ${options.hostId} answers with a POSIX shell; scenarios need cmd.exe or PowerShell`,
        remedy: 'see whether the address in lab.yaml is the right host',
      });
    },
    async close() {
      closed = true;
      const open = await connection?.catch(() => undefined);
      if (open === undefined) return;
      await new Promise<void>((resolve) => {
        open.once('close', () => resolve()).end();
      });
    },
  };
}
