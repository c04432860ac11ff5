import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Secret, waitFor } from '../../src/core/index.js';
import type { SshOptions } from '../../src/executors/index.js';
import { findProgram } from './requires.js';

const execute = promisify(execFile);

/** OpenSSH's own server on 127.0.0.1, with keys that were made for it. */
export interface Sshd {
  readonly port: number;
  /** Everything that the ssh executor needs to log in. */
  readonly options: SshOptions;
  /** Private keys; the second may not log in. */
  readonly key: Secret;
  readonly wrongKey: Secret;
  /** The server's processes for the sessions that are open now. */
  sessions(): Promise<number[]>;
  stop(): Promise<void>;
}

/** A port of 127.0.0.1 that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function program(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

async function makeKey(path: string): Promise<{ secret: Secret; publicKey: string }> {
  await execute(program('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  return {
    secret: new Secret(await readFile(path, 'utf8')),
    publicKey: await readFile(`${path}.pub`, 'utf8'),
  };
}

/** Children, grandchildren, … of a process, from /proc. */
export async function descendants(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const entry of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const found: number[] = [];
  for (let layer = [pid]; layer.length > 0; ) {
    layer = [...parents].filter(([, parent]) => layer.includes(parent)).map(([child]) => child);
    found.push(...layer);
  }
  return found;
}

/** @param settings further lines of sshd_config */
export async function startSshd(settings: readonly string[] = []): Promise<Sshd> {
  const directory = await mkdtemp(join(tmpdir(), 'dyetrace-sshd-'));
  const [host, login, stranger] = await Promise.all(
    ['host', 'login', 'stranger'].map((name) => makeKey(join(directory, name))),
  );
  if (host === undefined || login === undefined || stranger === undefined) throw new Error('no keys');
  await writeFile(join(directory, 'authorized_keys'), login.publicKey);
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(directory, 'host')}`,
    `PidFile ${join(directory, 'pid')}`,
    `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PubkeyAuthentication yes',
    'PermitRootLogin prohibit-password',
    'UsePAM no',
    'StrictModes no',
    'Subsystem sftp internal-sftp',
    ...settings,
  ];
  await writeFile(join(directory, 'config'), `${config.join('\n')}\n`);
  // sshd's own empty directory: it refuses to start as root without.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const server: ChildProcess = spawn(program('sshd'), ['-D', '-e', '-f', join(directory, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const pid = server.pid;
  const isUp = await waitFor(
    async () => {
      const socket = connect(port, '127.0.0.1');
      const up = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'close').then(() => false),
      ]).catch(() => false);
      socket.destroy();
      return up;
    },
    { timeoutMs: 10_000 },
  );
  if (isUp !== true || pid === undefined) throw new Error(`sshd did not start: ${log}`);
  const fingerprint = await execute(program('ssh-keygen'), ['-l', '-f', join(directory, 'host.pub')]);
  const hostKey = fingerprint.stdout.split(' ')[1] ?? '';
  return {
    port,
    key: login.secret,
    wrongKey: stranger.secret,
    options: {
      hostId: 'peer',
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      hostKey,
      key: login.secret,
      connectTimeoutMs: 10_000,
    },
    sessions: () => descendants(pid),
    async stop() {
      for (const session of await descendants(pid)) {
        try {
          process.kill(session, 'SIGKILL');
        } catch {
          // It ended meanwhile.
        }
      }
      if (server.exitCode === null && server.signalCode === null) {
        server.kill('SIGTERM');
        await once(server, 'exit');
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}
