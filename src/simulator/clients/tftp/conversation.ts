import { createSocket } from 'node:dgram';
import { canonicalIp, type Endpoint } from '../../../core/index.js';
import type { SimulatedProcess } from '../../activity.js';
import { openMeter, type ClientHost, type Meter } from '../meter.js';
import { assertLoopback } from '../tcp.js';
import { errorPacket, parsePacket, type TftpPacket } from './packets.js';

/** One TFTP client port and its peer; the peer's own port (its TID) is that of its first answer (RFC 1350, 4). */
export interface Conversation {
  /** Sends, and sends again until an answer that `wanted` takes has come. @throws TftpFailure */
  exchange<T>(packet: Buffer, wanted: (answer: TftpPacket) => T | undefined): Promise<T>;
  /** Sends without waiting. */
  send(packet: Buffer): Promise<void>;
  /** Meters of the request's flow and of the transfer's; the second is null while nothing was answered. */
  readonly request: Meter;
  readonly transfer: Meter | null;
  close(): Promise<void>;
}

/** The server's error packet, or silence (code null). */
export class TftpFailure extends Error {
  readonly code: number | null;

  constructor(code: number | null, message: string) {
    super(message);
    this.name = 'TftpFailure';
    this.code = code;
  }
}

const resendAfterMs = 1000;
const attempts = 5;

/**
 * Opens a UDP socket on the host's own address. (The npm package `tftp` makes its socket with `dgram.createSocket` and never binds
 * it to an address — lib/protocol/request.js — so that it would send from whatever address the system chose.)
 */
export async function conversation(
  host: ClientHost,
  owner: SimulatedProcess,
  server: Endpoint,
  signal: AbortSignal,
): Promise<Conversation> {
  assertLoopback(server.ip);
  const socket = createSocket(server.ip.includes(':') ? 'udp6' : 'udp4');
  const inbox: TftpPacket[] = [];
  let wake = (): void => undefined;
  let transfer: Meter | null = null;
  let peer: Endpoint | null = null;
  let broken: Error | null = null;
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host.address, port: 0, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  const local = { ip: host.address, port: socket.address().port };
  const udp = { transport: 'udp', local, owner, service: 'tftp' } as const;
  const request = openMeter(host, { ...udp, remote: server, openedBy: 'local' });
  const stop = (): void => {
    broken = new TftpFailure(null, 'the process was terminated');
    wake();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  socket.on('error', (error) => {
    broken = error;
    wake();
  });
  socket.on('message', (bytes, from) => {
    const sender = { ip: canonicalIp(from.address) ?? from.address, port: from.port };
    if (sender.ip !== server.ip) return;
    peer ??= sender;
    if (sender.port !== peer.port) {
      // Another conversation's answer: the peer is told, ours goes on (RFC 1350, 4).
      socket.send(errorPacket(5, 'Unknown transfer ID'), sender.port, sender.ip);
      return;
    }
    // A server that answers from its well-known port opens no second flow.
    transfer ??=
      sender.port === server.port ? request : openMeter(host, { ...udp, remote: peer, openedBy: 'remote' });
    transfer.received(bytes.length);
    const packet = parsePacket(bytes);
    if (packet !== null) inbox.push(packet);
    wake();
  });

  function send(packet: Buffer): Promise<void> {
    const to = peer ?? server;
    return new Promise((resolve, reject) => {
      socket.send(packet, to.port, to.ip, (error) => {
        if (error !== null) {
          reject(error);
          return;
        }
        (transfer ?? request).sent(packet.length);
        resolve();
      });
    });
  }
  function arrival(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    send,
    request,
    get transfer() {
      return transfer;
    },
    async exchange(packet, wanted) {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        if (broken === null) await send(packet);
        const deadline = Date.now() + resendAfterMs;
        for (let left = resendAfterMs; left > 0; left = deadline - Date.now()) {
          if (broken !== null) throw broken;
          const answer = inbox.shift();
          if (answer === undefined) {
            await arrival(left);
            continue;
          }
          if (answer.kind === 'error') throw new TftpFailure(answer.code, answer.message);
          const value = wanted(answer);
          // An old acknowledgement is passed over and not answered: RFC 1123, 4.2.3.1 (Sorcerer's Apprentice).
          if (value !== undefined) return value;
        }
      }
      throw new TftpFailure(null, 'Timeout occurred');
    },
    close: () =>
      new Promise((resolve) => {
        signal.removeEventListener('abort', stop);
        socket.close(() => {
          request.close();
          transfer?.close();
          resolve();
        });
      }),
  };
}
