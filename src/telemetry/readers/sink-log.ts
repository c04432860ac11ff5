import { sinkLogShape } from '../ecs/sink-log.js';
import { below } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';

/** The sinks' own log, as ECS documents. */
export const sinkLog = jsonReader(
  sinkLogShape,
  (record) => below(record, 'event')['module'] === 'dyetrace_sink',
);
