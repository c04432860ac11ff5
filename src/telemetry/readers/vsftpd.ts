import { syslogReader } from '../text/products.js';
import { vsftpdFormat } from '../text/vsftpd.js';

/** vsftpd's own log. */
export const vsftpd = syslogReader(vsftpdFormat);
