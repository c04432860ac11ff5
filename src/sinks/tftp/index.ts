import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { LabError, messageOf, type Endpoint } from '../../core/index.js';
import { bindAddress, bindFailure } from '../bind.js';
import { baseName, expectations } from '../expectations.js';
import { clientGate, endpoint, printable, refuser } from '../gate.js';
import { gatewayRecord } from '../gateway-log.js';
import { pace } from '../pace.js';
import { receiptBook } from '../receipt-book.js';
import type { ExpectedTransfer, Sink, SinkOptions } from '../types.js';
import { negotiate } from './options.js';
import { formatPacket, parsePacket, tftpErrors, type TftpRequest } from './packet.js';
import { runTransfer, type RunningTransfer, type TftpServer } from './transfer.js';

/** Options whose answer needs the size: octet alone, since netascii changes it. */
function servedSize(request: TftpRequest, size: number): number | null {
  return request.kind === 'rrq' && request.mode === 'octet' ? size : null;
}

/**
 * A TFTP server (RFC 1350, 2347, 2348, 2349, 7440) that takes the tracers of a plan, meters every datagram and stores nothing.
 *
 * Our own, since the server of the npm package tftp binds the wildcard address and acknowledges before it hands the data over.
 * @throws InputError for an address that may not be bound
 */
export function tftpSink(options: SinkOptions): Sink {
  const address = bindAddress(options.id, options.address);
  const local = { ip: address, port: options.port };
  const book = receiptBook(options.onReceipt);
  const served = clientGate(options.clients);
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  const server: TftpServer = {
    options,
    book,
    expected: expectations(options.expected),
    pace: pace(options.limits.maxBytesPerSecond),
    local,
    refuse: refuser(options, 'tftp'),
  };
  /** By the client's address and port: its transfer id. */
  const transfers = new Map<string, RunningTransfer>();
  const running = new Map<RunningTransfer, Promise<void>>();
  let failure: unknown = null;
  let state: 'new' | 'bound' | 'stopping' = 'new';
  let stopped: Promise<void> | null = null;

  const turnAway = (client: Endpoint, request: TftpRequest, code: number, reason: string) => {
    const command = request.kind.toUpperCase();
    const name = printable(baseName(request.fileName));
    server.refuse(client, `${command} ${name}`, reason);
    options.onLog(
      gatewayRecord({
        at: options.clock.now(),
        sink: options.id,
        protocol: 'tftp',
        transport: 'udp',
        action: request.kind === 'wrq' ? 'write' : 'read',
        outcome: 'failure',
        client,
        server: local,
        file: { name },
        details: { command },
      }),
    );
    const answer = formatPacket({ kind: 'error', code, message: reason });
    socket.send(answer, client.port, client.ip, () => undefined);
  };

  /** Whether one more transfer may run. Those that only wait for a lost last ACK give way, the oldest first. */
  const hasRoom = (): boolean => {
    const all = [...running.keys()];
    const lingering = all.filter((transfer) => transfer.lingering());
    if (all.length >= 2 * options.limits.maxConnections) lingering[0]?.stop('The sink needs its room');
    return all.length - lingering.length < options.limits.maxConnections;
  };

  /** What a request may do: the transfer that the plan names, or the error that answers it. */
  const admit = (
    client: Endpoint,
    request: TftpRequest,
  ): { readonly expected: ExpectedTransfer } | { readonly code: number; readonly reason: string } => {
    const upload = request.kind === 'wrq';
    const direction = upload ? 'upload' : 'download';
    if (!served(client.ip)) {
      return { code: tftpErrors.accessViolation, reason: 'This address is not served' };
    }
    if (state === 'stopping') return { code: tftpErrors.undefined, reason: 'The sink is stopping' };
    if (request.mode !== 'octet' && request.mode !== 'netascii') {
      return { code: tftpErrors.illegal, reason: `Mode ${printable(request.mode)} is not served` };
    }
    if (!hasRoom()) return { code: tftpErrors.undefined, reason: 'Too many transfers' };
    const announced = negotiate(request.options, null).announcedSize;
    const known = server.expected.find(direction, request.fileName);
    if (upload && known !== undefined && announced !== null && announced > known.size) {
      return { code: tftpErrors.diskFull, reason: `More than the ${known.size} bytes that the plan names` };
    }
    const admission = server.expected.admit(direction, request.fileName);
    if ('expected' in admission) return admission;
    return { code: upload ? tftpErrors.accessViolation : tftpErrors.notFound, reason: admission.reason };
  };

  const begin = (client: Endpoint, request: TftpRequest, bytes: number) => {
    const admission = admit(client, request);
    if (!('expected' in admission)) {
      turnAway(client, request, admission.code, admission.reason);
      return;
    }
    const { expected } = admission;
    const terms = negotiate(request.options, servedSize(request, expected.size));
    const transfer = runTransfer(server, { client, request, expected, terms, bytes });
    const key = `${client.ip} ${client.port}`;
    transfers.set(key, transfer);
    const done = transfer.done
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        running.delete(transfer);
        if (transfers.get(key) === transfer) transfers.delete(key);
      });
    running.set(transfer, done);
  };

  socket.on('message', (bytes, remote) => {
    const client = endpoint(remote.address, remote.port);
    const packet = parsePacket(bytes);
    if (packet?.kind !== 'rrq' && packet?.kind !== 'wrq') {
      // Not answered: an answer to what is no request could go back and forth for ever.
      server.refuse(client, 'packet', 'not a TFTP request');
      return;
    }
    const open = transfers.get(`${client.ip} ${client.port}`);
    if (open === undefined || open.lingering()) begin(client, packet, bytes.length);
    else open.repeated(bytes.length);
  });

  const stop = async (): Promise<void> => {
    const wasBound = state === 'bound';
    state = 'stopping';
    for (const transfer of running.keys()) transfer.stop('The sink is stopping');
    await Promise.all(running.values());
    if (wasBound) await new Promise<void>((resolve) => socket.close(resolve));
    book.close();
    if (failure !== null) {
      throw new LabError({
        code: 'receipt-not-written',
        message: `sink ${options.id}: a transfer has no final receipt: ${messageOf(failure)}`,
        cause: failure,
      });
    }
  };

  return {
    protocol: 'tftp',
    start: () =>
      new Promise((resolve, reject) => {
        const failed = (error: Error) => {
          reject(bindFailure(error, { sink: options.id, transport: 'UDP', address, port: options.port }));
        };
        socket.once('error', failed);
        socket.bind({ address, port: options.port, exclusive: true }, () => {
          socket.off('error', failed);
          socket.on('error', () => undefined);
          state = 'bound';
          local.port = socket.address().port;
          resolve({ ...local });
        });
      }),
    stop: () => (stopped ??= stop()),
    receipts: () => book.receipts(),
    describe: () => ({ id: options.id, software: 'Dyetrace TFTP sink', address, port: local.port }),
  };
}
