import { below, type JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';
import { eventObjectShape } from '../windows/nested.js';

function isEvent(record: JsonObject): boolean {
  const { body } = record;
  if (typeof body === 'string') return body.trimStart().startsWith('{"Event":') && body.includes('"System"');
  return 'EventID' in below(record, 'Event', 'System');
}

/** Windows events whose XML was turned into JSON: `Event.System`, and EventData as a list or an object. */
export const windowsEventJson = jsonReader(eventObjectShape, isEvent);
