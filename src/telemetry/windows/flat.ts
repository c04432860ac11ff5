import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import { dataName, isSystemField, windowsDerived, windowsIdentity, windowsKind } from './events.js';
import { windowsMappings } from './mappings.js';

/** NXLog's names for the System part. https://docs.nxlog.co/refman/current/im/msvistalog.html */
const system: Readonly<Record<string, readonly string[]>> = {
  // EventTime and EventReceivedTime are local times without a zone: only the shipper's own time is one.
  At: ['@timestamp'],
  Ingested: ['ingested'],
  Provider: ['SourceName', 'Provider', 'source_name'],
  Channel: ['Channel', 'log_name'],
  EventID: ['EventID', 'event_id'],
  Computer: ['Hostname', 'computer_name'],
  RecordID: ['RecordNumber', 'record_number'],
  ExecutionProcessID: ['ExecutionProcessID'],
  Outcome: [],
};

/** A line of the rendered message, such as `ProcessId: 3068` or `\tProcess ID:\t\t3068`. */
const inMessage = (field: Field, label: string): Sql =>
  `regexp_extract(${field('Message')}, ${literal(`(?m)^\\s*${label}:\\s*(\\S+)\\s*$`)}, 1)`;

function derive(name: string, field: Field): Sql | undefined {
  if (name === 'Outcome') {
    return `CASE ${field('EventType')} WHEN 'AUDIT_SUCCESS' THEN 'success' WHEN 'AUDIT_FAILURE' THEN 'failure' END`;
  }
  // Until 2020 NXLog let System.Execution's ProcessID overwrite the event's own, which then is in the message alone.
  if (name === 'ProcessId') {
    return `coalesce(${field('ProcessId')}, absent(${inMessage(field, 'ProcessId')}), absent(${inMessage(field, 'Process ID')}))`;
  }
  // An event's own ProcessID is text in NXLog's JSON, Execution's is a number; text looks the same to us, so it is not taken.
  if (name === 'ProcessID') return 'NULL';
  return windowsDerived(name, field);
}

/** NXLog, and collectors that keep its flat layout (HELK): System and EventData in one object. */
export const nxlogShape: JsonShape = {
  paths: (name) => (isSystemField(name) ? (system[name] ?? []) : [dataName(name)]).map((key) => [key]),
  derive,
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};

/** All that an event of process termination has. */
const ofTermination = "('RuleName', 'UtcTime', 'ProcessGuid', 'ProcessId', 'Image', 'User')";

/** Sysmon's events are told by the fields that only they have. https://learn.microsoft.com/sysinternals/downloads/sysmon */
function sysmonKind(field: Field): Sql {
  return `CASE
    WHEN ${field('DestinationIp')} IS NOT NULL AND ${field('Initiated')} IS NOT NULL THEN 'sysmon 3'
    WHEN ${field('QueryName')} IS NOT NULL THEN 'sysmon 22'
    WHEN ${field('PreviousCreationUtcTime')} IS NOT NULL THEN 'sysmon 2'
    WHEN ${field('TargetFilename')} IS NOT NULL AND ${field('CreationUtcTime')} IS NOT NULL AND ${field('Hash')} IS NULL
      THEN 'sysmon 11'
    WHEN ${field('ParentImage')} IS NOT NULL AND ${field('Image')} IS NOT NULL THEN 'sysmon 1'
    WHEN ${field('Image')} IS NOT NULL AND TRY(len(list_filter(json_keys(json), lambda k: k NOT IN ${ofTermination}))) = 0
      THEN 'sysmon 5'
    WHEN ${field('UtcTime')} IS NOT NULL THEN 'sysmon other' END`;
}

/** Sysmon's EventData alone, as some pipelines keep it: no event id, no computer. */
export const sysmonDataShape: JsonShape = {
  // Its kind depends on all keys of the record.
  document: 'json',
  paths: (name) => (isSystemField(name) ? [] : [[dataName(name)]]),
  derive: windowsDerived,
  kind: sysmonKind,
  identity: () => 'NULL::VARCHAR',
  mappings: windowsMappings,
};
