import { below, type JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';
import { splunkShape } from '../windows/splunk.js';

function isResult(record: JsonObject): boolean {
  const result = below(record, 'result');
  return '_raw' in result || ('_time' in result && ('EventCode' in result || 'EventID' in result));
}

/** Windows events in Splunk's export of search results as JSON. */
export const splunk = jsonReader(splunkShape, isResult);
