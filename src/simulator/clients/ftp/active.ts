import { createReadStream, createWriteStream } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Endpoint } from '../../../core/index.js';
import type { SimulatedProcess } from '../../activity.js';
import type { ClientHost, Meter } from '../meter.js';
import { dial, meterConnected } from '../tcp.js';
import { ftpObserver } from './observer.js';
import { portArgument, replyReader, type FtpReply } from './wire.js';

/** An FTP session in active mode, as ftp.exe keeps one: basic-ftp knows passive mode only. */
export interface ActiveFtp {
  /** Connects and waits for the greeting. @throws the system's error */
  connect(remote: Endpoint): Promise<FtpReply>;
  command(line: string): Promise<FtpReply>;
  /** PORT, then `verb name`, or the verb alone where there is no name; the server connects and the file passes. @returns the replies as they came, and the bytes */
  transfer(
    verb: 'STOR' | 'APPE' | 'STOU' | 'RETR',
    name: string,
    file: string,
  ): Promise<{ replies: FtpReply[]; bytes: number }>;
  readonly connected: boolean;
  close(): void;
}

/** How long a reply, or the server's connection, is waited for, in milliseconds. */
const timeoutMs = 30_000;

/** @param onReply told of every reply, preliminary ones too */
export function activeFtp(
  host: ClientHost,
  owner: SimulatedProcess,
  signal: AbortSignal,
  onReply: (reply: FtpReply) => Promise<void>,
): ActiveFtp {
  const observer = ftpObserver(host);
  let control: Socket | null = null;
  let received: FtpReply[] = [];
  let wake = (): void => undefined;
  const read = replyReader((reply) => {
    received.push(reply);
    wake();
  });

  /** The next reply. @throws where the connection ends or nothing comes */
  async function reply(): Promise<FtpReply> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const next = received.shift();
      if (next !== undefined) {
        await onReply(next);
        return next;
      }
      if (control === null || control.destroyed) throw new Error('Connection closed by remote host.');
      if (Date.now() >= deadline) throw new Error('Connection timed out.');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
  async function final(): Promise<FtpReply> {
    for (;;) {
      const next = await reply();
      if (next.code >= 200) return next;
    }
  }
  function send(line: string): void {
    if (control === null) throw new Error('Not connected.');
    control.write(`${line}\r\n`);
  }

  return {
    get connected() {
      return control !== null && !control.destroyed;
    },
    async connect(remote) {
      received = [];
      const tap = {
        ...observer.control,
        received: (chunk: Buffer) => {
          observer.control.received?.(chunk);
          read(chunk);
        },
      };
      control = await dial(host, remote, { owner, service: 'ftp', tap }, signal);
      // The replies are read by the tap; the stream has to flow for that.
      control.resume();
      for (const event of ['close', 'error']) control.on(event, () => wake());
      return final();
    },
    async command(line) {
      send(line);
      return final();
    },
    async transfer(verb, name, file) {
      const door = await dataDoor(host.address, control?.remoteAddress ?? '', (socket) =>
        meterConnected(host, socket, { owner, service: 'ftp-data', tap: observer.data }, 'remote'),
      );
      const shut = (): void => door.close();
      signal.addEventListener('abort', shut, { once: true });
      try {
        send(`PORT ${portArgument({ ip: host.address, port: door.port })}`);
        const port = await final();
        if (port.code >= 400) return { replies: [port], bytes: 0 };
        send(`${verb} ${name}`.trimEnd());
        const first = await reply();
        if (first.code >= 200) return { replies: [port, first], bytes: 0 };
        const { socket, meter } = await door.opened;
        const upload = verb !== 'RETR';
        if (upload) {
          // What the server says on the data connection is nothing; its end has to be seen all the same.
          socket.resume();
          await pipeline(createReadStream(file), socket, { signal });
        } else await pipeline(socket, createWriteStream(file), { signal });
        await new Promise<void>((resolve) => meter.onClose(resolve));
        const last = await final();
        return {
          replies: [port, first, last],
          bytes: upload ? meter.bytesSent : meter.bytesReceived,
        };
      } finally {
        signal.removeEventListener('abort', shut);
        door.close();
      }
    },
    close() {
      control?.destroy();
      wake();
    },
  };
}

interface DataConnection {
  readonly socket: Socket;
  readonly meter: Meter;
}

/** Listens for the server's data connection: the first from its address is taken, others are closed. */
async function dataDoor(
  address: string,
  from: string,
  meterOf: (socket: Socket) => Meter,
): Promise<{ readonly port: number; readonly opened: Promise<DataConnection>; close(): void }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  let close = (): void => undefined;
  const opened = new Promise<DataConnection>((resolve, reject) => {
    const timer = setTimeout(() => close(), timeoutMs);
    close = () => {
      clearTimeout(timer);
      server.close();
      reject(new Error('Connection timed out.'));
    };
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      if (socket.remoteAddress !== from || !server.listening) {
        socket.destroy();
        return;
      }
      // Metered in the same turn in which it was accepted: nothing has been read yet.
      resolve({ socket, meter: meterOf(socket) });
      clearTimeout(timer);
      server.close();
    });
  });
  // Whoever waits sees it; the server may refuse before anybody does.
  opened.catch(() => undefined);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port for the data connection');
  return { port: bound.port, opened, close };
}
