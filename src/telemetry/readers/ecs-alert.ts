import { alertShape } from '../ecs/alert.js';
import { below } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';

/** Alerts of a SIEM, as ECS documents. */
export const ecsAlert = jsonReader(
  alertShape,
  (record) => below(record, 'event')['kind'] === 'alert' && Object.keys(below(record, 'rule')).length > 0,
);
