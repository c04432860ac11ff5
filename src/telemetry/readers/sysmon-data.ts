import type { JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';
import { sysmonDataShape } from '../windows/flat.js';

const isSysmon = (record: JsonObject): boolean =>
  'UtcTime' in record && 'ProcessGuid' in record && !('EventID' in record) && !('winlog' in record);

/** Sysmon's event data without the event around it. */
export const sysmonData = jsonReader(sysmonDataShape, isSysmon);
