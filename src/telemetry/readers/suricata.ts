import type { JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';
import { suricataShape } from '../suricata/shape.js';

const isEve = (record: JsonObject): boolean =>
  typeof record['event_type'] === 'string' && ('flow_id' in record || record['event_type'] === 'stats');

/** Suricata's EVE log, all event types in one file or not. */
export const suricata = jsonReader(suricataShape, isEve);
