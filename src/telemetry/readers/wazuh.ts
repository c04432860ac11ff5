import { below, share, type JsonObject } from '../input/objects.js';
import { readJson } from '../json/read-json.js';
import type { Reader } from '../types.js';
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
export const wazuh: Reader = {
  sniff: ({ text }) => share(text, isWindowsEvent),
  read: (input, store) => readJson(input, store, wazuhShape),
};
