import type { JsonShape } from '../json/shape.js';
import { auditOutcome } from '../xml/shape.js';
import { dataName, isSystemField, windowsDerived, windowsIdentity, windowsKind } from './events.js';
import { windowsMappings } from './mappings.js';

/** https://www.elastic.co/guide/en/beats/winlogbeat/6.8/exported-fields-eventlog.html */
const system: Readonly<Record<string, readonly string[]>> = {
  At: ['@timestamp'],
  Ingested: [],
  Provider: ['source_name'],
  Channel: ['log_name'],
  EventID: ['event_id'],
  Computer: ['computer_name', 'host_name'],
  RecordID: ['record_number', 'record_id'],
  ExecutionProcessID: ['process_id'],
  Outcome: [],
  Keywords: ['keywords'],
};

/**
 * What HELK's Logstash pipelines call fields that they take out of event_data (names of OSSEM's common data model). `process_id` is
 * the logging process in Winlogbeat's records, which is why it is not among them.
 * https://github.com/Cyb3rWard0g/HELK/tree/master/docker/helk-logstash/pipeline
 */
const ossem: Readonly<Record<string, readonly string[]>> = {
  ProcessGuid: ['process_guid'],
  Image: ['process_path'],
  NewProcessName: ['process_path'],
  CommandLine: ['process_command_line'],
  ParentProcessGuid: ['process_parent_guid'],
  ParentProcessId: ['process_parent_id'],
  ParentImage: ['process_parent_path'],
  ParentProcessName: ['process_parent_path'],
  ParentCommandLine: ['process_parent_command_line'],
  SourceIp: ['src_ip_addr'],
  SourcePort: ['src_port'],
  DestinationIp: ['dst_ip_addr'],
  DestinationPort: ['dst_port'],
  DestinationHostname: ['dst_host_name'],
  Protocol: ['network_protocol'],
  Initiated: ['network_initiated'],
  TargetFilename: ['file_name'],
  ScriptBlockText: ['powershell_scriptblock_text'],
};

/** Winlogbeat 6, and HELK behind it: `event_data` at the top, System's elements beside it. */
export const winlogbeat6Shape: JsonShape = {
  paths: (name) => {
    const keys = system[name];
    if (keys !== undefined) return keys.map((key) => [key]);
    const data = dataName(name);
    return [['event_data', data], ...(ossem[name] ?? []).map((key) => [key])];
  },
  derive: (name, field) => {
    // A list of names ("Audit Success") where Windows rendered them, else the number.
    if (name === 'Outcome')
      return `CASE WHEN contains(${field('Keywords')}, 'Audit Success') THEN 'success' WHEN contains(${field('Keywords')}, 'Audit Failure') THEN 'failure'
        ELSE ${auditOutcome(field('Keywords'))} END`;
    return isSystemField(name) ? undefined : windowsDerived(name, field);
  },
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};
