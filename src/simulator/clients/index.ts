export type { ClientHost } from './meter.js';
export {
  FtpFailure,
  openPassiveFtp,
  passiveFtp,
  type FtpFile,
  type FtpLogin,
  type FtpRequest,
  type PassiveFtp,
} from './ftp/passive.js';
export { ftpManners, type FtpManner } from './ftp/manners.js';
export { CertificateRefused, pinnedCertificate, publicKeyPin, type FtpTls } from './ftp/tls.js';
export { activeFtp, type ActiveFtp } from './ftp/active.js';
export { tftpTransfer, type TftpRequest } from './tftp/client.js';
export { TftpFailure } from './tftp/conversation.js';
export { redirector, type Redirector, type ShareCredentials } from './smb/redirector.js';
export { parseUnc, shareOf, type Unc } from './smb/unc.js';
