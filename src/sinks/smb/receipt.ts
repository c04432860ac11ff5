import { rfc3339, type Endpoint } from '../../core/index.js';
import type { Receipt } from '../types.js';

/** A transfer over one connection, as far as the front and smbd's log tell. */
export interface Transfer {
  readonly id: string;
  readonly sink: string;
  readonly executionId: string | null;
  readonly direction: 'upload' | 'download';
  readonly fileName: string;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly bytesFromClient: number;
  readonly bytesToClient: number;
  readonly size: number;
  readonly sha256: string;
  readonly error: string | null;
  /** ms since the epoch. */
  readonly firstByteAt: number | null;
  readonly lastByteAt: number | null;
}

const time = (at: number | null) => (at === null ? null : rfc3339(at));

/**
 * The receipt of a transfer. `firstByteAt` and `lastByteAt` come from the front, which cannot look into an encrypted session.
 * Upload: the first payload from the client after its CREATE was granted, and the last one before smbd logged its last write.
 * Download: the first and the last payload passed to the client between smbd's first read and the CLOSE.
 * They enclose the content to within one message.
 */
export function smbReceipt(transfer: Transfer): Receipt {
  return {
    id: transfer.id,
    protocol: 'smb',
    sink: transfer.sink,
    executionId: transfer.executionId,
    direction: transfer.direction,
    command: 'CREATE',
    sockets: [
      {
        role: 'data',
        transport: 'tcp',
        source: transfer.client,
        destination: transfer.server,
        openedBy: 'client',
        bytesFromClient: transfer.bytesFromClient,
        bytesToClient: transfer.bytesToClient,
      },
    ],
    fileName: transfer.fileName,
    size: transfer.size,
    sha256: transfer.sha256,
    complete: transfer.error === null,
    error: transfer.error,
    firstByteAt: time(transfer.firstByteAt),
    lastByteAt: time(transfer.lastByteAt),
  };
}

/**
 * The gateway log's line for a transfer, in ECS: what Samba's full_audit and a metering gateway tell together.
 * @param at end of the transfer, ms since the epoch
 */
export function smbLogRecord(
  transfer: Transfer,
  at: number,
  account: { readonly user: string; readonly share: string },
): Readonly<Record<string, unknown>> {
  return {
    '@timestamp': rfc3339(at),
    event: {
      module: 'dyetrace_sink',
      dataset: 'dyetrace_sink.smb',
      action: transfer.direction === 'upload' ? 'write' : 'read',
      outcome: transfer.error === null ? 'success' : 'failure',
    },
    observer: { type: 'server', name: transfer.sink },
    source: { ...transfer.client },
    destination: { ...transfer.server },
    network: { protocol: 'smb', transport: 'tcp' },
    file: {
      name: transfer.fileName,
      path: `\\\\${transfer.server.ip}\\${account.share}\\${transfer.fileName}`,
      size: transfer.size,
      hash: { sha256: transfer.sha256 },
    },
    user: { name: account.user },
    smb: { share: account.share, command: 'CREATE' },
  };
}
