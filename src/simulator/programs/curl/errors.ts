import { messageOf } from '../../../core/index.js';
import { CertificateRefused, FtpFailure, TftpFailure } from '../../clients/index.js';

/** curl's exit codes (curl.1, EXIT CODES). */
export class CurlError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A certificate that curl refuses: 60 for its issuer, 90 for its key. */
export class CurlCertificateRefused extends CertificateRefused {
  readonly code: 60 | 90;

  constructor(code: 60 | 90, message: string) {
    super(message);
    this.code = code;
  }
}

function ofTls(error: FtpFailure): CurlError {
  if (error.code !== null) return new CurlError(64, 'Requested SSL level failed');
  const { cause } = error;
  return cause instanceof CurlCertificateRefused
    ? new CurlError(cause.code, cause.message)
    : new CurlError(
        35,
        `schannel: failed to receive handshake, SSL/TLS connection failed (${error.message})`,
      );
}

/** A reply after the data: the file is not what was sent. 552 means that the server has no room. */
function ofUpload(code: number | null, text: string): CurlError {
  if (code === 552) return new CurlError(70, `Failed FTP upload: ${code}`);
  if (code === null || code === 426 || code === 451 || code === 551) {
    return new CurlError(code === null ? 55 : 18, `server did not report OK, got ${code ?? text}`);
  }
  return new CurlError(25, `Failed FTP upload: ${code}`);
}

function ofFtp(error: FtpFailure, upload: boolean): CurlError {
  const { code, message } = error;
  switch (error.stage) {
    case 'connect':
      return code === null
        ? new CurlError(7, message)
        : new CurlError(8, `Got a ${code} ftp-server response when 220 was expected`);
    case 'tls':
      return ofTls(error);
    case 'login':
      return code === null ? new CurlError(56, message) : new CurlError(67, `Access denied: ${code}`);
    case 'directory':
      return new CurlError(9, 'Server denied you to change to the given directory');
    case 'data':
      return code === null ? new CurlError(7, message) : new CurlError(13, `Bad PASV/EPSV response: ${code}`);
    case 'transfer':
      if (upload) return ofUpload(code, message);
      return code === 550 ? new CurlError(78, 'The file does not exist') : new CurlError(18, message);
  }
}

/** TFTP's error codes (RFC 1350) in curl's. */
const tftpCodes: Readonly<Record<number, number>> = { 1: 68, 2: 69, 3: 70, 4: 71, 5: 72, 6: 73, 7: 74 };

/** What curl makes of a failure. */
export function asCurlError(error: unknown, upload: boolean): CurlError {
  if (error instanceof CurlError) return error;
  if (error instanceof FtpFailure) return ofFtp(error, upload);
  if (error instanceof TftpFailure) {
    return new CurlError(error.code === null ? 28 : (tftpCodes[error.code] ?? 71), error.message);
  }
  return new CurlError(7, messageOf(error));
}
