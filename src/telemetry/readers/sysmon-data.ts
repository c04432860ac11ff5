import { share, type JsonObject } from '../input/objects.js';
import { readJson } from '../json/read-json.js';
import type { Reader } from '../types.js';
import { sysmonDataShape } from '../windows/flat.js';

const isSysmon = (record: JsonObject): boolean =>
  'UtcTime' in record && 'ProcessGuid' in record && !('EventID' in record) && !('winlog' in record);

/** Sysmon's event data without the event around it. */
export const sysmonData: Reader = {
  sniff: ({ text }) => share(text, isSysmon),
  read: (input, store) => readJson(input, store, sysmonDataShape),
};
