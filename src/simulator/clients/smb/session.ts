import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoint, Secret } from '../../../core/index.js';
import { WindowsError, type Win32Code } from '../../host/windows-error.js';
import type { SimulatedProcess, SimulatedSocket } from '../../activity.js';
import type { ClientHost } from '../meter.js';
import { smbRelay } from './relay.js';

export interface SmbSessionOptions {
  /** Path of smbclient on the control host. */
  readonly smbclient: string;
  readonly remote: Endpoint;
  readonly share: string;
  readonly user: string;
  readonly password: Secret;
  /** PID 4: whom Windows names as the owner of the socket. */
  readonly system: SimulatedProcess;
  /** Directory on the control host for smbclient's configuration and caches. */
  readonly directory: string;
}

/** A connection to one share: a long-lived smbclient that takes commands by standard input. */
export interface SmbSession {
  readonly alive: boolean;
  readonly socket: SimulatedSocket;
  /** The server asked for encryption: nobody between sees what is done here. */
  readonly encrypted: boolean;
  /** @throws WindowsError */
  put(file: string, name: string): Promise<void>;
  /** @throws WindowsError */
  get(name: string, file: string): Promise<void>;
  /** Ends it at once, whatever is under way. */
  breakOff(): void;
  /** Ends it as an SMB client does; resolves when the process has ended. */
  close(): Promise<void>;
}

/** Win32 errors of NT statuses (Microsoft Learn, [MS-ERREF] 2.3), as far as these commands meet them. */
const byStatus: Readonly<Record<string, Win32Code>> = {
  NT_STATUS_LOGON_FAILURE: 1326,
  NT_STATUS_WRONG_PASSWORD: 86,
  NT_STATUS_BAD_NETWORK_NAME: 67,
  NT_STATUS_ACCESS_DENIED: 5,
  NT_STATUS_OBJECT_NAME_NOT_FOUND: 2,
  NT_STATUS_NO_SUCH_FILE: 2,
  NT_STATUS_OBJECT_PATH_NOT_FOUND: 3,
  NT_STATUS_OBJECT_NAME_COLLISION: 80,
  NT_STATUS_OBJECT_NAME_INVALID: 123,
  NT_STATUS_DISK_FULL: 112,
};

function asError(output: string): WindowsError {
  const status = /NT_STATUS_\w+/.exec(output)?.[0];
  const code = byStatus[status ?? ''] ?? 64;
  return new WindowsError(
    code,
    code === 64 ? `smbclient: ${output.trim() || 'the connection ended'}` : undefined,
  );
}

/** Lines by which smbclient ends its answer to the commands that we send. */
const answered =
  /^(Current directory is |(putting|getting) file |.*NT_STATUS_\w+|.* does not exist|.*failed)/m;

/**
 * Connects and logs on. The password goes by the environment (PASSWD), never on the command line.
 * @throws WindowsError 53 where the server is not reached, 67, 86, 1326, 5 where it refuses
 */
export async function smbSession(host: ClientHost, options: SmbSessionOptions): Promise<SmbSession> {
  const configuration = await ownConfiguration(options.directory);
  const relay = await smbRelay(host, options.system, options.remote);
  const child = spawn(
    options.smbclient,
    [
      `//${options.remote.ip}/${options.share}`,
      `--configfile=${configuration}`,
      '--ip-address=127.0.0.1',
      `--port=${relay.port}`,
      `--user=${options.user}`,
      // Messages on standard error are written at once; on a pipe, standard output is not.
      '--stderr',
      '--quiet',
    ],
    {
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', PASSWD: options.password.reveal() },
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  );
  let output = '';
  let gone = false;
  let wake = (): void => undefined;
  const exited = new Promise<void>((resolve) => {
    const leave = (): void => {
      gone = true;
      relay.close();
      wake();
      resolve();
    };
    child.once('error', (error) => {
      output += error.message;
      leave();
    });
    child.once('close', leave);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    wake();
  });
  child.stdin.on('error', () => undefined);
  relay.onEnd(() => {
    // Without its connection smbclient is of no use; it would notice with the next command only.
    child.kill();
    wake();
  });

  let tail: Promise<unknown> = Promise.resolve();
  /** One command at a time: smbclient reads a line only when it waits for one. */
  function command(line: string): Promise<string> {
    const done = tail.then(async () => {
      output = '';
      child.stdin.write(`${line}\n`);
      while (!answered.test(output) && !gone) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return output;
    });
    tail = done;
    return done;
  }
  async function close(): Promise<void> {
    if (!gone) child.stdin.end('quit\n');
    const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
    await exited;
    clearTimeout(timer);
  }

  const first = await command('pwd');
  const { socket } = relay;
  if (!first.includes('Current directory') || socket === null) {
    await close();
    throw relay.failure === null ? asError(first) : new WindowsError(53, relay.failure.message);
  }
  return {
    get alive() {
      return !gone && !relay.ended;
    },
    socket,
    get encrypted() {
      return relay.encrypted;
    },
    async put(file, name) {
      const text = await command(`put "${file}" "${name}"`);
      if (!text.includes('putting file')) throw asError(text);
    },
    async get(name, file) {
      const text = await command(`get "${name}" "${file}"`);
      if (!text.includes('getting file') || text.includes('NT_STATUS')) throw asError(text);
    },
    breakOff: () => void child.kill(),
    close,
  };
}

/** A configuration of our own, so that neither this machine's smb.conf nor its caches matter. */
async function ownConfiguration(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'smbclient.conf');
  const folders = ['private dir', 'lock directory', 'state directory', 'cache directory', 'pid directory'];
  const lines = [
    '[global]',
    'client min protocol = SMB2_10',
    'client max protocol = SMB3_11',
    'client use kerberos = off',
    'disable netbios = yes',
    ...folders.map((name) => `${name} = ${directory}`),
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}
