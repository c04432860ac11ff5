import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { dataName, windowsDerived, windowsIdentity, windowsKind } from '../windows/events.js';
import { windowsMappings } from '../windows/mappings.js';

const system: Readonly<Record<string, string>> = {
  At: 'TimeCreated.SystemTime',
  Provider: 'Provider.Name',
  Channel: 'Channel',
  EventID: 'EventID',
  Computer: 'Computer',
  RecordID: 'EventRecordID',
  ExecutionProcessID: 'Execution.ProcessID',
  Keywords: 'Keywords',
};

/** Keywords of an audit event: bit 53 says success, bit 52 failure (winmeta.xml). */
export const auditOutcome = (keywords: Sql): Sql => `CASE
  TRY_CAST('0x' || substr(lpad(regexp_extract(lower(${keywords}), '^0x([0-9a-f]{1,16})$', 1), 16, '0'), 3, 1) AS INT) & 3
  WHEN 2 THEN 'success' WHEN 1 THEN 'failure' END`;

/** Events that were converted from XML, one JSON object each: `{ line, system, data }`. */
export const xmlEventShape: JsonShape = {
  paths: (name) => {
    if (name === 'line') return [['line']];
    if (name === 'Ingested' || name === 'Outcome') return [];
    const element = system[name];
    return [element === undefined ? ['data', dataName(name)] : ['system', element]];
  },
  derive: (name: string, field: Field) =>
    name === 'Outcome' ? auditOutcome(field('Keywords')) : windowsDerived(name, field),
  line: (field) => field('line'),
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};
