import { alertShape } from '../ecs/alert.js';
import { below, share } from '../input/objects.js';
import { readJson } from '../json/read-json.js';
import type { Reader } from '../types.js';

/** Alerts of a SIEM, as ECS documents. */
export const ecsAlert: Reader = {
  sniff: ({ text }) =>
    share(
      text,
      (record) => below(record, 'event')['kind'] === 'alert' && Object.keys(below(record, 'rule')).length > 0,
    ),
  read: (input, store) => readJson(input, store, alertShape),
};
