import type { JsonShape } from '../json/shape.js';
import { mapping } from '../sql/mapping.js';
import { ecsCommon, ecsPaths } from './fields.js';

/** Alerts as ECS documents (`event.kind: alert`), as the embedded SIEM keeps them. */
export const alertShape: JsonShape = {
  paths: ecsPaths,
  kind: (field) => `CASE ${field('event.kind')} WHEN 'alert' THEN 'siem alert' END`,
  identity: (field) => field('event.id'),
  mappings: [
    mapping('alert', ['siem alert'], (field) => ({
      ...ecsCommon(field),
      'rule.id': field('rule.id'),
      'rule.name': field('rule.name'),
      'event.severity': field('event.severity'),
      'host.id': field('host.id'),
      'host.name': field('host.name'),
      'process.entity_id': `guid(${field('process.entity_id')})`,
      'process.pid': `whole(${field('process.pid')})`,
      'process.executable': field('process.executable'),
      'process.command_line': field('process.command_line'),
      'file.name': field('file.name'),
      'incident.category': field('incident.category'),
      'alert.evidence': `TRY(from_json(${field('alert.evidence')}, '["VARCHAR"]'))`,
    })),
  ],
};
