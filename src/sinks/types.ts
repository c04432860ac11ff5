import { z } from 'zod';
import { protocols } from '../config/index.js';
import type { Clock, Endpoint, Secret } from '../core/index.js';

const time = z.iso.datetime();
const endpointSchema = z.strictObject({ ip: z.string(), port: z.int() });

/** One socket of a transfer, as the sink's own operating system knew it. Bytes are transport payload. */
export const socketRecordSchema = z.strictObject({
  /** FTP: control and data. TFTP: request (to the well-known port) and transfer. SMB: data. */
  role: z.enum(['control', 'data', 'request', 'transfer']),
  transport: z.enum(['tcp', 'udp']),
  /** Who sent the first packet: for active FTP and for TFTP's transfer it is the sink. */
  source: endpointSchema,
  destination: endpointSchema,
  openedBy: z.enum(['client', 'sink']),
  bytesFromClient: z.int(),
  bytesToClient: z.int(),
});
export type SocketRecord = z.infer<typeof socketRecordSchema>;

/** Ground truth: the sink's own record of one transfer, complete or broken. */
export const receiptSchema = z.strictObject({
  id: z.string(),
  protocol: z.enum(protocols),
  sink: z.string(),
  /** From the tracer's header, else from its name; null where neither tells. */
  executionId: z.string().nullable(),
  /** Seen from the monitored host: an upload leaves it. */
  direction: z.enum(['upload', 'download']),
  /** The protocol's own verb: STOR, STOU, APPE, RETR, WRQ, RRQ, CREATE. */
  command: z.string(),
  /** Transfers of one FTP session share its control connection: a sum over receipts counts each 5-tuple once. */
  sockets: z.array(socketRecordSchema),
  fileName: z.string(),
  /** Bytes of file content that arrived (upload) or left (download). */
  size: z.int(),
  sha256: z.string(),
  complete: z.boolean(),
  /** Why it broke; null where it is complete. */
  error: z.string().nullable(),
  /** Of file content; null where none moved. */
  firstByteAt: time.nullable(),
  lastByteAt: time.nullable(),
});
export type Receipt = z.infer<typeof receiptSchema>;

/** What a sink turned away, in the protocol's own way. */
export const refusalSchema = z.strictObject({
  sink: z.string(),
  protocol: z.enum(protocols),
  at: time,
  client: endpointSchema,
  what: z.string(),
  reason: z.string(),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** A transfer that the plan names: the only thing that a sink lets through. */
export interface ExpectedTransfer {
  readonly executionId: string;
  readonly direction: 'upload' | 'download';
  readonly fileName: string;
  /** Exact size of the tracer in bytes: more is refused. */
  readonly size: number;
  /** How often it may be transferred; broken attempts count. */
  readonly times: number;
  /** Downloads: content of the file that is served, from the start; called anew for each transfer. */
  readonly content?: () => AsyncIterable<Buffer>;
  /** STOU lets the server name the file: any name is taken whose content is this execution's tracer. */
  readonly serverNames?: boolean;
}

export interface SinkLimits {
  readonly maxConnections: number;
  /** Longest command line in bytes. */
  readonly maxLineBytes: number;
  readonly idleTimeoutMs: number;
  /** Disk that a sink may use for received files, in bytes. */
  readonly maxDiskBytes: number;
  /** Rate at which data is taken, in bytes per second. */
  readonly maxBytesPerSecond?: number;
}

export const defaultSinkLimits: SinkLimits = {
  maxConnections: 64,
  maxLineBytes: 2048,
  idleTimeoutMs: 30_000,
  maxDiskBytes: 2 ** 31,
};

export interface SinkOptions {
  readonly id: string;
  /** Bound exactly; a wildcard is an error. Port 0 takes a free one. */
  readonly address: string;
  readonly port: number;
  readonly passivePorts?: readonly [number, number];
  /** Clients that may talk to the sink; anybody else is refused. */
  readonly clients: readonly string[];
  /** FTP and SMB: the account of this run. A nonce for FTP; for SMB the password is a secret. */
  readonly account: { readonly user: string; readonly password: string };
  readonly share: string;
  /** FTP: certificate and private key (PEM) for AUTH TLS (RFC 4217); absent: the sink knows no AUTH. Plain FTP is taken as well. */
  readonly tls?: { readonly certificate: string; readonly key: Secret };
  /** SMB: only encrypted sessions are served. */
  readonly encrypt?: 'required';
  readonly expected: readonly ExpectedTransfer[];
  readonly limits: SinkLimits;
  /** A directory of the sink's own for its state; made and removed by whoever starts the sink. */
  readonly directory: string;
  /**
   * Takes a receipt and resolves when it is on disk: the protocol acknowledges only then, where it allows. A transfer's sockets
   * may carry more bytes after that (FTP: QUIT on the control connection; TFTP: a repeated last block). The receipt counts its own
   * acknowledgement; where more follows, the receipt comes again with the same `id` and final counts: the last line of an id wins.
   */
  readonly onReceipt: (receipt: Receipt) => Promise<void>;
  readonly onRefusal: (refusal: Refusal) => void;
  /** The server's own log, one ECS record each: what a gateway log would hold. */
  readonly onLog: (record: Readonly<Record<string, unknown>>) => void;
  readonly clock: Clock;
}

/** A receiver of transfers. */
export interface Sink {
  readonly protocol: (typeof protocols)[number];
  /** Binds and serves. @returns where it listens. @throws LabError with a remedy where it cannot. */
  start(): Promise<Endpoint>;
  /** Stops, closes what is open (broken transfers get their receipt first) and frees the port. Idempotent. */
  stop(): Promise<void>;
  /** What was received so far, and every further receipt until the sink is stopped; a repeated `id` supersedes (see `onReceipt`). */
  receipts(): AsyncIterable<Receipt>;
  describe(): {
    readonly id: string;
    readonly software: string;
    readonly address: string;
    readonly port: number;
  };
}

/** The makers of sinks, by protocol. */
export type SinkFactory = (options: SinkOptions) => Sink;
