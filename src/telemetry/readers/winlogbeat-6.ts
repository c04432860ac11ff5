import type { JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';
import { winlogbeat6Shape } from '../windows/winlogbeat-6.js';

const isEvent = (record: JsonObject): boolean =>
  'event_id' in record && 'log_name' in record && 'computer_name' in record && !('EventID' in record);

/** Windows events as Winlogbeat 6 and HELK have them. */
export const winlogbeat6 = jsonReader(winlogbeat6Shape, isEvent);
