import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { zeekFilesKind, zeekMappings } from './mappings.js';

/** Where something else than the field's own name says it. */
const others: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ts: [['@timestamp']],
  observer: [['observer', 'name'], ['_system_name']],
};

/** Which log a record is of, by `_path` or else by the keys that only this log has. */
function logOf(field: Field): Sql {
  return `coalesce(lower(${field('_path')}), CASE
    WHEN ${field('conn_state')} IS NOT NULL OR ${field('history')} IS NOT NULL THEN 'conn'
    WHEN starts_with(${field('action')}, 'SMB::') THEN 'smb_files'
    WHEN ${field('share_type')} IS NOT NULL THEN 'smb_mapping'
    WHEN ${field('wrq')} IS NOT NULL AND ${field('fname')} IS NOT NULL THEN 'tftp'
    WHEN ${field('command')} IS NOT NULL AND (${field('reply_code')} IS NOT NULL OR ${field('reply_msg')} IS NOT NULL
      OR ${field('arg')} IS NOT NULL OR ${field('user')} IS NOT NULL) THEN 'ftp'
    WHEN ${field('fuid')} IS NOT NULL AND ${field('seen_bytes')} IS NOT NULL THEN 'files'
    WHEN ${field('uid')} IS NOT NULL THEN 'other' END)`;
}

/** Zeek's logs as JSON: keys with dots, with underscores, or nested, as the exporter likes. */
export const zeekJsonShape: JsonShape = {
  paths: (name) => [
    [name],
    ...(name.includes('.') ? [[name.replaceAll('.', '_')], name.split('.')] : []),
    ...(others[name] ?? []),
  ],
  kind: (field) => {
    const log = logOf(field);
    return `CASE ${log} WHEN 'files' THEN ${zeekFilesKind(field('source'))} ELSE 'zeek ' || left(${log}, 60) END`;
  },
  // A connection's uid is no id of a record: other logs and other sensors use it again.
  identity: () => 'NULL::VARCHAR',
  mappings: zeekMappings,
};
