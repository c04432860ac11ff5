import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { suricataMappings } from './mappings.js';

const fileProtocols = `('ftp', 'ftp-data', 'smb', 'tftp')`;

/** The type of an event; files of other protocols, and what was blocked, are kinds of their own. */
function kind(field: Field): Sql {
  const type = field('event_type');
  const protocol = field('app_proto');
  return `CASE
    WHEN ${type} = 'fileinfo' AND coalesce(${protocol}, '') NOT IN ${fileProtocols}
      THEN 'suricata fileinfo-' || left(coalesce(${protocol}, 'unknown'), 40)
    WHEN ${type} = 'alert' AND ${field('alert.action')} = 'blocked' THEN 'suricata blocked'
    ELSE 'suricata ' || left(${type}, 60) END`;
}

/** Suricata's EVE log. https://docs.suricata.io/en/latest/output/eve/eve-json-format.html */
export const suricataShape: JsonShape = {
  paths: (name) => [name.split('.')],
  kind,
  identity: () => 'NULL::VARCHAR',
  mappings: suricataMappings,
};
