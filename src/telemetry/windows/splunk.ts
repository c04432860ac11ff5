import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import { auditOutcome } from '../xml/shape.js';
import { dataName, isSystemField, windowsDerived, windowsIdentity, windowsKind } from './events.js';
import { fromXml, unescaped } from './event-data.js';
import { windowsMappings } from './mappings.js';

const q = `["']`;

/** The System part of the event's XML, as patterns with one group. */
const inXml: Readonly<Record<string, string>> = {
  At: `<TimeCreated SystemTime=${q}([^"']+)${q}`,
  Provider: `<Provider Name=${q}([^"']+)${q}`,
  Channel: '<Channel>([^<]*)</Channel>',
  EventID: '<EventID[^>]*>([0-9]+)</EventID>',
  Computer: '<Computer>([^<]*)</Computer>',
  RecordID: '<EventRecordID>([0-9]+)</EventRecordID>',
  ExecutionProcessID: `<Execution ProcessID=${q}([0-9]+)${q}`,
  Keywords: '<Keywords>([^<]*)</Keywords>',
};

/**
 * Fields that Splunk's add-ons for Windows and Sysmon extract, and names of the Common Information Model (Endpoint, Network Traffic).
 * https://help.splunk.com/en/data-management/common-information-model (Endpoint), https://docs.splunk.com/Documentation/CIM
 */
const fields: Readonly<Record<string, readonly string[]>> = {
  At: ['SystemTime', '_time'],
  Ingested: [],
  Provider: ['ProviderName', 'Provider', 'SourceName', 'Name'],
  Channel: ['Channel', 'LogName'],
  EventID: ['EventID', 'EventCode', 'signature_id'],
  Computer: ['Computer', 'ComputerName', 'dvc', 'host'],
  RecordID: ['EventRecordID', 'RecordNumber', 'RecordID'],
  ExecutionProcessID: ['ExecutionProcessID'],
  Outcome: [],
  Keywords: ['Keywords'],
  Image: ['process_path'],
  CommandLine: ['process'],
  ProcessGuid: ['process_guid'],
  OriginalFileName: ['original_file_name'],
  ParentImage: ['parent_process_path'],
  ParentCommandLine: ['parent_process'],
  ParentProcessGuid: ['parent_process_guid'],
  ParentProcessId: ['parent_process_id'],
  NewProcessName: ['process_path', 'New_Process_Name'],
  NewProcessId: ['process_id', 'New_Process_ID'],
  SourceIp: ['src_ip'],
  SourcePort: ['src_port'],
  DestinationIp: ['dest_ip'],
  DestinationPort: ['dest_port'],
  Protocol: ['transport'],
  TargetFilename: ['file_path'],
  QueryName: ['query'],
  // 4688 calls its creator ProcessId: there CIM's name is another process.
  'own process': ['process_id'],
  'indexed at': ['_indextime'],
};
/** Names that are none of EventData's. */
const noData: readonly string[] = ['Keywords', 'own process', 'indexed at'];

/** System's element, or EventData's values, out of the event's XML. */
function fromRaw(source: Sql, names: readonly string[]): Sql {
  const data = names.filter((name) => inXml[name] === undefined);
  const list = fromXml(source, data.map(dataName));
  const at = names.map((name) => {
    const element = inXml[name];
    if (element === undefined) return `(${list})[${String(data.indexOf(name) + 1)}]`;
    return unescaped(`regexp_extract(${source}, ${literal(element)}, 1)`);
  });
  return `CASE WHEN starts_with(ltrim(${source}), '<Event') THEN [${at.join(', ')}] END`;
}

function derive(name: string, field: Field): Sql | undefined {
  if (name === 'Outcome') return auditOutcome(field('Keywords'));
  // Splunk's own time of indexing, in seconds.
  if (name === 'Ingested') return `strftime(epoch(${field('indexed at')}), '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (name === 'ProcessId') return `coalesce(${field('ProcessId')}, ${field('own process')})`;
  return windowsDerived(name, field);
}

/** Splunk's export of search results as JSON (`{"preview":…,"result":{…}}`): `_raw` with the event's XML, or fields by name. */
export const splunkShape: JsonShape = {
  paths: (name) => {
    const keys = isSystemField(name) || noData.includes(name) ? [] : [dataName(name)];
    return [...keys, ...(fields[name] ?? [])].map((key) => ['result', key]);
  },
  nested: {
    path: ['result', '_raw'],
    holds: (name) => name in inXml || !(isSystemField(name) || noData.includes(name)),
    extract: fromRaw,
  },
  derive,
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};
