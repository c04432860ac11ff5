import type { Reader } from '../types.js';
import { cefFormat } from './cef.js';
import { shareOfLines, type LineFormat } from './format.js';
import { leefFormat } from './leef.js';
import { proftpdFormat } from './proftpd.js';
import { readText } from './read-text.js';
import { sambaAuditFormat } from './samba-audit.js';
import { syslogPrefix } from './syslog.js';
import { tftpdFormat } from './tftpd.js';
import { vsftpdFormat } from './vsftpd.js';

/** Lines of other programs in the same file. */
const others: LineFormat = {
  page: 'https://www.rfc-editor.org/rfc/rfc5424',
  forms: [
    {
      pattern: String.raw`${syslogPrefix(String.raw`(?<bsd_program>[^ :\[\]|]+)`, String.raw`(?<sys_program>\S+)`)}.*`,
      kind: (field) =>
        `'syslog ' || lower(left(coalesce(${field('bsd_program')}, ${field('sys_program')}, 'unknown'), 60))`,
    },
  ],
  mappings: [],
};

/** Whatever may stand in one file of syslog: a file is found by one product's lines, and read for all of them. */
const syslogFormats = [
  vsftpdFormat,
  proftpdFormat,
  sambaAuditFormat,
  tftpdFormat,
  cefFormat,
  leefFormat,
  others,
];

/** A reader of a product whose lines may come by syslog. */
export const syslogReader = (format: LineFormat): Reader => ({
  sniff: (sample) => shareOfLines(sample, format.forms),
  read: (input, store) => readText(input, store, syslogFormats),
});

/** A reader of a log that is a file of its own. */
export const lineReader = (format: LineFormat): Reader => ({
  sniff: (sample) => shareOfLines(sample, format.forms),
  read: (input, store) => readText(input, store, [format]),
});
