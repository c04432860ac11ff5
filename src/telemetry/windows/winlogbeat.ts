import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { dataName, isSystemField, windowsDerived, windowsIdentity, windowsKind } from './events.js';
import { windowsMappings } from './mappings.js';

/**
 * Where Winlogbeat's modules (and Elastic Agent's integrations) put what they take out of event_data.
 * https://www.elastic.co/docs/reference/beats/winlogbeat/winlogbeat-module-sysmon, …-module-security, …-module-powershell
 */
const moved: Readonly<Record<string, readonly (readonly string[])[]>> = {
  At: [['@timestamp']],
  Ingested: [['event', 'ingested']],
  Provider: [
    ['winlog', 'provider_name'],
    ['event', 'provider'],
  ],
  Channel: [['winlog', 'channel']],
  EventID: [
    ['winlog', 'event_id'],
    ['event', 'code'],
  ],
  Computer: [
    ['winlog', 'computer_name'],
    ['host', 'name'],
    ['host', 'hostname'],
  ],
  RecordID: [['winlog', 'record_id']],
  ExecutionProcessID: [['winlog', 'process', 'pid']],
  Outcome: [['event', 'outcome']],
  ProcessGuid: [['process', 'entity_id']],
  ProcessId: [['process', 'pid']],
  NewProcessId: [['process', 'pid']],
  CreatorProcessId: [['process', 'parent', 'pid']],
  Image: [['process', 'executable']],
  NewProcessName: [['process', 'executable']],
  ProcessName: [['process', 'executable']],
  OriginalFileName: [['process', 'pe', 'original_file_name']],
  CommandLine: [['process', 'command_line']],
  ParentProcessGuid: [['process', 'parent', 'entity_id']],
  ParentProcessId: [['process', 'parent', 'pid']],
  ParentImage: [['process', 'parent', 'executable']],
  ParentProcessName: [['process', 'parent', 'executable']],
  ParentCommandLine: [['process', 'parent', 'command_line']],
  SourceIp: [['source', 'ip']],
  SourcePort: [['source', 'port']],
  DestinationIp: [['destination', 'ip']],
  DestinationPort: [['destination', 'port']],
  DestinationHostname: [['destination', 'domain']],
  Protocol: [['network', 'transport']],
  CommunityId: [['network', 'community_id']],
  IpAddress: [['source', 'ip']],
  IpPort: [['source', 'port']],
  TargetFilename: [['file', 'path']],
  QueryName: [['dns', 'question', 'name']],
  SubjectUserName: [['user', 'name']],
  SubjectDomainName: [['user', 'domain']],
  ScriptBlockText: [['powershell', 'file', 'script_block_text']],
  ScriptBlockId: [['powershell', 'file', 'script_block_id']],
  MessageNumber: [['powershell', 'sequence']],
  MessageTotal: [['powershell', 'total']],
  Path: [['file', 'path']],
  // 400, by the PowerShell module.
  HostApplication: [['process', 'command_line']],
  ServerName: [['winlog', 'user_data', 'ServerName']],
  Address: [['winlog', 'user_data', 'Address']],
};

/** Names for `derive` alone. */
const direct: Readonly<Record<string, readonly string[]>> = {
  'ecs direction': ['network', 'direction'],
  'ecs user': ['user', 'name'],
  'ecs domain': ['user', 'domain'],
  'ecs file': ['file', 'path'],
  'ecs answers': ['dns', 'answers'],
  'ecs invocation': ['powershell', 'command', 'invocation_details'],
};

const ecsUser = (field: Field): Sql =>
  `(coalesce(${field('ecs domain')} || '\\', '') || ${field('ecs user')})`;

const answers = (field: Field): Sql =>
  `TRY(array_to_string(list_transform(from_json(${field('ecs answers')}, '[{"data":"VARCHAR"}]'), lambda a: a.data), ';'))`;

/** The lines of 4103's payload again, out of what the module made of them. */
const payload = (
  field: Field,
): Sql => `TRY(array_to_string(list_transform(from_json(${field('ecs invocation')},
  '[{"type":"VARCHAR","related_command":"VARCHAR","name":"VARCHAR","value":"VARCHAR"}]'),
  lambda a: concat(a.type, '(', a.related_command, '): ', 'name=' || a.name || '; value=', a.value)), chr(10)))`;

function derive(name: string, field: Field): Sql | undefined {
  switch (name) {
    case 'User':
      return `coalesce(${field('User')}, ${ecsUser(field)})`;
    case 'Initiated':
      return `coalesce(${field('Initiated')}, CASE ${field('ecs direction')} WHEN 'egress' THEN 'true' WHEN 'outbound' THEN 'true'
        WHEN 'ingress' THEN 'false' WHEN 'inbound' THEN 'false' END)`;
    case 'QueryResults':
      return `coalesce(${field('QueryResults')}, ${answers(field)})`;
    case 'Payload':
      return `coalesce(${field('Payload')}, ${payload(field)})`;
    case 'ScriptName':
      return `coalesce(${windowsDerived(name, field) ?? 'NULL'}, ${field('ecs file')})`;
    case 'ContextUser':
      return `coalesce(${windowsDerived(name, field) ?? 'NULL'}, ${ecsUser(field)})`;
    default:
      return windowsDerived(name, field);
  }
}

/** Winlogbeat and Elastic Agent: `winlog.event_data`, and what their modules moved into ECS fields. */
export const winlogbeatShape: JsonShape = {
  paths: (name) => {
    const only = direct[name];
    if (only !== undefined) return [only];
    const paths = moved[name] ?? [];
    return isSystemField(name) ? paths : [['winlog', 'event_data', dataName(name)], ...paths];
  },
  derive,
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};
