import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import type { Endpoint } from '../../core/index.js';
import { endpoint } from '../gate.js';
import { formatPacket, parsePacket, tftpErrors, type TftpPacket } from './packet.js';

/** A transfer's own socket: its port is the sink's transfer id (RFC 1350 §4). Bytes are UDP payload. */
export interface TransferSocket {
  readonly local: Endpoint;
  readonly bytesFromClient: () => number;
  readonly bytesToClient: () => number;
  send(packet: TftpPacket): void;
  /** Idempotent; what was sent before still goes out. */
  close(): void;
}

export interface TransferSocketOptions {
  readonly address: string;
  readonly client: Endpoint;
  /** A packet of the client's; null where it is no TFTP. */
  readonly onPacket: (packet: TftpPacket | null) => void;
  /** Somebody else wrote to this port; the transfer goes on undisturbed (RFC 1350 §4). */
  readonly onStranger: (from: Endpoint) => void;
}

/** Binds a free port of the sink's address. @throws Error where none can be bound */
export function openTransferSocket(options: TransferSocketOptions): Promise<TransferSocket> {
  const { address, client } = options;
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  let fromClient = 0;
  let toClient = 0;
  let closed = false;
  socket.on('message', (bytes, remote) => {
    const from = endpoint(remote.address, remote.port);
    if (from.ip !== client.ip || from.port !== client.port) {
      const stranger = formatPacket({
        kind: 'error',
        code: tftpErrors.unknownTid,
        message: 'Unknown transfer ID',
      });
      socket.send(stranger, remote.port, remote.address, () => undefined);
      options.onStranger(from);
      return;
    }
    fromClient += bytes.length;
    options.onPacket(parsePacket(bytes));
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port: 0, exclusive: true }, () => {
      socket.off('error', reject);
      // Windows reports an unreachable peer here; the retransmission deadline decides.
      socket.on('error', () => undefined);
      let sending = 0;
      resolve({
        local: { ip: address, port: socket.address().port },
        bytesFromClient: () => fromClient,
        bytesToClient: () => toClient,
        send(packet) {
          if (closed) return;
          const bytes = formatPacket(packet);
          toClient += bytes.length;
          sending += 1;
          socket.send(bytes, client.port, client.ip, (error) => {
            if (error !== null) toClient -= bytes.length;
            sending -= 1;
            if (closed && sending === 0) socket.close();
          });
        },
        close() {
          if (closed) return;
          closed = true;
          if (sending === 0) socket.close();
        },
      });
    });
  });
}
