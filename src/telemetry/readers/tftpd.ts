import { syslogReader } from '../text/products.js';
import { tftpdFormat } from '../text/tftpd.js';

/** tftpd-hpa, by syslog. */
export const tftpd = syslogReader(tftpdFormat);
