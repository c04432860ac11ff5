import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';

/** ECS documents: the field's name is its path, nested or with dots in the key. */
export const ecsPaths: JsonShape['paths'] = (name) => [name.split('.'), [name]];

/** Columns that stand in an ECS document under their own name. */
export const ecsCommon = (field: Field) => ({
  'event.ingested': `utc(${field('event.ingested')})`,
  '@timestamp': `utc(${field('@timestamp')})`,
  'source.ip': `ip(${field('source.ip')})`,
  'source.port': `port(${field('source.port')})`,
  'destination.ip': `ip(${field('destination.ip')})`,
  'destination.port': `port(${field('destination.port')})`,
  'network.transport': `transport(${field('network.transport')})`,
});
