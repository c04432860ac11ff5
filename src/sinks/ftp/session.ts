import type { Socket } from 'node:net';
import { messageOf } from '../../core/index.js';
import { endpoint } from '../gate.js';
import { handle } from './commands.js';
import { lineSplitter } from './lines.js';
import { parseCommand } from './parse.js';
import { recordBytes, tlsReason, tlsServer } from './tls.js';
import { settleReceipts } from './transfer.js';
import { formatReply, type FtpServer, type FtpSession } from './types.js';

/** How long an encrypted session's client may take to say goodbye, in milliseconds. */
const lingerMs = 1000;

/** Commands that may wait while one is worked on. */
const maxQueue = 64;

export interface RunningSession {
  /** Resolves when the connection has gone and its receipts are final. */
  readonly done: Promise<void>;
  /** Breaks what is under way and closes, with a last reply. */
  close(reason: string): void;
}

/** @param secured called with the TLS stream that replaces the control connection's own */
function newSession(control: Socket, server: FtpServer, secured: (stream: Socket) => void): FtpSession {
  let stream = control;
  return {
    server,
    control,
    client: endpoint(control.remoteAddress, control.remotePort),
    local: endpoint(control.localAddress, control.localPort),
    get encrypted() {
      return stream !== control;
    },
    bufferAgreed: false,
    privateData: false,
    user: null,
    loggedIn: false,
    failedLogins: 0,
    epsvOnly: false,
    channel: null,
    abortTransfer: null,
    controlLost: null,
    receipts: [],
    wireBytes: (reply) => (reply === '' ? 0 : recordBytes(stream, Buffer.byteLength(reply))),
    reply(code, text) {
      if (stream.writable) stream.write(formatReply(code, text));
    },
    secure(code, text) {
      if (server.tls === null || !control.writable) return;
      control.write(formatReply(code, text));
      stream = tlsServer(control, server.tls.control);
      Object.assign(this, { user: null, loggedIn: false, epsvOnly: false });
      secured(stream);
    },
    end(code, text) {
      // What the client still sends is not read: no command after the last reply.
      if (!stream.writable) return;
      if (stream === control) stream.end(formatReply(code, text), () => stream.destroySoon());
      else {
        // TLS: the client's own closing alert is payload as well, and has to be read to be counted.
        stream.end(formatReply(code, text));
        stream.resume();
        const timer = setTimeout(() => control.destroy(), lingerMs);
        control.once('close', () => clearTimeout(timer));
      }
    },
  };
}

/** A client that does not read its replies gets no further command done, so that they do not pile up here. */
function drained(stream: Socket): Promise<void> {
  if (!stream.writableNeedDrain || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('drain', resolve);
    stream.once('close', resolve);
  });
}

/** Serves one control connection (RFC 959). The client's address has been checked. */
export function serveSession(control: Socket, server: FtpServer): RunningSession {
  const { limits } = server.options;
  let stream = control;
  let splitter = lineSplitter(limits.maxLineBytes);
  const queue: string[] = [];
  let working: Promise<void> | null = null;
  const session = newSession(control, server, (encrypted) => {
    // What stood behind AUTH in the clear may be another's: it is not acted on (CVE-2011-0411 and its like).
    queue.length = 0;
    splitter = lineSplitter(limits.maxLineBytes);
    control.off('data', take);
    control.setTimeout(0);
    stream = encrypted;
    stream.on('error', (error) => {
      server.refuse(session.client, 'TLS', tlsReason(error));
      control.destroy();
    });
    attach();
  });

  const work = async (): Promise<void> => {
    for (let line = queue.shift(); line !== undefined && stream.writable; line = queue.shift()) {
      try {
        const answer = await handle(session, parseCommand(line));
        if (answer !== null) session.reply(...answer);
      } catch (error) {
        session.end(451, messageOf(error));
      }
      await drained(stream);
    }
    working = null;
  };
  const stop = (code: number, reason: string) => {
    queue.length = 0;
    session.abortTransfer?.(reason);
    // A broken transfer says so first: its receipt counts both replies once the session has ended.
    void Promise.resolve(working).then(() => session.end(code, reason));
  };
  const refuse = (what: string, reason: string) => {
    server.refuse(session.client, what, reason);
    stream.pause();
    stop(421, reason);
  };
  const take = (bytes: Buffer): void => {
    if (!stream.writable) return;
    const lines = splitter.push(bytes);
    if (lines === null) {
      refuse('command', `a line of more than ${limits.maxLineBytes} bytes`);
      return;
    }
    for (const line of lines) {
      if (/^ABOR\b/i.test(line)) session.abortTransfer?.('the client sent ABOR');
      queue.push(line);
    }
    if (queue.length > maxQueue) refuse('command', `more than ${maxQueue} commands are waiting`);
    else if (queue.length > 0) working ??= work();
  };

  const loginTimer = setTimeout(() => {
    if (!session.loggedIn) refuse('login', `not logged in after ${limits.idleTimeoutMs} ms`);
  }, limits.idleTimeoutMs);
  /** Listens where the client speaks: on the socket, or on the TLS stream that took it over. */
  const attach = (): void => {
    const current = stream;
    current.on('data', take);
    current.setTimeout(limits.idleTimeoutMs, () => {
      if (session.abortTransfer === null) stop(421, `No command for ${limits.idleTimeoutMs} ms`);
      // A client that reads nothing never lets the last reply out.
      if (!current.writable) control.destroy();
    });
  };
  attach();
  control.on('error', () => control.destroy());
  const closed = new Promise<void>((resolve) => {
    control.once('close', () => {
      clearTimeout(loginTimer);
      session.controlLost?.();
      resolve();
    });
  });
  session.reply(220, 'Dyetrace FTP sink: harmless test data only');
  return {
    done: closed.then(async () => {
      await working;
      session.channel?.close();
      await settleReceipts(session);
    }),
    close: (reason) => stop(421, reason),
  };
}
