import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import { auditOutcome } from '../xml/shape.js';
import { dataName, isSystemField, windowsDerived, windowsIdentity, windowsKind } from './events.js';
import { windowsMappings } from './mappings.js';

/**
 * Columns for the System part: of Get-WinEvent's objects, of Sentinel's export, of Splunk's, of EvtxECmd.
 * https://learn.microsoft.com/dotnet/api/system.diagnostics.eventing.reader.eventrecord
 */
const system: Readonly<Record<string, readonly string[]>> = {
  // A time without a zone is local, and in the manner of the machine's culture: utc() gives NULL for that.
  At: ['TimeCreated', 'TimeGenerated', 'SystemTime', '@timestamp', '_time'],
  Ingested: [],
  Provider: ['ProviderName', 'Provider', 'EventSourceName', 'SourceName'],
  Channel: ['LogName', 'Channel'],
  EventID: ['Id', 'EventID', 'EventId', 'EventCode'],
  Computer: ['MachineName', 'Computer', 'ComputerName', 'Hostname'],
  RecordID: ['RecordId', 'EventRecordID', 'EventRecordId', 'RecordNumber'],
  ExecutionProcessID: ['ExecutionProcessID'],
  Outcome: [],
};

/** Events with EventData's names as columns. */
export const flatCsvShape: JsonShape = {
  paths: (name) => (isSystemField(name) ? (system[name] ?? []) : [dataName(name)]).map((key) => [key]),
  derive: (name, field) =>
    name === 'Outcome' ? auditOutcome(field('Keywords')) : windowsDerived(name, field),
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};

/** What the English message of an audit event calls a field; Sysmon's messages have the fields' own names. */
const labels: Readonly<Record<string, string>> = {
  NewProcessId: 'New Process ID',
  NewProcessName: 'New Process Name',
  CreatorProcessId: 'Creator Process ID',
  ParentProcessName: 'Creator Process Name',
  SubjectUserName: 'Account Name',
  SubjectDomainName: 'Account Domain',
  ProcessID: 'Process ID',
  ProcessName: 'Process Name',
  Application: 'Application Name',
  SourceAddress: 'Source Address',
  DestAddress: 'Destination Address',
  DestPort: 'Destination Port',
  FilterRTID: 'Filter Run-Time ID',
  IpAddress: 'Source Address',
  IpPort: 'Source Port',
  ShareName: 'Share Name',
  RelativeTargetName: 'Relative Target Name',
  AccessMask: 'Access Mask',
  Status: 'Exit Status',
  'Threat Name': 'Name',
  'Action Name': 'Action',
};

/** Fields that both Sysmon and the audit log have, under two labels. */
const both: Readonly<Record<string, readonly string[]>> = {
  SourcePort: ['SourcePort', 'Source Port'],
  CommandLine: ['CommandLine', 'Process Command Line'],
  ProcessId: ['ProcessId', 'Process ID'],
};

const line = (field: Field, label: string): Sql =>
  `absent(regexp_extract(${field('Message')}, ${literal(`(?m)^[ \\t]*${label}:[ \\t]*(.*?)[ \\t\\r]*$`)}, 1))`;

const inMessage = (field: Field, pattern: string): Sql =>
  `absent(regexp_extract(${field('Message')}, ${literal(pattern)}, 1))`;

const block = String.raw`^Creating Scriptblock text \(`;

function messageField(name: string, field: Field): Sql | undefined {
  switch (name) {
    case 'Outcome':
      return `CASE WHEN contains(${field('KeywordsDisplayNames')}, 'Audit Success') THEN 'success' WHEN contains(${field('KeywordsDisplayNames')}, 'Audit Failure') THEN 'failure' END`;
    case 'ExecutionProcessID':
      // Here Get-WinEvent's own property: the process that logged.
      return field('logging process');
    case 'TargetUserName':
      return inMessage(field, String.raw`Target Subject:(?s:.*?)Account Name:[ \t]*([^\r\n]*?)[ \t]*[\r\n]`);
    case 'TargetDomainName':
      return inMessage(
        field,
        String.raw`Target Subject:(?s:.*?)Account Domain:[ \t]*([^\r\n]*?)[ \t]*[\r\n]`,
      );
    case 'ScriptBlockText':
      return inMessage(field, `${block}[0-9]+ of [0-9]+\\):\\r?\\n((?s:.*?))\\r?\\n\\r?\\nScriptBlock ID: `);
    case 'ScriptBlockId':
      return line(field, 'ScriptBlock ID');
    case 'MessageNumber':
      return inMessage(field, `${block}([0-9]+) of`);
    case 'MessageTotal':
      return inMessage(field, `${block}[0-9]+ of ([0-9]+)\\)`);
    case 'Payload':
    case 'ContextInfo':
      return field('Message');
    case 'ScriptName':
    case 'ContextUser':
    case 'HostApplication':
    case 'Pipeline':
    case 'PipelineScript':
    case 'PipelineUser': {
      // Of nested fields, the message alone is there.
      const only: Field = (inner) =>
        inner === 'ContextInfo' || inner === 'Message' ? field('Message') : 'NULL::VARCHAR';
      return windowsDerived(name, only);
    }
    default:
      return undefined;
  }
}

const special = ['Message', 'KeywordsDisplayNames', 'logging process'];

/** `Get-WinEvent | Export-Csv`: EventData is in the rendered message alone, by its English labels. */
export const getWinEventShape: JsonShape = {
  paths: (name) => {
    if (name === 'logging process') return [['ProcessId']];
    if (special.includes(name)) return [[name]];
    return isSystemField(name) ? (system[name] ?? []).map((key) => [key]) : [];
  },
  derive: (name, field) => {
    const made = messageField(name, field);
    if (made !== undefined || isSystemField(name) || special.includes(name)) return made;
    const names = both[name] ?? [labels[name] ?? name];
    return names.length === 1
      ? line(field, names[0] ?? name)
      : `coalesce(${names.map((label) => line(field, label)).join(', ')})`;
  },
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};
