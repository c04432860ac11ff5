import { lineReader } from '../text/products.js';
import { filezillaFormat } from '../text/filezilla.js';

/** FileZilla Server's log, 0.9 and 1.x. */
export const filezilla = lineReader(filezillaFormat);
