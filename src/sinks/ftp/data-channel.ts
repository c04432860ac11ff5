import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { LabError, messageOf, systemCode, type Endpoint } from '../../core/index.js';
import { endpoint } from '../gate.js';

/** An open data connection. `source` sent the SYN. */
export interface DataConnection {
  readonly socket: Socket;
  readonly openedBy: 'client' | 'sink';
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** The data connection that PASV, EPSV, PORT or EPRT agreed on. */
export interface DataChannel {
  /** Once. @throws Error with the reason where it does not come about in time, or the signal aborts */
  open(signal: AbortSignal): Promise<DataConnection>;
  /** Frees what is held. Idempotent. */
  close(): void;
}

export interface PassiveOptions {
  /** Address of the sink that the client already talks to. */
  readonly address: string;
  readonly ports: readonly [number, number] | undefined;
  readonly client: string;
  readonly timeoutMs: number;
  /** Somebody else's connection was refused. */
  readonly onStranger: (from: Endpoint) => void;
}

const ignore = () => undefined;

async function listen(server: Server, address: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, exclusive: true, backlog: 4 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

async function listenIn(server: Server, address: string, ports: PassiveOptions['ports']): Promise<number> {
  if (ports === undefined) return listen(server, address, 0);
  for (let port = ports[0]; port <= ports[1]; port++) {
    try {
      return await listen(server, address, port);
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE') throw error;
    }
  }
  throw new LabError({
    code: 'passive-ports-in-use',
    message: `every passive port from ${ports[0]} to ${ports[1]} of ${address} is in use`,
    remedy: "widen the sink's passivePorts in lab.yaml",
  });
}

/**
 * Waits for the client on a port of the sink's own. Only the address of the control connection is let in (RFC 2577 §4), the
 * first connection wins, and the port closes with it.
 * @throws LabError where no port can be bound
 */
export async function passiveChannel(
  options: PassiveOptions,
): Promise<DataChannel & { readonly port: number }> {
  let held: Socket | null = null;
  let arrived: (socket: Socket) => void = ignore;
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', ignore);
    const from = endpoint(socket.remoteAddress, socket.remotePort);
    if (from.ip !== options.client || held !== null) {
      socket.destroy();
      if (from.ip !== options.client) options.onStranger(from);
      return;
    }
    held = socket;
    server.close();
    arrived(socket);
  });
  const port = await listenIn(server, options.address, options.ports);
  server.on('error', ignore);
  const close = () => {
    server.close();
    held?.destroy();
  };
  return {
    port,
    close,
    async open(signal) {
      const socket =
        held ??
        (await new Promise<Socket>((resolve, reject) => {
          const fail = (reason: string) => {
            close();
            reject(new Error(reason));
          };
          const late = () =>
            fail(`the client opened no data connection to port ${port} in ${options.timeoutMs} ms`);
          const timer = setTimeout(late, options.timeoutMs);
          const aborted = () => {
            clearTimeout(timer);
            fail(messageOf(signal.reason));
          };
          signal.addEventListener('abort', aborted, { once: true });
          arrived = (socket) => {
            clearTimeout(timer);
            signal.removeEventListener('abort', aborted);
            resolve(socket);
          };
          if (signal.aborted) aborted();
        }));
      return {
        socket,
        openedBy: 'client',
        source: endpoint(socket.remoteAddress, socket.remotePort),
        destination: { ip: options.address, port },
      };
    },
  };
}

export interface ActiveOptions {
  /** Address of the sink that the client already talks to: the connection comes from there. */
  readonly address: string;
  readonly target: Endpoint;
  readonly timeoutMs: number;
}

/** RFC 959 §3.2: the server's default data port, where it may be bound. */
const dataPort = 20;

function dial(options: ActiveOptions, localPort: number | undefined, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { address, target, timeoutMs } = options;
    const socket = connect({
      host: target.ip,
      port: target.port,
      localAddress: address,
      allowHalfOpen: true,
      ...(localPort === undefined ? {} : { localPort }),
    });
    const aborted = () => socket.destroy(new Error(messageOf(signal.reason)));
    const failed = (error: Error) => {
      signal.removeEventListener('abort', aborted);
      reject(error);
    };
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(new Error(`no data connection to ${target.ip}:${target.port} in ${timeoutMs} ms`)),
    );
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      signal.removeEventListener('abort', aborted);
      socket.on('error', ignore);
      socket.off('error', failed);
      resolve(socket);
    });
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
  });
}

/** Calls the client back, from port 20 where this user may bind it, else from any. */
export function activeChannel(options: ActiveOptions): DataChannel {
  let opened: Socket | null = null;
  return {
    close: () => void opened?.destroy(),
    async open(signal) {
      const localTrouble = new Set(['EACCES', 'EPERM', 'EADDRINUSE', 'EADDRNOTAVAIL']);
      const socket = await dial(options, dataPort, signal).catch((error: unknown) => {
        if (!localTrouble.has(systemCode(error) ?? '')) throw error;
        return dial(options, undefined, signal);
      });
      opened = socket;
      return {
        socket,
        openedBy: 'sink',
        source: { ip: options.address, port: socket.localPort ?? 0 },
        destination: options.target,
      };
    },
  };
}
