import { lineReader } from '../text/products.js';
import { xferlogFormat } from '../text/xferlog.js';

/** The log of transfers that most FTP servers can write. */
export const xferlog = lineReader(xferlogFormat);
