import { Socket, type TcpSocketConnectOpts } from 'node:net';
import { canonicalIp, type Endpoint } from '../../core/index.js';
import type { SimulatedProcess, SimulatedSocket } from '../activity.js';
import { openMeter, type ClientHost, type Meter } from './meter.js';

/** What passes over a socket, as it passes. */
export interface Tap {
  sent?(chunk: Buffer): void;
  received?(chunk: Buffer): void;
  opened?(meter: Meter): void;
}

export interface SocketUse {
  readonly owner: SimulatedProcess;
  readonly service: SimulatedSocket['service'];
  readonly tap?: Tap;
}

/** The embedded lab is on loopback: a simulated host reaches nothing else, whatever a command line or a server names. */
export function assertLoopback(ip: string): void {
  const address = canonicalIp(ip);
  if (address === undefined || !(address === '::1' || address.startsWith('127.'))) {
    throw new Error(`${ip} is unreachable: a simulated host reaches loopback addresses only`);
  }
}

/** Watches a socket at the edge to the operating system: `push` is where Node hands over what came, `_write` what goes. */
function watch(socket: Socket, meter: () => Meter | null, tap: Tap): void {
  const push = socket.push.bind(socket);
  const write = socket._write.bind(socket);
  const destroy = socket._destroy.bind(socket);
  Object.assign(socket, {
    push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
      if (chunk !== null) {
        meter()?.received(chunk.length);
        tap.received?.(chunk);
      }
      return push(chunk, encoding);
    },
    _write(chunk: Buffer | string, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
      tap.sent?.(bytes);
      write(chunk, encoding, (error) => {
        if (error === null || error === undefined) meter()?.sent(bytes.length);
        callback(error);
      });
    },
    // Not by the event `close`: basic-ftp takes all listeners off.
    _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
      destroy(error, (failure) => {
        callback(failure);
        meter()?.settle(socket.bytesWritten, socket.bytesRead);
        meter()?.close();
      });
    },
    // Without it, Node takes `_write` for each chunk, which is counted.
    _writev: null,
  });
}

function end(ip: string | undefined, port: number | undefined): Endpoint {
  return { ip: canonicalIp(ip ?? '') ?? '', port: port ?? 0 };
}

/** Meters a connected socket; `openedBy` says who connected. */
export function meterConnected(
  host: ClientHost,
  socket: Socket,
  use: SocketUse,
  openedBy: 'local' | 'remote',
): Meter {
  const meter = openMeter(host, {
    transport: 'tcp',
    local: end(socket.localAddress, socket.localPort),
    remote: end(socket.remoteAddress, socket.remotePort),
    openedBy,
    owner: use.owner,
    service: use.service,
  });
  if (openedBy === 'remote') watch(socket, () => meter, use.tap ?? {});
  use.tap?.opened?.(meter);
  return meter;
}

/**
 * A socket that connects from the host's own address, and is metered from its connect on.
 * @param allowed address that it may connect to; a server's reply cannot lead it elsewhere
 */
export function hostSocket(host: ClientHost, use: SocketUse, allowed: string): Socket {
  assertLoopback(allowed);
  const socket = new Socket();
  let meter: Meter | null = null;
  watch(socket, () => meter, use.tap ?? {});
  const connect = socket.connect.bind(socket) as (
    options: TcpSocketConnectOpts,
    listener?: () => void,
  ) => Socket;
  Object.assign(socket, {
    connect(options: TcpSocketConnectOpts, listener?: () => void): Socket {
      if (options.host !== allowed)
        throw new Error(`refusing to connect to ${options.host ?? '?'}: not ${allowed}`);
      return connect({ ...options, localAddress: host.address }, listener);
    },
  });
  socket.once('connect', () => {
    meter = meterConnected(host, socket, use, 'local');
  });
  return socket;
}

/** Connects from the host's own address. @throws the system's error (ECONNREFUSED, …) */
export function dial(
  host: ClientHost,
  remote: Endpoint,
  use: SocketUse,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = hostSocket(host, use, remote.ip);
    const abort = (): void => {
      socket.destroy(new Error('the process was terminated'));
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    socket.once('error', reject);
    socket.connect({ host: remote.ip, port: remote.port }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
