import { createHash, X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { FTPError, type Client } from 'basic-ftp';

/** Explicit TLS as a client asks for it. */
export interface FtpTls {
  /** `AUTH` arguments in the order in which they are tried. */
  readonly auth: readonly string[];
  /** Looks at the server's certificate. @returns why it is refused, null where it is not */
  readonly refuses: (certificate: X509Certificate) => string | null;
}

/** The server's certificate, or its key, is not the one that was expected. */
export class CertificateRefused extends Error {
  override readonly name = 'CertificateRefused';
}

/** @param sha256 of the certificate's DER, in hex; colons and case do not matter */
export function pinnedCertificate(sha256: string): FtpTls['refuses'] {
  const wanted = sha256.replaceAll(':', '').toLowerCase();
  return (certificate) =>
    createHash('sha256').update(certificate.raw).digest('hex') === wanted
      ? null
      : 'The remote certificate is not the pinned one.';
}

/** curl's `--pinnedpubkey`: `sha256//` and the base64 of the SubjectPublicKeyInfo's hash, several divided by semicolons. */
export function publicKeyPin(certificate: X509Certificate): string {
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256//${createHash('sha256').update(key).digest('base64')}`;
}

/**
 * AUTH (RFC 4217), then TLS on the control connection; data connections have to show the same certificate.
 * @throws FTPError where every AUTH is refused, CertificateRefused, or what TLS failed with
 */
export async function startTls(client: Client, tls: FtpTls): Promise<void> {
  const [first = 'TLS', ...others] = tls.auth;
  // Self-signed by design: what is checked is the pin, below.
  const unchecked = { rejectUnauthorized: false };
  try {
    await client.useTLS(unchecked, `AUTH ${first}`);
  } catch (error) {
    if (!(error instanceof FTPError) || others.length === 0) throw error;
    return startTls(client, { ...tls, auth: others });
  }
  const { socket } = client.ftp;
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  const reason = certificate === undefined ? 'The server showed no certificate.' : tls.refuses(certificate);
  if (certificate === undefined || reason !== null) throw new CertificateRefused(reason ?? '');
  client.ftp.tlsOptions = {
    ca: [certificate.toString()],
    checkServerIdentity: () => undefined,
  };
}
