import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type Connection } from 'ssh2';
import type { Shell } from '../../../config/index.js';
import { LabError, messageOf } from '../../../core/index.js';
import type { Machine } from '../types.js';
import { authenticator } from './authenticate.js';
import { exec, type Login } from './exec.js';
import { newHostKey } from './host-key.js';
import { serveSftp } from './sftp.js';

export interface SshServerOptions {
  readonly machine: Machine;
  readonly port: number;
  readonly shell: Shell;
  readonly user: string;
  /** `LAB\dyetrace` */
  readonly account: string;
  readonly authorizedKey: string;
  readonly home: string;
}

export interface SshServer {
  readonly port: number;
  readonly hostKey: string;
  stop(): Promise<void>;
}

/** How long a client's end of its connection is waited for, in milliseconds. */
const graceMs = 2000;

const openSsh = 'C:\\Windows\\System32\\OpenSSH';

/** ssh2's connections have it; its types have not. */
function canSendAtOnce(
  connection: Connection,
): connection is Connection & { setNoDelay(noDelay: boolean): unknown } {
  return 'setNoDelay' in connection;
}

/** Serves one login after authentication, until the connection ends. */
function serve(options: SshServerOptions, connection: Connection, logon: string): void {
  const { machine, user, account, home, shell } = options;
  const ended = once(connection, 'close');
  // OpenSSH serves each connection by a process of its own that runs as the user.
  const sshd = machine.processes.start(
    {
      parent: machine.processes.sshd,
      image: `${openSsh}\\sshd.exe`,
      originalFileName: 'sshd.exe',
      commandLine: `"${openSsh}\\sshd.exe" -z`,
      directory: home,
      user: account,
    },
    async (_process, signal) => {
      signal.addEventListener('abort', () => connection.end(), { once: true });
      await ended;
      await machine.redirector.endLogon(logon);
      return 0;
    },
  );
  const login: Login = { machine, shell, user, home, logon, sshd: sshd.process };
  connection.on('session', (accept) => {
    const session = accept();
    session.on('exec', (acceptExec, reject, info) => {
      const channel = acceptExec();
      exec(login, session, channel, info.command).catch((error: unknown) => {
        channel.stderr.write(`${messageOf(error)}\r\n`);
        channel.exit(1);
        channel.end();
      });
    });
    session.on('sftp', (acceptSftp) => {
      const sftp = acceptSftp();
      const server = machine.processes.start(
        {
          parent: sshd.process,
          image: `${openSsh}\\sftp-server.exe`,
          originalFileName: 'sftp-server.exe',
          commandLine: `"${openSsh}\\sftp-server.exe"`,
          directory: home,
        },
        async (process, signal) => {
          const served = serveSftp(sftp, { machine, process, logon, signal }, home);
          signal.addEventListener('abort', () => sftp.end(), { once: true });
          await Promise.race([once(sftp, 'close'), once(sftp, 'end'), ended]);
          await served.close();
          return 0;
        },
      );
      void server.ended;
    });
  });
}

/** OpenSSH Server as Windows has it: one key, the DefaultShell, SFTP. @throws LabError where it cannot listen */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const key = newHostKey();
  const authenticate = authenticator(options.user, options.authorizedKey);
  const connections = new Set<Connection>();
  let count = 0;
  const server = new ssh2.Server(
    { hostKeys: [key.privateKey], ident: 'OpenSSH_for_Windows_9.5' },
    (connection) => {
      connections.add(connection);
      // As OpenSSH does: with Nagle's algorithm each small answer would wait for an acknowledgement.
      if (canSendAtOnce(connection)) connection.setNoDelay(true);
      count += 1;
      const logon = `logon-${count}`;
      connection.on('authentication', authenticate);
      connection.on('ready', () => serve(options, connection, logon));
      connection.on('error', () => undefined);
      connection.on('close', () => connections.delete(connection));
    },
  );
  const { address } = options.machine;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: unknown) => {
      reject(
        new LabError({
          code: 'host-not-bindable',
          message: `the simulated host cannot listen on ${address}:${options.port}: ${messageOf(error)}`,
          remedy: 'choose another address or port 0',
          cause: error,
        }),
      );
    });
    server.listen(options.port, address, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the SSH server has no port');
  return {
    port: bound.port,
    hostKey: key.fingerprint,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) connection.end();
      await Promise.race([closed, delay(graceMs, undefined, { ref: false })]);
    },
  };
}
