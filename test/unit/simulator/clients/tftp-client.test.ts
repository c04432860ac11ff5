import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../../src/core/index.js';
import { TftpFailure, tftpTransfer } from '../../../../src/simulator/clients/index.js';
import { clientHost, only, owner } from './host.js';

const address = '127.0.1.61';
const server = '127.0.2.61';
const never = new AbortController().signal;

/** What a scripted server does with each datagram; `tid` is its transfer socket, made at the first request. */
type Script = (
  message: Buffer,
  reply: (packet: Buffer, from?: Socket) => void,
  sockets: { readonly tid: Socket; readonly stranger: Socket },
) => void;

let sockets: Socket[];
let directory: string;
let file: string;
beforeEach(async () => {
  sockets = [];
  directory = await mkdtemp(join(tmpdir(), 'tftp-client-'));
  file = join(directory, 'file');
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  await rm(directory, { recursive: true, force: true });
});

function bound(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.bind(0, server, () => resolve(socket));
  });
}

async function serve(
  script: Script,
): Promise<{ at: Endpoint; tid: number; received: Buffer[]; from: Set<number> }> {
  const [known, tid, stranger] = [await bound(), await bound(), await bound()];
  const received: Buffer[] = [];
  const from = new Set<number>();
  const handle = (message: Buffer, peer: RemoteInfo): void => {
    received.push(Buffer.from(message));
    from.add(peer.port);
    script(message, (packet, socket = tid) => socket.send(packet, peer.port, peer.address), {
      tid,
      stranger,
    });
  };
  known.on('message', handle);
  tid.on('message', handle);
  return { at: { ip: server, port: known.address().port }, tid: tid.address().port, received, from };
}

const ack = (block: number): Buffer => Buffer.from([0, 4, block >> 8, block & 255]);
const data = (block: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0, 3, block >> 8, block & 255]), content]);
const opcode = (message: Buffer): number => message.readUInt16BE(0);
const block = (message: Buffer): number => message.readUInt16BE(2);

const upload = (at: Endpoint, host = clientHost(address), options = {}) =>
  tftpTransfer(host, { owner, remote: at, write: true, name: 'f.dat', file, signal: never, ...options });

describe('the TFTP client (RFC 1350)', () => {
  it('asks without options, sends blocks of 512, and ends a multiple of 512 with an empty block', async () => {
    await writeFile(file, Buffer.alloc(1024, 7));
    const { at, received } = await serve((message, reply) =>
      reply(ack(opcode(message) === 2 ? 0 : block(message))),
    );
    expect(await upload(at)).toBe(1024);
    expect(received[0]).toEqual(Buffer.from('\0\x02f.dat\0octet\0', 'latin1'));
    expect(received.slice(1).map((packet) => [block(packet), packet.length])).toEqual([
      [1, 516],
      [2, 516],
      [3, 4],
    ]);
  });

  it('sends from one port of its own address, in two flows: to the well-known port, and with the TID', async () => {
    await writeFile(file, Buffer.alloc(700));
    const host = clientHost(address);
    const { at, from, tid } = await serve((message, reply) =>
      reply(ack(opcode(message) === 2 ? 0 : block(message))),
    );
    await upload(at, host);
    const closed = only(host.activities, 'socket-closed');
    const [port] = from;
    expect(from.size).toBe(1);
    expect(
      closed.map(({ socket, bytesSent, bytesReceived, datagrams }) => ({
        local: socket.local,
        remote: socket.remote,
        openedBy: socket.openedBy,
        bytesSent,
        bytesReceived,
        datagrams,
      })),
    ).toEqual([
      // 2 + "f.dat" + 0 + "octet" + 0
      {
        local: { ip: address, port },
        remote: at,
        openedBy: 'local',
        bytesSent: 14,
        bytesReceived: 0,
        datagrams: { sent: 1, received: 0 },
      },
      {
        local: { ip: address, port },
        remote: { ip: server, port: tid },
        openedBy: 'remote',
        bytesSent: 4 + 512 + 4 + 188,
        bytesReceived: 12,
        datagrams: { sent: 2, received: 3 },
      },
    ]);
    expect(only(host.activities, 'tftp-request')).toMatchObject([
      { write: true, fileName: 'f.dat', bytes: 700 },
    ]);
  });

  it('sends again what is not acknowledged, and does not answer old acknowledgements', async () => {
    await writeFile(file, Buffer.alloc(600));
    const dropped = new Set<string>();
    const { at, received } = await serve((message, reply) => {
      const id = `${opcode(message)}/${block(message)}`;
      if (!dropped.has(id)) {
        dropped.add(id);
        return;
      }
      const number = opcode(message) === 2 ? 0 : block(message);
      // The acknowledgement before comes twice: an answer to each would double every further block (RFC 1123, 4.2.3.1).
      if (number > 0) reply(ack(number - 1));
      reply(ack(number));
    });
    expect(await upload(at)).toBe(600);
    expect(received.map((packet) => opcode(packet))).toEqual([2, 2, 3, 3, 3, 3]);
    expect(received.slice(2).map(block)).toEqual([1, 1, 2, 2]);
  });

  it('tells a stranger that it is unknown, and goes on', async () => {
    await writeFile(file, Buffer.alloc(10));
    let told = Buffer.alloc(0);
    const { at } = await serve((message, reply, { stranger }) => {
      if (opcode(message) === 2) reply(ack(0));
      else {
        stranger.on('message', (error) => (told = error));
        reply(ack(1), stranger);
        setTimeout(() => reply(ack(1)), 50);
      }
    });
    expect(await upload(at)).toBe(10);
    expect([opcode(told), told.readUInt16BE(2)]).toEqual([5, 5]);
  });

  it('fails with the server’s error, and without one when nothing answers', async () => {
    await writeFile(file, Buffer.alloc(10));
    const refusing = await serve((_, reply) => reply(Buffer.from('\0\x05\0\x02denied\0', 'latin1')));
    await expect(upload(refusing.at)).rejects.toMatchObject({ code: 2, message: 'denied' });
    const silent = await serve(() => undefined);
    const failure = upload(silent.at);
    await expect(failure).rejects.toBeInstanceOf(TftpFailure);
    await expect(failure).rejects.toMatchObject({ code: null });
    expect(silent.received).toHaveLength(5);
  }, 20_000);

  it('takes the block size that the server grants', async () => {
    await writeFile(file, Buffer.alloc(2000));
    const { at, received } = await serve((message, reply) =>
      reply(opcode(message) === 2 ? Buffer.from('\0\x06BLKSIZE\x001024\0', 'latin1') : ack(block(message))),
    );
    expect(await upload(at, clientHost(address), { options: { blksize: '1468' } })).toBe(2000);
    expect(received[0]).toEqual(Buffer.from('\0\x02f.dat\0octet\0blksize\x001468\0', 'latin1'));
    expect(received.slice(1).map((packet) => packet.length)).toEqual([1028, 980]);
  });

  it('lets block numbers wrap after 65,535', async () => {
    await writeFile(file, Buffer.alloc(8 * 65_537));
    const numbers: number[] = [];
    const { at } = await serve((message, reply) => {
      if (opcode(message) === 2) {
        reply(Buffer.from('\0\x06blksize\x008\0', 'latin1'));
        return;
      }
      numbers.push(block(message));
      reply(ack(block(message)));
    });
    await upload(at, clientHost(address), { options: { blksize: '8' } });
    expect(numbers.slice(-4)).toEqual([65_535, 0, 1, 2]);
  }, 60_000);

  it('reads a file, and acknowledges its last block', async () => {
    const content = Buffer.from('x'.repeat(700));
    const { at, received } = await serve((message, reply) => {
      const next = opcode(message) === 1 ? 1 : block(message) + 1;
      if (next <= 2) reply(data(next, content.subarray(512 * (next - 1), 512 * next)));
    });
    const bytes = await tftpTransfer(clientHost(address), {
      owner,
      remote: at,
      write: false,
      name: 'f',
      file,
      signal: never,
    });
    expect(bytes).toBe(700);
    expect(await readFile(file)).toEqual(content);
    await expect.poll(() => received.at(-1)).toEqual(ack(2));
  });

  it('reaches loopback only, and stops when its process is ended', async () => {
    await writeFile(file, Buffer.alloc(10));
    await expect(upload({ ip: '192.0.2.1', port: 69 })).rejects.toThrow('loopback');
    const { at } = await serve(() => undefined);
    const controller = new AbortController();
    const transfer = upload(at, clientHost(address), { signal: controller.signal });
    controller.abort();
    await expect(transfer).rejects.toThrow('terminated');
  });
});
