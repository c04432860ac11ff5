import { open, type FileHandle } from 'node:fs/promises';
import type { Endpoint } from '../../../core/index.js';
import type { SimulatedProcess } from '../../activity.js';
import type { ClientHost } from '../meter.js';
import { conversation, type Conversation } from './conversation.js';
import { toNetascii } from './netascii.js';
import { ackPacket, dataPacket, requestPacket, type TftpMode, type TftpPacket } from './packets.js';

export interface TftpRequest {
  readonly owner: SimulatedProcess;
  readonly remote: Endpoint;
  readonly write: boolean;
  readonly name: string;
  /** File on the control host. */
  readonly file: string;
  /** Options to ask for (RFC 2347); tftp.exe and the tracer DLL ask for none. */
  readonly options?: Readonly<Record<string, string>>;
  /** octet where absent. A netascii download keeps what came. */
  readonly mode?: TftpMode;
  readonly signal: AbortSignal;
}

const defaultBlockSize = 512;

/**
 * One TFTP transfer (RFC 1350), block numbers wrapping at 65,536.
 * @returns bytes of content moved, as on the wire. @throws TftpFailure with the server's error, or without code at a timeout
 */
export async function tftpTransfer(host: ClientHost, request: TftpRequest): Promise<number> {
  const talk = await conversation(host, request.owner, request.remote, request.signal);
  let bytes = 0;
  try {
    const file = await open(request.file, request.write ? 'r' : 'w');
    try {
      const count = (moved: number): void => {
        bytes += moved;
      };
      if (request.write) await sendFile(talk, request, blockReader(file, request.mode ?? 'octet'), count);
      else await receiveFile(talk, request, file, count);
    } finally {
      await file.close();
    }
    return bytes;
  } finally {
    await talk.close();
    host.bus.emit({
      kind: 'tftp-request',
      at: host.clock.now(),
      socket: talk.request.socket,
      transferSocket: (talk.transfer ?? talk.request).socket,
      write: request.write,
      fileName: request.name,
      bytes,
    });
  }
}

function blockSizeOf(options: ReadonlyMap<string, string>): number {
  const granted = Number(options.get('blksize') ?? defaultBlockSize);
  return Number.isInteger(granted) && granted >= 8 && granted <= 65464 ? granted : defaultBlockSize;
}

/** Reads a file block by block, as it goes over the wire; a block is short only at the end. */
function blockReader(file: FileHandle, mode: TftpMode): (bytes: number) => Promise<Buffer> {
  let pending = Buffer.alloc(0);
  let ended = false;
  return async (bytes) => {
    while (!ended && pending.length < bytes) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), 0, bytes);
      ended = bytesRead === 0;
      const content = buffer.subarray(0, bytesRead);
      pending = Buffer.concat([pending, mode === 'netascii' ? toNetascii(content) : content]);
    }
    const block = pending.subarray(0, bytes);
    pending = pending.subarray(bytes);
    return block;
  };
}

async function sendFile(
  talk: Conversation,
  request: TftpRequest,
  read: (bytes: number) => Promise<Buffer>,
  count: (bytes: number) => void,
): Promise<void> {
  const asked = requestPacket(true, request.name, request.mode ?? 'octet', request.options ?? {});
  const blockSize = await talk.exchange(asked, (answer) => {
    if (answer.kind === 'oack') return blockSizeOf(answer.options);
    return answer.kind === 'ack' && answer.block === 0 ? defaultBlockSize : undefined;
  });
  for (let block = 1; ; block += 1) {
    const content = await read(blockSize);
    const number = block & 0xffff;
    await talk.exchange(dataPacket(number, content), (answer) =>
      answer.kind === 'ack' && answer.block === number ? true : undefined,
    );
    count(content.length);
    if (content.length < blockSize) return;
  }
}

async function receiveFile(
  talk: Conversation,
  request: TftpRequest,
  file: FileHandle,
  count: (bytes: number) => void,
): Promise<void> {
  let blockSize = defaultBlockSize;
  let next = requestPacket(false, request.name, request.mode ?? 'octet', request.options ?? {});
  const wantedBlock = (number: number) => (answer: TftpPacket) =>
    answer.kind === 'data' && answer.block === number ? answer.content : undefined;
  for (let block = 1; ; block += 1) {
    const number = block & 0xffff;
    let content = await talk.exchange(next, (answer) => {
      if (block === 1 && answer.kind === 'oack') return answer.options;
      return wantedBlock(number)(answer);
    });
    if (!Buffer.isBuffer(content)) {
      blockSize = blockSizeOf(content);
      content = await talk.exchange(ackPacket(0), wantedBlock(number));
    }
    await file.write(content);
    count(content.length);
    next = ackPacket(number);
    if (content.length < blockSize) {
      await talk.send(next);
      return;
    }
  }
}
