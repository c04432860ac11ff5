import type { JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';
import { sentinelShape } from '../windows/nested.js';

const isRow = (record: JsonObject): boolean =>
  'EventID' in record && 'TimeGenerated' in record && 'Computer' in record;

/** Rows of Microsoft Sentinel's SecurityEvent, Event and WindowsEvent tables. */
export const sentinel = jsonReader(sentinelShape, isRow);
