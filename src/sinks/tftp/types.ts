import type { Endpoint } from '../../core/index.js';
import type { ContentFault, ContentMeter } from '../content-meter.js';
import type { Pace } from '../pace.js';
import type { ExpectedTransfer } from '../types.js';
import type { TftpTerms } from './options.js';
import type { TftpPacket, TftpRequest } from './packet.js';
import type { TransferSocket } from './transfer-socket.js';

/** How the content of a transfer ended. */
export type TftpEnding =
  | { readonly kind: 'complete' }
  | { readonly kind: 'refused'; readonly fault: ContentFault }
  | { readonly kind: 'broken'; readonly reason: string };

export interface ExchangeOptions {
  readonly socket: Pick<TransferSocket, 'send'>;
  readonly terms: TftpTerms;
  readonly netascii: boolean;
  readonly meter: ContentMeter;
  readonly pace: Pace;
  /** The exchange is over, once. `last` is the packet that tells the client, where there is one; whoever is told sends it. */
  readonly ended: (ending: TftpEnding, last: TftpPacket | null) => void;
}

/** One direction of TFTP: it acts on the client's packets and on time. */
export interface Exchange {
  /** Sends the first packet. */
  start(): void;
  /** Acts on a packet of the client's; null is no TFTP. */
  packet(packet: TftpPacket | null): void;
  /** Ends it from this side. */
  abort(reason: string): void;
}

export interface AdmittedRequest {
  readonly client: Endpoint;
  readonly request: TftpRequest;
  readonly expected: ExpectedTransfer;
  readonly terms: TftpTerms;
  /** Bytes of the request's datagram. */
  readonly bytes: number;
}
