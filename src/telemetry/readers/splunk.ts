import { below, share, type JsonObject } from '../input/objects.js';
import { readJson } from '../json/read-json.js';
import type { Reader } from '../types.js';
import { splunkShape } from '../windows/splunk.js';

function isResult(record: JsonObject): boolean {
  const result = below(record, 'result');
  return '_raw' in result || ('_time' in result && ('EventCode' in result || 'EventID' in result));
}

/** Windows events in Splunk's export of search results as JSON. */
export const splunk: Reader = {
  sniff: ({ text }) => share(text, isResult),
  read: (input, store) => readJson(input, store, splunkShape),
};
