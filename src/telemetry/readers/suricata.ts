import { share, type JsonObject } from '../input/objects.js';
import { readJson } from '../json/read-json.js';
import { suricataShape } from '../suricata/shape.js';
import type { Reader } from '../types.js';

const isEve = (record: JsonObject): boolean =>
  typeof record['event_type'] === 'string' && ('flow_id' in record || record['event_type'] === 'stats');

/** Suricata's EVE log, all event types in one file or not. */
export const suricata: Reader = {
  sniff: ({ text }) => share(text, isEve),
  read: (input, store) => readJson(input, store, suricataShape),
};
