import { publicKeyPin, type FtpTls } from '../../clients/index.js';
import { CurlCertificateRefused } from './errors.js';
import type { CurlRequest } from './options.js';

/** How curl checks a lab's self-signed certificate: refused without `--insecure`, and its key by `--pinnedpubkey`. */
export function curlTls({ insecure, pins }: CurlRequest): FtpTls {
  return {
    // ftp.c: CURLFTPAUTH_DEFAULT tries SSL first.
    auth: ['SSL', 'TLS'],
    refuses(certificate) {
      if (!insecure) {
        throw new CurlCertificateRefused(
          60,
          'schannel: SEC_E_UNTRUSTED_ROOT (0x80090325) - The certificate chain was issued by an authority that is not trusted.',
        );
      }
      if (pins.length > 0 && !pins.includes(publicKeyPin(certificate))) {
        throw new CurlCertificateRefused(90, 'SSL: public key does not match pinned public key');
      }
      return null;
    },
  };
}
