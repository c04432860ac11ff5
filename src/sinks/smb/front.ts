import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock, Endpoint } from '../../core/index.js';
import { bindFailure } from '../bind.js';
import { clientGate, endpoint } from '../gate.js';
import { pace, type Pace } from '../pace.js';
import type { SinkOptions } from '../types.js';

/** One connection of a client, as the client knows it. Bytes are TCP payload. */
export interface FrontConnection {
  readonly client: Endpoint;
  /** Loopback address from which smbd sees it. */
  readonly source: string;
  readonly fromClient: number;
  readonly toClient: number;
  /** When the client last sent something, ms; the opening where it has sent nothing. */
  readonly lastFromClientAt: number;
  /** Why the connection is over: what smbd does from then on is no doing of the client. null while it is open. */
  readonly over: string | null;
  /** Ends both directions in order; a client that does not answer in kind is reset after a short while. */
  end(reason: string): void;
  reset(reason: string): void;
}

export interface FrontEvents {
  opened(connection: FrontConnection): void;
  /** Before the payload is passed on to smbd. `at` is ms since the epoch. */
  fromClient(connection: FrontConnection, at: number): void;
  /** Before an answer of smbd is counted and passed on: smbd has logged what it did, and the client does not know yet. */
  toClient(connection: FrontConnection): void;
  /** Before smbd can notice that the connection is over. */
  ending(connection: FrontConnection): void;
  /** Both sides are closed: the counts are final, and smbd holds no file of this connection open. */
  closed(connection: FrontConnection): void;
  refused(client: Endpoint, reason: string): void;
}

export interface FrontSettings {
  readonly options: Pick<SinkOptions, 'id' | 'address' | 'port' | 'clients' | 'limits'>;
  readonly clock: Clock;
  readonly serverPort: number;
  /** Gives each connection a loopback source address of its own; absent where the system has 127.0.0.1 alone. */
  readonly sources?: () => string;
}

const answerTimeoutMs = 500;
const serverTimeoutMs = 2000;

/** Passes what `from` receives on to `to`, no faster than it takes it. `before` returns ms to wait after a chunk. */
function pass(from: Socket, to: Socket, before: (chunk: Buffer) => number): void {
  from.on('data', (chunk: Buffer) => {
    const wait = before(chunk);
    const full = to.writable && !to.write(chunk);
    let holds = Number(full) + Number(wait > 0);
    if (holds === 0) return;
    from.pause();
    const release = () => {
      holds -= 1;
      if (holds === 0) from.resume();
    };
    if (full) to.once('drain', release);
    if (wait > 0) setTimeout(release, wait);
  });
  from.on('end', () => to.end());
  // No 'drain' comes from a closed socket; the other's end must still be read.
  to.on('close', () => from.resume());
}

function destroyAfter(socket: Socket, timeoutMs: number, destroy: () => void): void {
  if (socket.destroyed) return;
  const timer = setTimeout(destroy, timeoutMs);
  socket.once('close', () => clearTimeout(timer));
}

/** Joins a client to smbd until both sides are closed. */
function serve(settings: FrontSettings, events: FrontEvents, rate: Pace, client: Socket, source: string) {
  const { clock, options } = settings;
  const server = connect({
    host: '127.0.0.1',
    port: settings.serverPort,
    allowHalfOpen: true,
    ...(settings.sources === undefined ? {} : { localAddress: source }),
  });
  const counts = { fromClient: 0, toClient: 0, lastFromClientAt: clock.now() };
  let over: string | null = null;
  const finish = (reason: string) => {
    if (over !== null) return;
    events.ending(connection);
    over = reason;
    // A side that hangs is cut off.
    destroyAfter(client, answerTimeoutMs, () => client.resetAndDestroy());
    destroyAfter(server, serverTimeoutMs, () => server.destroy());
  };
  const connection: FrontConnection = {
    client: endpoint(client.remoteAddress, client.remotePort),
    source,
    get fromClient() {
      return counts.fromClient;
    },
    get toClient() {
      return counts.toClient;
    },
    get lastFromClientAt() {
      return counts.lastFromClientAt;
    },
    get over() {
      return over;
    },
    end(reason) {
      finish(reason);
      client.end();
      server.end();
    },
    reset(reason) {
      finish(reason);
      client.resetAndDestroy();
      server.destroy();
    },
  };
  events.opened(connection);
  // Before `pass` tells the other side of an end.
  client.on('end', () => finish('the client ended the connection'));
  client.on('error', () => finish('the client broke the connection'));
  server.on('end', () => finish('the server ended the connection'));
  server.on('error', () => finish('the server broke the connection'));
  client.setTimeout(options.limits.idleTimeoutMs, () =>
    connection.end(`the connection was idle for ${options.limits.idleTimeoutMs} ms`),
  );
  pass(client, server, (chunk) => {
    counts.fromClient += chunk.length;
    counts.lastFromClientAt = clock.now();
    events.fromClient(connection, counts.lastFromClientAt);
    return rate(chunk.length);
  });
  pass(server, client, (chunk) => {
    events.toClient(connection);
    if (client.writable) counts.toClient += chunk.length;
    return 0;
  });
  return new Promise<void>((resolve) => {
    let open = 2;
    const sideClosed = (other: Socket) => () => {
      other.end();
      open -= 1;
      if (open > 0) return;
      events.closed(connection);
      resolve();
    };
    client.once('close', sideClosed(server));
    server.once('close', sideClosed(client));
  });
}

export interface Front {
  readonly port: number;
  /** Takes no more connections; those that are there stay. */
  close(): Promise<void>;
}

/**
 * Listens on exactly the sink's address, for the plan's clients alone, and passes on to smbd.
 * @throws LabError where it cannot bind
 */
export async function openFront(settings: FrontSettings, events: FrontEvents): Promise<Front> {
  const { options } = settings;
  const isClient = clientGate(options.clients);
  const rate = pace(options.limits.maxBytesPerSecond);
  const limit = settings.sources === undefined ? 1 : options.limits.maxConnections;
  let open = 0;
  const listener: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const peer = endpoint(client.remoteAddress, client.remotePort);
    const reason = !isClient(peer.ip)
      ? 'the address is not a client of this sink'
      : open >= limit
        ? `more than ${limit} connection(s) at a time`
        : undefined;
    if (reason !== undefined) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      events.refused(peer, reason);
      return;
    }
    open += 1;
    void serve(settings, events, rate, client, settings.sources?.() ?? '127.0.0.1').then(() => (open -= 1));
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (error) =>
      reject(
        bindFailure(error, {
          sink: options.id,
          transport: 'TCP',
          address: options.address,
          port: options.port,
        }),
      ),
    );
    listener.listen({ host: options.address, port: options.port, exclusive: true }, resolve);
  });
  const bound = listener.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    close: () => new Promise((resolve) => listener.close(() => resolve())),
  };
}
