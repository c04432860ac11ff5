import { below, share, type JsonObject } from '../input/objects.js';
import { readJson } from '../json/read-json.js';
import type { Reader } from '../types.js';
import { eventObjectShape } from '../windows/nested.js';

function isEvent(record: JsonObject): boolean {
  const { body } = record;
  if (typeof body === 'string') return body.trimStart().startsWith('{"Event":') && body.includes('"System"');
  return 'EventID' in below(record, 'Event', 'System');
}

/** Windows events whose XML was turned into JSON: `Event.System`, and EventData as a list or an object. */
export const windowsEventJson: Reader = {
  sniff: ({ text }) => share(text, isEvent),
  read: (input, store) => readJson(input, store, eventObjectShape),
};
