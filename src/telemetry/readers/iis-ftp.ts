import { iisFtpFormat } from '../text/iis-ftp.js';
import { readW3c, w3cColumns } from '../text/w3c.js';
import { ftpVerbs } from '../text/proftpd.js';
import type { Reader } from '../types.js';

const ftpRow = new RegExp(
  ` (?:\\[\\d+\\])?(?:${ftpVerbs}|ControlChannelOpened|DataChannelOpened|created|sent) `,
);

/** The FTP service's log of Internet Information Services; a web site's has the same columns and other verbs. */
export const iisFtp: Reader = {
  sniff: (sample) => {
    const columns = w3cColumns(sample);
    if (columns === undefined || !columns.includes('cs-method') || columns.includes('cs-version')) return 0;
    return sample.text.split('\n', 2000).some((line) => !line.startsWith('#') && ftpRow.test(line)) ? 1 : 0;
  },
  read: (input, store) => readW3c(input, store, iisFtpFormat),
};
