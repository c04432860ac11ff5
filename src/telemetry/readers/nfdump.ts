import type { JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';
import { nfdumpShape } from '../netflow/nfdump.js';

const isFlow = (record: JsonObject): boolean =>
  typeof record['type'] === 'string' &&
  'in_bytes' in record &&
  'proto' in record &&
  ('first' in record || 't_first' in record);

/** NetFlow, IPFIX and sFlow through `nfdump -o json`. */
export const nfdump = jsonReader(nfdumpShape, isFlow);
