import { sinkLogShape } from '../ecs/sink-log.js';
import { below, share } from '../input/objects.js';
import { readJson } from '../json/read-json.js';
import type { Reader } from '../types.js';

/** The sinks' own log, as ECS documents. */
export const sinkLog: Reader = {
  sniff: ({ text }) => share(text, (record) => below(record, 'event')['module'] === 'dyetrace_sink'),
  read: (input, store) => readJson(input, store, sinkLogShape),
};
