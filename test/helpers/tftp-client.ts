import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createClient, type ClientOptions } from 'tftp';
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
          const wake = () => {
            clearTimeout(timer);
            resolve();
          };
          const timer = setTimeout(() => {
            waiting.splice(waiting.indexOf(wake), 1);
            resolve();
          }, waitMs);
          waiting.push(wake);
        });
      }
      return queue.shift() ?? null;
    },
    close: () => socket.close(),
  };
}

/** Uploads with the npm package tftp. Its streams are of the old kind: `pipeline` would wait for their `close` for ever. */
export function packagePut(options: ClientOptions, name: string, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = createClient(options).createPutStream(name, { size: content.length });
    stream.on('error', reject);
    stream.on('finish', resolve);
    stream.end(content);
  });
}

/** Downloads with the npm package tftp. */
export function packageGet(options: ClientOptions, name: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const stream = createClient(options).createGetStream(name);
    stream.on('error', reject);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(chunks)));
  });
}
