import { createReadStream, createWriteStream } from 'node:fs';
import { win32 } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, FTPError, enterPassiveModeIPv4, enterPassiveModeIPv6, type FTPContext } from 'basic-ftp';
import { messageOf, type Endpoint } from '../../../core/index.js';
import type { SimulatedProcess } from '../../activity.js';
import type { ClientHost, Meter } from '../meter.js';
import { hostSocket } from '../tcp.js';
import type { FtpManner } from './manners.js';
import { ftpObserver } from './observer.js';
import { startTls, type FtpTls } from './tls.js';

export type FtpStage = 'connect' | 'tls' | 'login' | 'directory' | 'data' | 'transfer';

/** An FTP transfer that failed; `code` is the server's reply, null where none came. */
export class FtpFailure extends Error {
  readonly stage: FtpStage;
  readonly code: number | null;

  constructor(stage: FtpStage, cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = 'FtpFailure';
    this.stage = stage;
    this.code = cause instanceof FTPError ? cause.code : null;
  }
}

export interface FtpLogin {
  readonly owner: SimulatedProcess;
  readonly remote: Endpoint;
  readonly user: string;
  readonly password: string;
  readonly manner: FtpManner;
  /** Explicit TLS on both connections (RFC 4217); absent: plain FTP. */
  readonly tls?: FtpTls;
  readonly signal: AbortSignal;
}

export interface FtpFile {
  /** Name at the server; folders in it are entered by CWD. STOU sends no name: all of it is folders, as for FtpWebRequest. */
  readonly name: string;
  readonly direction: 'upload' | 'download';
  /** How an upload is stored; STOR where absent. */
  readonly verb?: 'STOR' | 'APPE' | 'STOU';
  /** File on the control host. */
  readonly file: string;
}

export type FtpRequest = FtpLogin & FtpFile;

/** One control connection in passive mode, over which any number of files go, one after the other. */
export interface PassiveFtp {
  /** @returns bytes of content moved. @throws FtpFailure */
  transfer(file: FtpFile): Promise<number>;
  /** Ends it as a client of its kind does. */
  close(): Promise<void>;
  /** Ends it at once, without a word. */
  breakOff(): void;
}

const timeoutMs = 30_000;
/** How long the server's end of the connection is waited for, in milliseconds. */
const hangUpMs = 2000;

/**
 * Connects and logs on by basic-ftp. Its sockets come from the context's socket factory, so that they connect from the host's own
 * address, to the server of the control connection only, and are metered.
 * @throws FtpFailure
 */
export async function openPassiveFtp(host: ClientHost, login: FtpLogin): Promise<PassiveFtp> {
  const { owner, remote, signal, manner } = login;
  const observer = ftpObserver(host);
  const client = new Client(timeoutMs);
  let control: Meter | null = null;
  let isControl = true;
  // An internal of basic-ftp that its own tests replace as well; there is no option for a local address.
  client.ftp._newSocket = () => {
    if (isControl) {
      isControl = false;
      const opened = (meter: Meter): void => {
        control = meter;
        observer.control.opened?.(meter);
      };
      return hostSocket(host, { owner, service: 'ftp', tap: { ...observer.control, opened } }, remote.ip);
    }
    // Behind AUTH TLS nobody else knows what a connection is for.
    const service = login.tls === undefined ? 'ftp-data' : 'ssl';
    return hostSocket(host, { owner, service, tap: observer.data }, remote.ip);
  };
  let verb: FtpFile['verb'];
  const send = client.ftp.send.bind(client.ftp);
  // basic-ftp knows no STOU; it goes the way of APPE, and names no file.
  client.ftp.send = (command) => send(verb === 'STOU' && command.startsWith('APPE ') ? 'STOU' : command);
  const abort = (): void => client.close();
  signal.addEventListener('abort', abort, { once: true });
  let stage: FtpStage = 'connect';
  function breakOff(): void {
    signal.removeEventListener('abort', abort);
    client.close();
  }
  async function staged<T>(work: () => Promise<T>): Promise<T> {
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      breakOff();
      throw new FtpFailure(stage, error);
    }
  }
  client.prepareTransfer = passiveMode(manner, () => (stage = 'transfer'));
  let folder = '';
  async function enter(folders: readonly string[]): Promise<void> {
    const wanted = folders.join('/');
    if (wanted === folder) return;
    if (folder !== '') await client.send('CWD /');
    for (const part of folders) await client.send(`CWD ${part}`);
    folder = wanted;
  }

  await staged(async () => {
    await client.connect(remote.ip, remote.port);
    stage = 'tls';
    if (login.tls !== undefined) await startTls(client, login.tls);
    stage = 'login';
    await client.login(login.user, login.password);
    if (login.tls !== undefined) for (const command of ['PBSZ 0', 'PROT P']) await client.send(command);
    for (const command of manner.afterLogin) await client.sendIgnoringError(command);
  });
  return {
    transfer: (file) =>
      staged(async () => {
        verb = file.verb ?? 'STOR';
        stage = 'directory';
        const folders = file.name.split(/[\\/]/).filter((part) => part !== '');
        const name = verb === 'STOU' ? '' : (folders.pop() ?? win32.basename(file.file));
        await enter(folders);
        stage = 'data';
        if (file.direction === 'download') {
          const target = createWriteStream(file.file);
          await client.downloadTo(target, name);
          return target.bytesWritten;
        }
        const source = createReadStream(file.file);
        if (verb === 'STOR') await client.uploadFrom(source, name);
        else await client.appendFrom(source, name);
        return source.bytesRead;
      }),
    async close() {
      if (manner.quits && !client.closed) await client.sendIgnoringError('QUIT').catch(() => undefined);
      await hangUp(client, control);
      breakOff();
    },
    breakOff,
  };
}

/** One transfer over a connection of its own. @returns bytes of content moved. @throws FtpFailure */
export async function passiveFtp(host: ClientHost, request: FtpRequest): Promise<number> {
  const session = await openPassiveFtp(host, request);
  try {
    const bytes = await session.transfer(request);
    await session.close();
    return bytes;
  } finally {
    session.breakOff();
  }
}

/** Ends the control connection in order: basic-ftp's own `close` would say QUIT, again or where this client does not. */
async function hangUp(client: Client, control: Meter | null): Promise<void> {
  client.ftp.socket.end();
  const closed = new Promise<void>((resolve) => control?.onClose(resolve));
  await Promise.race([closed, delay(hangUpMs, undefined, { ref: false })]);
}

/** How a data connection comes about: PASV, or EPSV first where the client tries that; a refusal is remembered. */
function passiveMode(manner: FtpManner, agreed: () => void): Client['prepareTransfer'] {
  let { extended } = manner;
  let rest = manner.afterPassive;
  const enterPassive = async (ftp: FTPContext): ReturnType<typeof enterPassiveModeIPv4> => {
    if (!extended) return enterPassiveModeIPv4(ftp);
    try {
      return await enterPassiveModeIPv6(ftp);
    } catch (error) {
      if (!(error instanceof FTPError)) throw error;
      extended = false;
      return enterPassiveModeIPv4(ftp);
    }
  };
  return async (ftp) => {
    const reply = await enterPassive(ftp);
    for (const command of rest) await ftp.request(command);
    rest = [];
    agreed();
    return reply;
  };
}
