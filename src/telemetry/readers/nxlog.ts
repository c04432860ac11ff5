import { share, type JsonObject } from '../input/objects.js';
import { readJson } from '../json/read-json.js';
import type { Reader } from '../types.js';
import { nxlogShape } from '../windows/flat.js';

const isFlat = (record: JsonObject): boolean =>
  'EventID' in record && 'Hostname' in record && ('SourceName' in record || 'Channel' in record);

/** Windows events as NXLog's im_msvistalog writes them in JSON. */
export const nxlog: Reader = {
  sniff: ({ text }) => share(text, isFlat),
  read: (input, store) => readJson(input, store, nxlogShape),
};
