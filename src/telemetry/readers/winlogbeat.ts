import { jsonReader } from '../json/json-reader.js';
import { below } from '../input/objects.js';
import { winlogbeatShape } from '../windows/winlogbeat.js';

/** Windows events as Winlogbeat and Elastic Agent ship them. */
export const winlogbeat = jsonReader(
  winlogbeatShape,
  (record) => Object.keys(below(record, 'winlog')).length > 0,
);
