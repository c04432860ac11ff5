import type { Socket } from 'node:net';
import type { Endpoint } from '../../core/index.js';
import type { Expectations } from '../expectations.js';
import type { Pace } from '../pace.js';
import type { ReceiptBook } from '../receipt-book.js';
import type { Receipt, SinkOptions } from '../types.js';
import type { DataChannel } from './data-channel.js';
import type { FtpTls } from './tls.js';

/** What the sessions of one FTP sink share. */
export interface FtpServer {
  readonly options: SinkOptions;
  readonly book: ReceiptBook;
  readonly expected: Expectations;
  readonly pace: Pace;
  readonly startedAt: number;
  /** What AUTH TLS needs; null where the sink offers none. */
  readonly tls: FtpTls | null;
  readonly refuse: (client: Endpoint, what: string, reason: string) => void;
  /** A receipt could not be written: the ground truth is not whole, and stopping the sink says so. */
  readonly receiptLost: (error: unknown) => void;
}

/** One control connection and what was agreed on it. */
export interface FtpSession {
  readonly server: FtpServer;
  /** The socket of the control connection, whose bytes are counted. What is said goes over TLS once that is agreed on. */
  readonly control: Socket;
  readonly encrypted: boolean;
  /** PBSZ was sent; PROT P: data connections are encrypted as well. */
  bufferAgreed: boolean;
  privateData: boolean;
  readonly client: Endpoint;
  readonly local: Endpoint;
  user: string | null;
  loggedIn: boolean;
  failedLogins: number;
  /** EPSV ALL was sent: no other way to a data connection any more (RFC 2428 §4). */
  epsvOnly: boolean;
  channel: DataChannel | null;
  /** Ends the transfer that is under way, if any, for the reason given. */
  abortTransfer: ((reason: string) => void) | null;
  /** The control connection has gone while data may still be on its way. */
  controlLost: (() => void) | null;
  /** Receipts of this session, to be repeated with final counts. */
  readonly receipts: Receipt[];
  reply(code: number, text: string | readonly string[]): void;
  /** Bytes that a reply takes on the wire. */
  wireBytes(reply: string): number;
  /** Replies, and goes on over TLS; what was agreed on in the clear is forgotten. */
  secure(code: number, text: string): void;
  /** Ends the session after a reply. */
  end(code: number, text: string): void;
}

/** A reply still to be sent: its code and text; null where the handler has replied. */
export type Answer = readonly [code: number, text: string | readonly string[]] | null;

/** Acts on a command. */
export type Handler = (session: FtpSession, argument: string) => Answer | Promise<Answer>;

/** The reply as it goes over the wire (RFC 959 §4.2); lines of a list become a multi-line reply. */
export function formatReply(code: number, text: string | readonly string[]): string {
  if (typeof text === 'string') return `${code} ${text}\r\n`;
  const [first = '', ...rest] = text;
  const last = rest.pop() ?? '';
  return [`${code}-${first}`, ...rest.map((line) => ` ${line}`), `${code} ${last}`, ''].join('\r\n');
}
