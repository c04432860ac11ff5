import { share, type JsonObject } from '../input/objects.js';
import { readJson } from '../json/read-json.js';
import type { Reader } from '../types.js';
import { sentinelShape } from '../windows/nested.js';

const isRow = (record: JsonObject): boolean =>
  'EventID' in record && 'TimeGenerated' in record && 'Computer' in record;

/** Rows of Microsoft Sentinel's SecurityEvent, Event and WindowsEvent tables. */
export const sentinel: Reader = {
  sniff: ({ text }) => share(text, isRow),
  read: (input, store) => readJson(input, store, sentinelShape),
};
