import { mapping, type Field } from '../sql/mapping.js';
import { windowsColumns } from './events.js';

/**
 * Sysmon's own UtcTime is the time of the event; its System time is when it was logged. Where UtcTime is missing, that one.
 * Fields: https://learn.microsoft.com/sysinternals/downloads/sysmon
 */
const time = (field: Field) => `coalesce(utc(${field('UtcTime')}), utc(${field('At')}))`;

const common = (field: Field) => ({ ...windowsColumns(field), '@timestamp': time(field) });

const processOf = (field: Field) => ({
  'process.entity_id': `guid(${field('ProcessGuid')})`,
  'process.pid': `whole(${field('ProcessId')})`,
  'process.executable': `image(${field('Image')})`,
});

const userOf = (field: Field) => ({
  'user.name': `user_name(${field('User')})`,
  'user.domain': `user_domain(${field('User')})`,
});

export const sysmonMappings = [
  mapping('process', ['sysmon 1'], (field) => ({
    ...common(field),
    ...processOf(field),
    ...userOf(field),
    'event.action': `'start'`,
    'process.name': `base_name(image(${field('Image')}))`,
    'process.pe.original_file_name': field('OriginalFileName'),
    'process.command_line': field('CommandLine'),
    'process.parent.entity_id': `guid(${field('ParentProcessGuid')})`,
    'process.parent.pid': `whole(${field('ParentProcessId')})`,
    'process.parent.executable': `image(${field('ParentImage')})`,
    'process.parent.command_line': field('ParentCommandLine'),
  })),
  mapping('process', ['sysmon 5'], (field) => ({
    ...common(field),
    ...processOf(field),
    ...userOf(field),
    'event.action': `'end'`,
    'process.name': `base_name(image(${field('Image')}))`,
  })),
  mapping(
    'connection',
    ['sysmon 3'],
    (field) => ({
      ...common(field),
      ...processOf(field),
      ...userOf(field),
      'source.ip': `ip(${field('SourceIp')})`,
      'source.port': `port(${field('SourcePort')})`,
      'destination.ip': `ip(${field('DestinationIp')})`,
      'destination.port': `port(${field('DestinationPort')})`,
      'destination.domain': field('DestinationHostname'),
      'network.transport': `transport(${field('Protocol')})`,
      'network.direction': `CASE bool(${field('Initiated')}) WHEN true THEN 'egress' WHEN false THEN 'ingress' END`,
      'sysmon.initiated': `bool(${field('Initiated')})`,
      'network.community_id': field('CommunityId'),
    }),
    (field) => `other_service(${field('DestinationPort')})`,
  ),
  mapping(
    'transfer',
    ['sysmon 11'],
    (field) => ({
      ...common(field),
      ...processOf(field),
      ...userOf(field),
      'observer.type': `'host'`,
      'observer.name': field('Computer'),
      // Sysmon logs a file that is created or overwritten.
      'event.action': `'write'`,
      'transfer.command': `'FileCreate'`,
      'file.path': field('TargetFilename'),
      'file.name': `base_name(${field('TargetFilename')})`,
    }),
    (field) => `other_file(${field('Image')}, ${field('TargetFilename')})`,
  ),
  mapping('resolution', ['sysmon 22'], (field) => ({
    ...common(field),
    ...processOf(field),
    'dns.question.name': field('QueryName'),
    'dns.answers': `absent(rtrim(${field('QueryResults')}, ';'))`,
  })),
];
