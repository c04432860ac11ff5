import type { Clock, Endpoint } from '../../core/index.js';
import type { ActivityBus, SimulatedProcess, SimulatedSocket } from '../activity.js';

/** The part of a host that its network clients need. */
export interface ClientHost {
  readonly address: string;
  readonly clock: Clock;
  readonly bus: ActivityBus;
}

/** Counts what one real socket carries and reports its opening and closing. */
export interface Meter {
  readonly socket: SimulatedSocket;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly closed: boolean;
  sent(bytes: number): void;
  received(bytes: number): void;
  /** The socket's own counts, where bytes passed below what was seen: TLS takes over the system's handle. */
  settle(sent: number, received: number): void;
  /** Reports the closing, once. */
  close(): void;
  /** Calls back when it is closed, at once where it is already. */
  onClose(listener: () => void): void;
}

export interface MeteredSocket {
  readonly transport: 'tcp' | 'udp';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly openedBy: 'local' | 'remote';
  readonly owner: SimulatedProcess;
  readonly service: SimulatedSocket['service'];
}

/** Reports `socket-opened` and starts counting. */
export function openMeter(host: ClientHost, description: MeteredSocket): Meter {
  const openedAt = host.clock.now();
  const { transport, local, remote, owner } = description;
  const socket: SimulatedSocket = {
    ...description,
    id: `${owner.guid}/${transport}/${local.port}/${remote.ip}:${remote.port}/${openedAt}`,
    openedAt,
  };
  let bytesSent = 0;
  let bytesReceived = 0;
  const datagrams = { sent: 0, received: 0 };
  let firstByteAt: number | null = null;
  let lastByteAt: number | null = null;
  let closed = false;
  const listeners: (() => void)[] = [];
  const touch = (): void => {
    lastByteAt = host.clock.now();
    firstByteAt ??= lastByteAt;
  };
  host.bus.emit({ kind: 'socket-opened', at: openedAt, socket });
  return {
    socket,
    get bytesSent() {
      return bytesSent;
    },
    get bytesReceived() {
      return bytesReceived;
    },
    get closed() {
      return closed;
    },
    sent(bytes) {
      bytesSent += bytes;
      datagrams.sent += 1;
      touch();
    },
    received(bytes) {
      bytesReceived += bytes;
      datagrams.received += 1;
      touch();
    },
    settle(sent, received) {
      if (closed || (sent <= bytesSent && received <= bytesReceived)) return;
      bytesSent = Math.max(sent, bytesSent);
      bytesReceived = Math.max(received, bytesReceived);
      lastByteAt = host.clock.now();
      // The handshake begins with the connection.
      firstByteAt ??= openedAt;
    },
    close() {
      if (closed) return;
      closed = true;
      host.bus.emit({
        kind: 'socket-closed',
        at: host.clock.now(),
        socket,
        bytesSent,
        bytesReceived,
        ...(transport === 'udp' ? { datagrams } : {}),
        firstByteAt,
        lastByteAt,
      });
      for (const listener of listeners) listener();
    },
    onClose(listener) {
      if (closed) listener();
      else listeners.push(listener);
    },
  };
}
