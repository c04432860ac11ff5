import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Lab } from '../config/index.js';
import { InputError, messageOf } from '../core/index.js';

/** A certificate as clients pin it. */
export interface CertificatePins {
  /** SHA-256 of the certificate (DER), in hexadecimal. */
  readonly sha256: string;
  /** `sha256//` and the base64 of the SHA-256 of the public key (SPKI, DER): curl's --pinnedpubkey. */
  readonly publicKeyPin: string;
}

/** @param pem one certificate */
export function certificatePins(pem: string): CertificatePins {
  const certificate = new X509Certificate(pem);
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return {
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
    publicKeyPin: `sha256//${createHash('sha256').update(publicKey).digest('base64')}`,
  };
}

/** The pins of every sink that offers TLS, by the sink's id. @throws InputError on a file that is no certificate */
export async function sinkCertificates(lab: Pick<Lab, 'sinks'>): Promise<Map<string, CertificatePins>> {
  const pins = new Map<string, CertificatePins>();
  for (const [index, { id, tls }] of lab.sinks.entries()) {
    if (tls === undefined) continue;
    try {
      pins.set(id, certificatePins(await readFile(tls.certificate, 'utf8')));
    } catch (error) {
      throw new InputError({
        code: 'bad-certificate',
        message: `${tls.certificate}: ${messageOf(error)}`,
        where: { path: `sinks[${index}].tls.certificate` },
        remedy: 'name a PEM file with one certificate',
        cause: error,
      });
    }
  }
  return pins;
}
