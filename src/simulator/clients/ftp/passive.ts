import { createReadStream, createWriteStream } from 'node:fs';
import { win32 } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, FTPError, enterPassiveModeIPv4, enterPassiveModeIPv6, type FTPContext } from 'basic-ftp';
import { messageOf, type Endpoint } from '../../../core/index.js';
import type { SimulatedProcess } from '../../activity.js';
import type { ClientHost, Meter } from '../meter.js';
import { hostSocket } from '../tcp.js';
import { ftpObserver } from './observer.js';

/** How a Windows client of its kind speaks; the order is what a protocol log shows. */
export interface FtpManner {
  /** Commands after login and before the data channel; their failure does not matter. */
  readonly afterLogin: readonly string[];
  /** Commands after the data channel was announced. */
  readonly afterPassive: readonly string[];
  /** EPSV first, then PASV where it is refused. */
  readonly extended: boolean;
  readonly quits: boolean;
}

export const ftpManners = {
  /** System.Net.FtpWebRequest; its connection pool does not say QUIT when the process ends. */
  webRequest: {
    afterLogin: ['OPTS utf8 on', 'PWD', 'TYPE I'],
    afterPassive: [],
    extended: false,
    quits: false,
  },
  /** WinINet's FtpPutFile with INTERNET_FLAG_PASSIVE. */
  winInet: { afterLogin: ['TYPE I'], afterPassive: [], extended: false, quits: true },
  /** curl: PWD, EPSV (then PASV), TYPE I, STOR, QUIT. */
  curl: { afterLogin: ['PWD'], afterPassive: ['TYPE I'], extended: true, quits: true },
} as const satisfies Record<string, FtpManner>;

export type FtpStage = 'connect' | 'login' | 'directory' | 'data' | 'transfer';

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

export interface FtpRequest {
  readonly owner: SimulatedProcess;
  readonly remote: Endpoint;
  readonly user: string;
  readonly password: string;
  /** Name at the server; folders in it are entered by CWD. */
  readonly name: string;
  readonly direction: 'upload' | 'download';
  /** File on the control host. */
  readonly file: string;
  readonly manner: FtpManner;
  readonly signal: AbortSignal;
}

const timeoutMs = 30_000;
/** How long the server's end of the connection is waited for, in milliseconds. */
const hangUpMs = 2000;

/**
 * One transfer in passive mode by basic-ftp. Its sockets come from the context's socket factory, so that they connect from the
 * host's own address, to the server of the control connection only, and are metered.
 * @returns bytes of content that the data connection carried
 */
export async function passiveFtp(host: ClientHost, request: FtpRequest): Promise<number> {
  const { owner, remote, signal, manner } = request;
  const observer = ftpObserver(host);
  const client = new Client(timeoutMs);
  const meters: { control: Meter | null; data: Meter | null } = { control: null, data: null };
  let isControl = true;
  // An internal of basic-ftp that its own tests replace as well; there is no option for a local address.
  client.ftp._newSocket = () => {
    if (isControl) {
      isControl = false;
      const opened = (meter: Meter): void => {
        meters.control = meter;
        observer.control.opened?.(meter);
      };
      return hostSocket(host, { owner, service: 'ftp', tap: { ...observer.control, opened } }, remote.ip);
    }
    const opened = (meter: Meter): void => {
      meters.data = meter;
      observer.data.opened?.(meter);
    };
    return hostSocket(host, { owner, service: 'ftp-data', tap: { opened } }, remote.ip);
  };
  const abort = (): void => client.close();
  signal.addEventListener('abort', abort, { once: true });
  let stage: FtpStage = 'connect';
  try {
    signal.throwIfAborted();
    await client.connect(remote.ip, remote.port);
    stage = 'login';
    await client.login(request.user, request.password);
    for (const command of manner.afterLogin) await client.sendIgnoringError(command);
    stage = 'directory';
    const folders = request.name.split(/[\\/]/).filter((part) => part !== '');
    const name = folders.pop() ?? win32.basename(request.file);
    for (const folder of folders) await client.send(`CWD ${folder}`);
    stage = 'data';
    client.prepareTransfer = async (ftp) => {
      const reply = await passiveMode(ftp, manner.extended);
      for (const command of manner.afterPassive) await ftp.request(command);
      stage = 'transfer';
      return reply;
    };
    if (request.direction === 'upload') await client.uploadFrom(createReadStream(request.file), name);
    else await client.downloadTo(createWriteStream(request.file), name);
    if (manner.quits) await client.sendIgnoringError('QUIT');
    await hangUp(client, meters.control);
    return moved(meters.data, request.direction);
  } catch (error) {
    throw new FtpFailure(stage, error);
  } finally {
    signal.removeEventListener('abort', abort);
    client.close();
  }
}

/** Ends the control connection in order: basic-ftp's own `close` would say QUIT, again or where this client does not. */
async function hangUp(client: Client, control: Meter | null): Promise<void> {
  client.ftp.socket.end();
  const closed = new Promise<void>((resolve) => control?.onClose(resolve));
  await Promise.race([closed, delay(hangUpMs, undefined, { ref: false })]);
}

function moved(data: Meter | null, direction: FtpRequest['direction']): number {
  if (data === null) return 0;
  return direction === 'upload' ? data.bytesSent : data.bytesReceived;
}

async function passiveMode(ftp: FTPContext, extended: boolean): ReturnType<typeof enterPassiveModeIPv4> {
  if (!extended) return enterPassiveModeIPv4(ftp);
  try {
    return await enterPassiveModeIPv6(ftp);
  } catch (error) {
    if (error instanceof FTPError) return enterPassiveModeIPv4(ftp);
    throw error;
  }
}
