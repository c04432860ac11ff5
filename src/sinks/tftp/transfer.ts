import { randomUUID } from 'node:crypto';
import { messageOf, type Endpoint } from '../../core/index.js';
import { executionIdIn } from '../../tracer/index.js';
import { downloadMeter, uploadMeter } from '../content-meter.js';
import { baseName, type Expectations } from '../expectations.js';
import { gatewayRecord } from '../gateway-log.js';
import type { Pace } from '../pace.js';
import type { ReceiptBook } from '../receipt-book.js';
import type { Receipt, SinkOptions, SocketRecord } from '../types.js';
import { formatPacket, tftpErrors, type TftpPacket } from './packet.js';
import { receiver } from './receiver.js';
import { sender } from './sender.js';
import { openTransferSocket, type TransferSocket } from './transfer-socket.js';
import type { AdmittedRequest, Exchange, TftpEnding } from './types.js';

/** What the transfers of one TFTP sink share. */
export interface TftpServer {
  readonly options: SinkOptions;
  readonly book: ReceiptBook;
  readonly expected: Expectations;
  readonly pace: Pace;
  /** Where requests arrive. */
  readonly local: Endpoint;
  readonly refuse: (client: Endpoint, what: string, reason: string) => void;
}

export interface RunningTransfer {
  /** The client repeated its request; the answer is repeated by time, so only the bytes count. */
  repeated(bytes: number): void;
  /** Whether only a lost last ACK is still waited for. */
  lingering(): boolean;
  /** Breaks it, or ends the lingering. */
  stop(reason: string): void;
  /** Resolves when the receipt is final and the port is free. @throws where the receipt could not be written */
  readonly done: Promise<void>;
}

/** How long a repeated last block is waited for (RFC 1350 §6): some clients repeat after five seconds. */
const lingerMs = 6000;

function log(server: TftpServer, admitted: AdmittedRequest, receipt: Receipt, success: boolean): void {
  const { options, local } = server;
  const upload = receipt.direction === 'upload';
  options.onLog(
    gatewayRecord({
      at: options.clock.now(),
      sink: options.id,
      protocol: 'tftp',
      transport: 'udp',
      action: upload ? 'write' : 'read',
      outcome: success ? 'success' : 'failure',
      client: admitted.client,
      server: local,
      file: { name: receipt.fileName, size: receipt.size, sha256: receipt.sha256 },
      details: { command: receipt.command },
    }),
  );
}

/** Runs one transfer from its request to its last ACK, from a port of its own. */
export function runTransfer(server: TftpServer, admitted: AdmittedRequest): RunningTransfer {
  const { options, local } = server;
  const { client, request, expected, terms } = admitted;
  const upload = request.kind === 'wrq';
  const meter = upload ? uploadMeter([expected], options.clock) : downloadMeter(expected, options.clock);
  const fileName = baseName(request.fileName);
  let requestBytes = admitted.bytes;
  let exchange: Exchange | null = null;
  let stopped: string | null = null;
  let linger: { readonly acknowledge: () => void; readonly end: () => void; readonly block: number } | null =
    null;

  const sockets = (transfer: TransferSocket, coming: number): SocketRecord[] => [
    {
      role: 'request',
      transport: 'udp',
      source: client,
      destination: local,
      openedBy: 'client',
      bytesFromClient: requestBytes,
      bytesToClient: 0,
    },
    {
      role: 'transfer',
      transport: 'udp',
      source: transfer.local,
      destination: client,
      openedBy: 'sink',
      bytesFromClient: transfer.bytesFromClient(),
      bytesToClient: transfer.bytesToClient() + coming,
    },
  ];

  const exchanged = (transfer: TransferSocket) =>
    new Promise<{ ending: TftpEnding; last: TftpPacket | null }>((resolve) => {
      const netascii = request.mode === 'netascii';
      const ended = (ending: TftpEnding, last: TftpPacket | null) => {
        resolve({ ending, last });
      };
      const exchangeOptions = { socket: transfer, terms, netascii, meter, pace: server.pace, ended };
      exchange = upload ? receiver(exchangeOptions) : sender(exchangeOptions, expected);
      exchange.start();
      if (stopped !== null) exchange.abort(stopped);
    });

  /** Repeats the last ACK to who has not heard it, until the time is over or the sink stops. */
  const lingerFor = (transfer: TransferSocket, last: TftpPacket & { kind: 'ack' }): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(lingerMs, options.limits.idleTimeoutMs));
      linger = {
        block: last.block,
        acknowledge: () => {
          transfer.send(last);
        },
        end: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      if (stopped !== null) linger.end();
    });

  const run = async (): Promise<void> => {
    const transfer = await openTransferSocket({
      address: local.ip,
      client,
      onPacket: (packet) => {
        exchange?.packet(packet);
        if (packet?.kind === 'data' && packet.block === linger?.block) linger.acknowledge();
      },
      onStranger: (from) =>
        server.refuse(from, 'packet', `the transfer belongs to ${client.ip}:${client.port}`),
    });
    try {
      const { ending, last } = await exchanged(transfer);
      const reason =
        ending.kind === 'complete' ? null : ending.kind === 'broken' ? ending.reason : ending.fault.reason;
      const receipt: Receipt = {
        id: randomUUID(),
        protocol: 'tftp',
        sink: options.id,
        executionId: meter.executionId() ?? executionIdIn(fileName),
        direction: upload ? 'upload' : 'download',
        command: request.kind.toUpperCase(),
        sockets: sockets(transfer, last === null ? 0 : formatPacket(last).length),
        fileName,
        ...meter.measure(),
        complete: reason === null,
        error: reason,
      };
      if (ending.kind === 'refused')
        server.refuse(client, `${receipt.command} ${fileName}`, ending.fault.reason);
      try {
        await server.book.publish(receipt);
      } catch (error) {
        log(server, admitted, receipt, false);
        const message = `The receipt could not be written: ${messageOf(error)}`;
        transfer.send({ kind: 'error', code: tftpErrors.undefined, message });
        throw error;
      }
      log(server, admitted, receipt, receipt.complete);
      if (last !== null) transfer.send(last);
      if (last?.kind === 'ack') await lingerFor(transfer, last);
      const final = sockets(transfer, 0);
      if (JSON.stringify(final) !== JSON.stringify(receipt.sockets)) {
        await server.book.publish({ ...receipt, sockets: final });
      }
    } finally {
      transfer.close();
    }
  };

  return {
    repeated: (bytes) => {
      requestBytes += bytes;
    },
    lingering: () => linger !== null,
    stop(reason) {
      stopped = reason;
      exchange?.abort(reason);
      linger?.end();
    },
    done: run(),
  };
}
