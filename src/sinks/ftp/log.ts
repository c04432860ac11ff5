import type { Endpoint } from '../../core/index.js';
import { gatewayRecord, type GatewayEvent } from '../gateway-log.js';
import type { SinkOptions } from '../types.js';
import type { Answer, FtpSession } from './types.js';

export interface FtpLogEntry {
  readonly action: 'write' | 'read' | 'login' | 'refuse';
  /** Absent where a connection was refused before any command. */
  readonly command?: string;
  readonly code: number;
  readonly file?: NonNullable<GatewayEvent['file']>;
}

/** Writes one line of the server's own log. Replies of 400 and above are failures (RFC 959 §4.2.1). */
export function logFtp(
  options: SinkOptions,
  peers: { readonly client: Endpoint; readonly local: Endpoint; readonly user?: string | null },
  entry: FtpLogEntry,
): void {
  options.onLog(
    gatewayRecord({
      at: options.clock.now(),
      sink: options.id,
      protocol: 'ftp',
      transport: 'tcp',
      action: entry.action,
      outcome: entry.code < 400 ? 'success' : 'failure',
      client: peers.client,
      server: peers.local,
      user: peers.user ?? null,
      ...(entry.file === undefined ? {} : { file: entry.file }),
      details: { ...(entry.command === undefined ? {} : { command: entry.command }), reply_code: entry.code },
    }),
  );
}

/** Notes a command that is turned away, and logs it. `what` stands in the refusal. */
export function turnAway(
  session: FtpSession,
  entry: FtpLogEntry & { readonly command: string },
  what: string,
  reason: string,
): Answer {
  session.server.refuse(session.client, what, reason);
  logFtp(session.server.options, session, entry);
  return [entry.code, reason];
}
