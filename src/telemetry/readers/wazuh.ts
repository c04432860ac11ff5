import { below, type JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';
import { wazuhShape } from '../windows/wazuh.js';

function isWindowsEvent(record: JsonObject): boolean {
  const { full_log: log } = record;
  return (
    Object.keys(below(record, 'data', 'win', 'system')).length > 0 ||
    Object.keys(below(record, 'win', 'system')).length > 0 ||
    (typeof log === 'string' && log.startsWith('{"win":{'))
  );
}

/** Windows events in Wazuh's alerts.json and archives.json. */
export const wazuh = jsonReader(wazuhShape, isWindowsEvent);
