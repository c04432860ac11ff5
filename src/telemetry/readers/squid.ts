import { lineReader } from '../text/products.js';
import { squidFormat } from '../text/squid.js';

/** Squid's access.log. */
export const squid = lineReader(squidFormat);
