export type { ClientHost } from './meter.js';
export { passiveFtp, ftpManners, FtpFailure, type FtpManner, type FtpRequest } from './ftp/passive.js';
export { activeFtp, type ActiveFtp } from './ftp/active.js';
export { tftpTransfer, type TftpRequest } from './tftp/client.js';
export { TftpFailure } from './tftp/conversation.js';
export { redirector, type Redirector, type ShareCredentials } from './smb/redirector.js';
export { parseUnc, shareOf, type Unc } from './smb/unc.js';
