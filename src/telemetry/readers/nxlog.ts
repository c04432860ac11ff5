import type { JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';
import { nxlogShape } from '../windows/flat.js';

const isFlat = (record: JsonObject): boolean =>
  'EventID' in record && 'Hostname' in record && ('SourceName' in record || 'Channel' in record);

/** Windows events as NXLog's im_msvistalog writes them in JSON. */
export const nxlog = jsonReader(nxlogShape, isFlat);
