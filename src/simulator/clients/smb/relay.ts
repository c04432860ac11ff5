import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Endpoint } from '../../../core/index.js';
import type { SimulatedProcess, SimulatedSocket } from '../../activity.js';
import type { ClientHost } from '../meter.js';
import { dial } from '../tcp.js';
import { encryptionWatch } from './encryption.js';

/**
 * The way of one SMB client to its server: smbclient cannot choose its source address, so it connects to us, and we connect to the
 * server from the host's own address, and count. One connection, then no more.
 */
export interface SmbRelay {
  /** Where smbclient connects, on 127.0.0.1. */
  readonly port: number;
  /** The connection to the server, once there is one. */
  readonly socket: SimulatedSocket | null;
  /** Whether an encrypted message has gone to the server. */
  readonly encrypted: boolean;
  /** Why there is none. */
  readonly failure: Error | null;
  /** Whether the server has closed, or was never reached. */
  readonly ended: boolean;
  /** Calls back when the connection has ended. */
  onEnd(listener: () => void): void;
  close(): void;
}

const here = '127.0.0.1';

export async function smbRelay(
  host: ClientHost,
  system: SimulatedProcess,
  remote: Endpoint,
): Promise<SmbRelay> {
  const controller = new AbortController();
  const listeners: (() => void)[] = [];
  let socket: SimulatedSocket | null = null;
  let failure: Error | null = null;
  let ended = false;
  const watch = encryptionWatch();
  function end(): void {
    if (ended) return;
    ended = true;
    controller.abort();
    server.close();
    for (const listener of listeners) listener();
  }
  async function serve(client: Socket): Promise<void> {
    client.on('error', () => undefined);
    try {
      const tap = {
        opened: (meter: { readonly socket: SimulatedSocket }) => {
          socket = meter.socket;
        },
        sent: (chunk: Buffer) => watch.push(chunk),
      };
      const upstream = await dial(host, remote, { owner: system, service: 'smb', tap }, controller.signal);
      upstream.on('error', () => undefined);
      // Whichever side ends first ends the other.
      await Promise.race(
        [pipeline(client, upstream), pipeline(upstream, client)].map((way) => way.catch(() => undefined)),
      );
      upstream.destroy();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    } finally {
      client.destroy();
      end();
    }
  }
  const server: Server = createServer((client) => {
    server.close();
    void serve(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, here, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the relay has no port');
  return {
    port: bound.port,
    get socket() {
      return socket;
    },
    get encrypted() {
      return watch.seen;
    },
    get failure() {
      return failure;
    },
    get ended() {
      return ended;
    },
    onEnd(listener) {
      if (ended) listener();
      else listeners.push(listener);
    },
    close: end,
  };
}
