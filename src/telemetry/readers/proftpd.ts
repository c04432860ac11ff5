import { syslogReader } from '../text/products.js';
import { proftpdFormat } from '../text/proftpd.js';

/** ProFTPD's ExtendedLog in its default format. */
export const proftpd = syslogReader(proftpdFormat);
