import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import type { Socket } from 'node:net';
import { InputError, messageOf } from '../../core/index.js';
import type { SinkOptions } from '../types.js';

/** TLS for the two kinds of connection of one FTP sink. */
export interface FtpTls {
  readonly control: SecureContext;
  readonly data: SecureContext;
}

/**
 * Data connections stay at TLS 1.2: with 1.3 the server sends session tickets after the handshake, and a client that only sends and
 * closes without reading them (FtpWebRequest) resets the connection, and what it had not sent yet is lost.
 * @throws InputError where certificate and key are not a pair
 */
export function ftpTls({ id, tls }: Pick<SinkOptions, 'id' | 'tls'>): FtpTls | null {
  if (tls === undefined) return null;
  const settings = { cert: tls.certificate, key: tls.key.reveal(), minVersion: 'TLSv1.2' } as const;
  try {
    return {
      control: createSecureContext(settings),
      data: createSecureContext({ ...settings, maxVersion: 'TLSv1.2' }),
    };
  } catch (error) {
    throw new InputError({
      code: 'sink-certificate-invalid',
      message: `sink ${id}: the TLS certificate or its key cannot be used: ${messageOf(error)}`,
      remedy: 'give a certificate and its private key as PEM files in lab.yaml, or leave tls out',
    });
  }
}

/** Why TLS failed, in a few words: OpenSSL's own message has file names and line breaks, which no reply may have. */
export function tlsReason(error: Error): string {
  if ('reason' in error && typeof error.reason === 'string') return error.reason;
  return error.message.split('\n')[0] ?? '';
}

/** Takes over a connected socket as TLS server. Its bytes are counted on `raw` still: records, not what they hold. */
export function tlsServer(raw: Socket, secureContext: SecureContext): TLSSocket {
  return new TLSSocket(raw, { isServer: true, secureContext });
}

/** TLS on a data connection. @throws Error where the client does not agree */
export function secured(raw: Socket, context: SecureContext, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const stream = tlsServer(raw, context);
    const failed = (error: Error): void => {
      signal.removeEventListener('abort', aborted);
      stream.destroy();
      reject(error);
    };
    const aborted = (): void => failed(new Error(messageOf(signal.reason)));
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    stream.on('error', (error: Error) =>
      failed(new Error(`no TLS on the data connection: ${tlsReason(error)}`)),
    );
    stream.once('close', () => failed(new Error('the data connection closed before TLS was agreed on')));
    stream.once('secure', () => {
      signal.removeEventListener('abort', aborted);
      stream.removeAllListeners('close');
      resolve(stream);
    });
  });
}

/** Resolves when an encrypted data connection has closed beneath its stream: its counts are final then. */
export async function gone(raw: Socket, stream: Socket): Promise<void> {
  if (stream === raw || raw.closed) return;
  await new Promise<void>((resolve) => {
    raw.once('close', resolve);
    raw.destroy();
  });
}

/** Bytes of one short reply on the wire: TLS adds header, tag and, up to 1.2, a nonce (RFC 8446 5.2, RFC 5288). */
export function recordBytes(stream: Socket, plain: number): number {
  if (!(stream instanceof TLSSocket)) return plain;
  const header = 5;
  const tag = 16;
  return plain + header + tag + (stream.getProtocol() === 'TLSv1.3' ? 1 : 8);
}
