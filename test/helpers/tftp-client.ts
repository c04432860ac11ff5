import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatPacket, parsePacket, type TftpPacket } from '../../src/sinks/tftp/packet.js';

/** A bare TFTP client that sends exactly what it is told, and counts. */
export interface RawTftp {
  readonly socket: Socket;
  send(packet: TftpPacket | Buffer, port: number): Promise<void>;
  /** The next packet, and the port that it came from; null after `waitMs`. */
  next(waitMs?: number): Promise<{ packet: TftpPacket | null; port: number } | null>;
  /** UDP payload bytes sent and received, by port of the server. */
  readonly sent: Map<number, number>;
  readonly received: Map<number, number>;
  close(): void;
}

export async function rawTftp(server: string, localAddress = '127.0.1.1'): Promise<RawTftp> {
  const socket = createSocket('udp4');
  socket.bind(0, localAddress);
  await once(socket, 'listening');
  const queue: { packet: TftpPacket | null; port: number }[] = [];
  const waiting: (() => void)[] = [];
  const [sent, received] = [new Map<number, number>(), new Map<number, number>()];
  socket.on('message', (bytes, { port }) => {
    received.set(port, (received.get(port) ?? 0) + bytes.length);
    queue.push({ packet: parsePacket(bytes), port });
    waiting.shift()?.();
  });
  return {
    socket,
    sent,
    received,
    send: (packet, port) =>
      new Promise((resolve, reject) => {
        const bytes = Buffer.isBuffer(packet) ? packet : formatPacket(packet);
        sent.set(port, (sent.get(port) ?? 0) + bytes.length);
        socket.send(bytes, port, server, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      }),
    async next(waitMs = 5000) {
      if (queue.length === 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs);
          waiting.push(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
      return queue.shift() ?? null;
    },
    close: () => socket.close(),
  };
}
