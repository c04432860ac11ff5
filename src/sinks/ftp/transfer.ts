import { randomUUID } from 'node:crypto';
import { messageOf } from '../../core/index.js';
import { executionIdIn } from '../../tracer/index.js';
import type { ContentMeter } from '../content-meter.js';
import type { ExpectedTransfer, Receipt, SocketRecord } from '../types.js';
import { receive, send, type Ending } from './content.js';
import type { DataConnection } from './data-channel.js';
import { logFtp } from './log.js';
import { gone, secured } from './tls.js';
import { formatReply, type Answer, type FtpSession } from './types.js';

export interface TransferSpec {
  readonly command: 'STOR' | 'STOU' | 'APPE' | 'RETR';
  readonly fileName: string;
  readonly meter: ContentMeter;
  /** The file that is served; null for an upload. */
  readonly served: ExpectedTransfer | null;
  /** Text of the 150 reply. */
  readonly opening: string;
}

/** How long data may still arrive once the control connection has gone, in milliseconds. */
const afterControlMs = 2000;

/** The control connection as a socket of a receipt. `reply` is about to be sent. */
export function controlRecord(session: FtpSession, reply: string): SocketRecord {
  return {
    role: 'control',
    transport: 'tcp',
    source: session.client,
    destination: session.local,
    openedBy: 'client',
    bytesFromClient: session.control.bytesRead,
    bytesToClient: session.control.bytesWritten + (session.control.writable ? session.wireBytes(reply) : 0),
  };
}

function dataRecord(data: DataConnection): SocketRecord {
  return {
    role: 'data',
    transport: 'tcp',
    source: data.source,
    destination: data.destination,
    openedBy: data.openedBy,
    bytesFromClient: data.socket.bytesRead,
    bytesToClient: data.socket.bytesWritten,
  };
}

function replyFor(ending: Ending, opened: boolean): readonly [number, string] {
  if (ending.kind === 'complete') return [226, 'Transfer complete'];
  if (ending.kind === 'broken') return [opened ? 426 : 425, ending.reason];
  return [ending.fault.kind === 'too-large' ? 552 : 551, ending.fault.reason];
}

async function move(
  session: FtpSession,
  spec: TransferSpec,
): Promise<{ ending: Ending; data: DataConnection | null }> {
  const { channel, server } = session;
  const controller = new AbortController();
  const abort = (reason: string) => controller.abort(new Error(reason));
  const lost = () => abort('the control connection closed during the transfer');
  session.abortTransfer = abort;
  session.controlLost = lost;
  let timer: NodeJS.Timeout | undefined;
  let data: DataConnection | null = null;
  try {
    if (channel === null) throw new Error('no data connection was agreed on');
    data = await channel.open(controller.signal);
    // What the client sent before it went may still be on its way.
    session.controlLost = () => {
      timer = setTimeout(lost, afterControlMs);
    };
    const stream =
      session.privateData && server.tls !== null
        ? await secured(data.socket, server.tls.data, controller.signal)
        : data.socket;
    const options = {
      socket: stream,
      meter: spec.meter,
      pace: server.pace,
      idleTimeoutMs: server.options.limits.idleTimeoutMs,
      signal: controller.signal,
    };
    const ending = await (spec.served === null ? receive(options) : send(options, spec.served));
    await gone(data.socket, stream);
    return { ending, data };
  } catch (error) {
    return { ending: { kind: 'broken', reason: messageOf(error) }, data };
  } finally {
    clearTimeout(timer);
    session.abortTransfer = null;
    session.controlLost = null;
  }
}

/**
 * One transfer from its 150 to its last reply, which is returned. The receipt is on disk before that reply is sent, and counts it; where it cannot
 * be written, the transfer is not acknowledged (451).
 */
export async function transfer(session: FtpSession, spec: TransferSpec): Promise<Answer> {
  const { server } = session;
  session.reply(150, spec.opening);
  const { ending, data } = await move(session, spec);
  session.channel?.close();
  session.channel = null;

  let [code, text] = replyFor(ending, data !== null);
  const receipt: Receipt = {
    id: randomUUID(),
    protocol: 'ftp',
    sink: server.options.id,
    executionId: spec.meter.executionId() ?? executionIdIn(spec.fileName),
    direction: spec.served === null ? 'upload' : 'download',
    command: spec.command,
    sockets: [controlRecord(session, formatReply(code, text)), ...(data === null ? [] : [dataRecord(data)])],
    fileName: spec.fileName,
    ...spec.meter.measure(),
    complete: ending.kind === 'complete',
    error: ending.kind === 'complete' ? null : ending.kind === 'broken' ? ending.reason : ending.fault.reason,
  };
  if (ending.kind === 'refused')
    server.refuse(session.client, `${spec.command} ${spec.fileName}`, ending.fault.reason);
  try {
    await server.book.publish(receipt);
    session.receipts.push(receipt);
  } catch (error) {
    server.receiptLost(error);
    [code, text] = [451, `The receipt could not be written: ${messageOf(error)}`];
  }
  logFtp(server.options, session, {
    action: receipt.direction === 'upload' ? 'write' : 'read',
    command: spec.command,
    code,
    file: { name: receipt.fileName, size: receipt.size, sha256: receipt.sha256 },
  });
  return [code, text];
}

/** Says again, with the final counts of the control connection, what the session's receipts could not know yet. */
export async function settleReceipts(session: FtpSession): Promise<void> {
  const final = controlRecord(session, '');
  for (const receipt of session.receipts) {
    const sockets = receipt.sockets.map((socket) => (socket.role === 'control' ? final : socket));
    const same = sockets.every((socket, index) => {
      const before = receipt.sockets[index];
      return (
        before?.bytesFromClient === socket.bytesFromClient && before.bytesToClient === socket.bytesToClient
      );
    });
    if (!same) await session.server.book.publish({ ...receipt, sockets });
  }
}
