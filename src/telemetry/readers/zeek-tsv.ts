import type { Reader } from '../types.js';
import { parseHeader } from '../zeek/header.js';
import { readZeekTsv } from '../zeek/tsv.js';

/** Zeek's logs in Zeek's own format, with the header that names the fields. */
export const zeekTsv: Reader = {
  sniff: ({ text }) => (text.startsWith('#') && parseHeader(text.split('\n', 60)) !== undefined ? 1 : 0),
  read: readZeekTsv,
};
