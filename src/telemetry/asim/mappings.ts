import { mapping, type Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';

/**
 * Columns: https://learn.microsoft.com/azure/sentinel/normalization-schema-process-event, …-schema-network, …-schema-file-event
 * (tables ASimProcessEventLogs, ASimNetworkSessionLogs, ASimFileEventLogs).
 */
const common = (field: Field) => ({
  'event.ingested': `utc(${field('_TimeReceived')})`,
  '@timestamp': `utc(coalesce(${field('EventStartTime')}, ${field('TimeGenerated')}))`,
  'host.id': field('DvcId'),
  'host.name': field('Dvc'),
});

const user = (name: Sql) => ({ 'user.name': `user_name(${name})`, 'user.domain': `user_domain(${name})` });

/** Acting is the process that created the target, or that touched the file. */
const acting = (field: Field) => ({
  'process.entity_id': `guid(${field('ActingProcessGuid')})`,
  'process.pid': `whole(${field('ActingProcessId')})`,
  'process.executable': `image(${field('ActingProcessName')})`,
});

const target = (field: Field) => ({
  ...common(field),
  'process.entity_id': `guid(${field('TargetProcessGuid')})`,
  'process.pid': `whole(${field('TargetProcessId')})`,
  'process.executable': `image(${field('TargetProcessName')})`,
  'process.name': `base_name(image(${field('TargetProcessName')}))`,
});

const endpoints = (field: Field) => ({
  'source.ip': `ip(${field('SrcIpAddr')})`,
  'source.port': `port(${field('SrcPortNumber')})`,
  'destination.ip': `ip(${field('DstIpAddr')})`,
  'destination.port': `port(${field('DstPortNumber')})`,
  'network.transport': `transport(${field('NetworkProtocol')})`,
});

const inbound = (field: Field): Sql => `(${field('NetworkDirection')} = 'Inbound')`;

/** The process on the host that reports: the destination's of an inbound session, else the source's. */
const local = (field: Field, name: string): Sql =>
  `CASE WHEN ${inbound(field)} THEN ${field(`Dst${name}`)} ELSE ${field(`Src${name}`)} END`;

const otherService = (field: Field): Sql => `other_service(${field('DstPortNumber')})`;

const connection = (kind: string) =>
  mapping(
    'connection',
    [kind],
    (field) => ({
      ...common(field),
      ...endpoints(field),
      'process.entity_id': `guid(${local(field, 'ProcessGuid')})`,
      'process.pid': `whole(${local(field, 'ProcessId')})`,
      'process.executable': `image(${local(field, 'ProcessName')})`,
      ...user(local(field, 'Username')),
      'destination.domain': `coalesce(${field('DstFQDN')}, ${field('DstHostname')})`,
      'network.direction': `CASE ${field('NetworkDirection')} WHEN 'Outbound' THEN 'egress' WHEN 'Inbound' THEN 'ingress' END`,
    }),
    otherService,
  );

const flow = (kind: string) =>
  mapping(
    'flow',
    [kind],
    (field) => ({
      ...endpoints(field),
      'event.ingested': `utc(${field('_TimeReceived')})`,
      'event.start': `utc(coalesce(${field('EventStartTime')}, ${field('TimeGenerated')}))`,
      'event.end': `utc(${field('EventEndTime')})`,
      'observer.name': field('Dvc'),
      'network.protocol': `lower(${field('NetworkApplicationProtocol')})`,
      // The schema does not say what the bytes count.
      'source.bytes': `whole(${field('SrcBytes')})`,
      'source.packets': `whole(${field('SrcPackets')})`,
      'destination.bytes': `whole(${field('DstBytes')})`,
      'destination.packets': `whole(${field('DstPackets')})`,
      'flow.uid': field('NetworkSessionId'),
      'flow.state': `coalesce(${field('EventResultDetails')}, ${field('DvcAction')})`,
    }),
    otherService,
  );

export const asimMappings = [
  mapping('process', ['asim ProcessCreated'], (field) => ({
    ...target(field),
    'event.action': `'start'`,
    'process.pe.original_file_name': field('TargetProcessFileOriginalName'),
    'process.command_line': field('TargetProcessCommandLine'),
    'process.parent.entity_id': `guid(${field('ActingProcessGuid')})`,
    'process.parent.pid': `whole(${field('ActingProcessId')})`,
    'process.parent.executable': `image(${field('ActingProcessName')})`,
    'process.parent.command_line': field('ActingProcessCommandLine'),
    // The target's account where the record names it, else its creator's.
    ...user(`coalesce(${field('TargetUsername')}, ${field('ActorUsername')})`),
  })),
  mapping('process', ['asim ProcessTerminated'], (field) => ({
    ...target(field),
    'event.action': `'end'`,
    'process.exit_code': `whole(${field('TargetProcessStatusCode')})`,
    ...user(`coalesce(${field('TargetUsername')}, ${field('ActorUsername')})`),
  })),
  connection('asim session-of-process'),
  flow('asim session-with-bytes'),
  connection('asim session-of-process-with-bytes'),
  flow('asim session-of-process-with-bytes'),
  mapping('prevention', ['asim session-denied'], (field) => ({
    ...common(field),
    ...endpoints(field),
    'process.pid': `whole(${local(field, 'ProcessId')})`,
    'process.executable': `image(${local(field, 'ProcessName')})`,
    'event.reason': `concat_ws(', ', 'denied by ' || coalesce(${field('EventProduct')}, 'the device') || ': ' || ${field('DvcAction')}, 'rule ' || ${field('NetworkRuleName')})`,
  })),
  mapping(
    'transfer',
    ['asim FileCreated', 'asim FileModified', 'asim FileCopied', 'asim FileRenamed', 'asim FileDeleted'],
    (field) => ({
      ...common(field),
      ...acting(field),
      ...user(field('ActorUsername')),
      'observer.type': `'host'`,
      'observer.name': field('Dvc'),
      'event.action': `CASE ${field('EventType')} WHEN 'FileDeleted' THEN 'delete' WHEN 'FileRenamed' THEN 'other' ELSE 'write' END`,
      'transfer.command': field('EventType'),
      'file.path': field('TargetFilePath'),
      'file.name': `coalesce(${field('TargetFileName')}, base_name(${field('TargetFilePath')}))`,
      'file.size': `whole(${field('TargetFileSize')})`,
      'file.hash.sha256': field('TargetFileSHA256'),
    }),
    (field) => `other_file(${field('ActingProcessName')}, ${field('TargetFilePath')})`,
  ),
];
