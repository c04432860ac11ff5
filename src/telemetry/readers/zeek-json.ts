import { jsonReader } from '../json/json-reader.js';
import type { JsonObject } from '../input/objects.js';
import { zeekJsonShape } from '../zeek/json.js';

/** Every log that bears on a connection or a file names one by an id in Zeek's form. */
function isZeek(record: JsonObject): boolean {
  const id = record['uid'] ?? record['fuid'];
  return (
    typeof id === 'string' && /^[CF][0-9A-Za-z]{8,24}$/.test(id) && ('ts' in record || '@timestamp' in record)
  );
}

/** Zeek's logs in JSON, one log per file or several in one. */
export const zeekJson = jsonReader(zeekJsonShape, isZeek);
