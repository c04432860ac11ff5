import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { platform } from 'node:os';
import type { Protocol } from '../config/index.js';
import { LabError } from '../core/index.js';

/** Addresses and ports of the embedded lab's sinks. */
export interface SinkPlaces {
  /** Where plain scenarios go: FTP (with AUTH TLS), SMB, TFTP. */
  readonly plain: string;
  /** The destination of the lab's approved transfers; null where this machine has no other address. */
  readonly approved: string | null;
  /** SMB that requires encryption. */
  readonly encrypted: { readonly address: string; readonly port: number };
  /** On `plain` and on `approved`. */
  readonly ports: Readonly<Record<Protocol, number>>;
}

/** A place among the loopback addresses that no other run of this machine uses, and the ports that can be bound there. */
export interface Slot {
  readonly hostAddresses: readonly string[];
  readonly sinks: SinkPlaces;
  release(): void;
}

/** Where the embedded lab lies if nothing else uses those addresses and the user may bind the usual ports. */
export const usualPlaces: SinkPlaces = {
  plain: '127.0.2.1',
  approved: '127.0.3.1',
  encrypted: { address: '127.0.4.1', port: 445 },
  ports: { ftp: 21, smb: 445, tftp: 69 },
};

const lockPort = 6169;

async function listens(server: Server, port: number, address: string): Promise<boolean> {
  server.listen(port, address);
  return once(server, 'listening').then(
    () => true,
    () => false,
  );
}

/** Binds a port and lets it go again. @returns the port, or undefined where it cannot be bound */
async function bound(address: string, port: number, transport: 'tcp' | 'udp'): Promise<number | undefined> {
  if (transport === 'tcp') {
    const server = createServer();
    if (!(await listens(server, port, address))) return undefined;
    const place = server.address();
    server.close();
    await once(server, 'close');
    return place !== null && typeof place === 'object' ? place.port : undefined;
  }
  const socket = createSocket('udp4');
  socket.bind(port, address);
  const found = await once(socket, 'listening').then(
    () => socket.address().port,
    () => undefined,
  );
  if (found !== undefined) socket.close();
  return found;
}

/** A port that is free on every address: the usual one, else any. tftp.exe knows one port for all servers. */
async function freePort(
  addresses: readonly string[],
  wanted: number,
  transport: 'tcp' | 'udp',
): Promise<number> {
  const [first = '127.0.0.1', ...others] = addresses;
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await bound(first, attempt === 0 ? wanted : 0, transport);
    if (port === undefined) continue;
    const answers = await Promise.all(others.map((address) => bound(address, port, transport)));
    if (answers.every((answer) => answer !== undefined)) return port;
  }
  throw new LabError({
    code: 'no-free-port',
    message: `no free ${transport} port on ${addresses.join(', ')}`,
    remedy: 'end other servers on these addresses',
  });
}

/**
 * Takes the first place that is free. Linux and Windows have all of 127.0.0.0/8; macOS has 127.0.0.1 alone, and its hosts and
 * sinks share it.
 */
export async function takeSlot(hosts: number): Promise<Slot> {
  const wide = platform() !== 'darwin';
  for (let slot = 1; slot <= (wide ? 80 : 1); slot++) {
    const plain = wide ? `127.0.2.${slot}` : '127.0.0.1';
    const lock = createServer((socket) => socket.destroy());
    if (!(await listens(lock, lockPort, plain))) continue;
    lock.unref();
    const approved = wide ? `127.0.3.${slot}` : null;
    const both = approved === null ? [plain] : [plain, approved];
    const { ports } = usualPlaces;
    const encrypted = wide ? `127.0.4.${slot}` : plain;
    const sinks: SinkPlaces = {
      plain,
      approved,
      encrypted: { address: encrypted, port: await freePort([encrypted], wide ? ports.smb : 0, 'tcp') },
      ports: {
        ftp: await freePort(both, ports.ftp, 'tcp'),
        smb: await freePort(both, ports.smb, 'tcp'),
        tftp: await freePort(both, ports.tftp, 'udp'),
      },
    };
    const hostAddresses = Array.from({ length: hosts }, (_, index) =>
      wide ? `127.0.1.${(slot - 1) * hosts + index + 1}` : '127.0.0.1',
    );
    return { hostAddresses, sinks, release: () => lock.close() };
  }
  throw new LabError({
    code: 'no-free-slot',
    message: 'no loopback address is free for the embedded lab',
    remedy: 'wait until other runs of this machine have ended',
  });
}
