import { createServer, type AddressInfo, type Socket } from 'node:net';
import { LabError, messageOf } from '../../core/index.js';
import { bindAddress, bindFailure } from '../bind.js';
import { expectations } from '../expectations.js';
import { clientGate, endpoint, refuser } from '../gate.js';
import { pace } from '../pace.js';
import { receiptBook } from '../receipt-book.js';
import type { Sink, SinkOptions } from '../types.js';
import { logFtp } from './log.js';
import { serveSession, type RunningSession } from './session.js';
import { ftpTls } from './tls.js';
import { formatReply, type FtpServer } from './types.js';

/** How long a client may take to read its last reply when the sink stops, in milliseconds. */
const closingMs = 1000;

/**
 * An FTP server (RFC 959, 2428, 3659, 4217) that takes the tracers of a plan, meters every socket and stores nothing.
 *
 * Our own, since the one FTP server library, ftp-srv, is not kept up: its last feature release is from 2022, it stands on bunyan,
 * moment, yargs 15 and on `ip`, which has known advisories; and a receipt before the 226 needs a hook that it does not have.
 * @throws InputError for an address that may not be bound, and for a certificate that cannot be used
 */
export function ftpSink(options: SinkOptions): Sink {
  const address = bindAddress(options.id, options.address);
  const book = receiptBook(options.onReceipt);
  const served = clientGate(options.clients);
  let failure: unknown = null;
  const server: FtpServer = {
    options,
    book,
    expected: expectations(options.expected),
    pace: pace(options.limits.maxBytesPerSecond),
    startedAt: options.clock.now(),
    tls: ftpTls(options),
    refuse: refuser(options, 'ftp'),
    receiptLost: (error) => {
      failure ??= error;
    },
  };
  const sessions = new Map<Socket, RunningSession>();
  const running = new Set<Promise<void>>();
  let port = options.port;
  let stopping: Promise<void> | null = null;

  const turnAway = (socket: Socket, reason: string) => {
    const client = endpoint(socket.remoteAddress, socket.remotePort);
    server.refuse(client, 'connection', reason);
    logFtp(options, { client, local: { ip: address, port } }, { action: 'refuse', code: 421 });
    socket.on('error', () => undefined);
    socket.end(formatReply(421, reason), () => socket.destroy());
    socket.setTimeout(closingMs, () => socket.destroy());
  };
  const listener = createServer((socket) => {
    const from = endpoint(socket.remoteAddress, socket.remotePort);
    const reason = !served(from.ip)
      ? 'This address is not served'
      : stopping !== null
        ? 'The sink is stopping'
        : sessions.size >= options.limits.maxConnections
          ? 'Too many connections'
          : null;
    if (reason !== null) {
      turnAway(socket, reason);
      return;
    }
    const session = serveSession(socket, server);
    sessions.set(socket, session);
    const done = session.done.catch(server.receiptLost).finally(() => {
      sessions.delete(socket);
      running.delete(done);
    });
    running.add(done);
  });

  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    for (const session of sessions.values()) session.close('The sink is stopping');
    const impatient = setTimeout(() => {
      for (const socket of sessions.keys()) socket.destroy();
    }, closingMs);
    await Promise.all(running);
    clearTimeout(impatient);
    await closed;
    book.close();
    if (failure !== null) {
      throw new LabError({
        code: 'receipt-not-written',
        message: `sink ${options.id}: a receipt could not be written: ${messageOf(failure)}`,
        cause: failure,
      });
    }
  };

  return {
    protocol: 'ftp',
    start: () =>
      new Promise((resolve, reject) => {
        const failed = (error: Error) =>
          reject(bindFailure(error, { sink: options.id, transport: 'TCP', address, port }));
        listener.once('error', failed);
        listener.listen({ host: address, port, exclusive: true }, () => {
          listener.off('error', failed);
          listener.on('error', () => undefined);
          ({ port } = listener.address() as AddressInfo);
          resolve({ ip: address, port });
        });
      }),
    stop: () => (stopping ??= stop()),
    receipts: () => book.receipts(),
    describe: () => ({ id: options.id, software: 'Dyetrace FTP sink', address, port }),
  };
}
