import { mapping, type Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';

/**
 * Columns: https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceprocessevents-table, …-devicenetworkevents-table,
 * …-devicefileevents-table. No table has byte counts: flow stays absent.
 */
const common = (field: Field) => ({
  '@timestamp': `utc(${field('Timestamp')})`,
  'host.id': field('DeviceId'),
  'host.name': field('DeviceName'),
});

/** FolderPath holds the file's name as a rule; where it does not, the name is added. */
const path = (
  folder: Sql,
  name: Sql,
): Sql => `CASE WHEN ends_with(lower(${folder}), lower(${name})) OR ${name} IS NULL THEN ${folder}
  WHEN ${folder} IS NULL THEN ${name} ELSE rtrim(${folder}, '\\') || '\\' || ${name} END`;

/**
 * A process is told by the id that newer tenants give it, else by its id and the time of its creation. Process ids alone come again.
 * @param prefix `InitiatingProcess`, or nothing for the process that was created
 */
function entity(field: Field, prefix: '' | 'InitiatingProcess'): Sql {
  const { unique, pid, created } =
    prefix === ''
      ? { unique: 'ProcessUniqueId', pid: 'ProcessId', created: 'ProcessCreationTime' }
      : { unique: `${prefix}UniqueId`, pid: `${prefix}Id`, created: `${prefix}CreationTime` };
  return `coalesce(NULLIF(${field(unique)}, '0'), ${field(pid)} || '@' || CAST(utc(${field(created)}) AS VARCHAR))`;
}

const initiator = (field: Field) => ({
  'process.entity_id': entity(field, 'InitiatingProcess'),
  'process.pid': `whole(${field('InitiatingProcessId')})`,
  'process.executable': path(field('InitiatingProcessFolderPath'), field('InitiatingProcessFileName')),
  'user.name': field('InitiatingProcessAccountName'),
  'user.domain': field('InitiatingProcessAccountDomain'),
});

/** Tcp, Udp, TcpV4, TcpV6. */
const transport = (field: Field): Sql =>
  `transport(regexp_replace(lower(${field('Protocol')}), 'v[46]$', ''))`;

export const defenderXdrMappings = [
  mapping('process', ['defender-xdr process'], (field) => ({
    ...common(field),
    'event.action': `'start'`,
    'process.entity_id': entity(field, ''),
    'process.pid': `whole(${field('ProcessId')})`,
    'process.executable': path(field('FolderPath'), field('FileName')),
    'process.name': field('FileName'),
    'process.pe.original_file_name': field('ProcessVersionInfoOriginalFileName'),
    'process.command_line': field('ProcessCommandLine'),
    'process.parent.entity_id': entity(field, 'InitiatingProcess'),
    'process.parent.pid': `whole(${field('InitiatingProcessId')})`,
    'process.parent.executable': path(
      field('InitiatingProcessFolderPath'),
      field('InitiatingProcessFileName'),
    ),
    'process.parent.command_line': field('InitiatingProcessCommandLine'),
    'user.name': field('AccountName'),
    'user.domain': field('AccountDomain'),
  })),
  mapping(
    'connection',
    ['defender-xdr connection'],
    (field) => ({
      ...common(field),
      ...initiator(field),
      'source.ip': `ip(${field('LocalIP')})`,
      'source.port': `port(${field('LocalPort')})`,
      'destination.ip': `ip(${field('RemoteIP')})`,
      'destination.port': `port(${field('RemotePort')})`,
      // A URL, or the name alone.
      'destination.domain': `absent(regexp_extract(${field('RemoteUrl')}, '^(?:[a-z]+://)?([^/:]+)', 1))`,
      'network.transport': transport(field),
      'network.direction': `'egress'`,
    }),
    (field) => `other_service(${field('RemotePort')})`,
  ),
  mapping(
    'connection',
    ['defender-xdr inbound'],
    (field) => ({
      ...common(field),
      ...initiator(field),
      'source.ip': `ip(${field('RemoteIP')})`,
      'source.port': `port(${field('RemotePort')})`,
      'destination.ip': `ip(${field('LocalIP')})`,
      'destination.port': `port(${field('LocalPort')})`,
      'network.transport': transport(field),
      'network.direction': `'ingress'`,
    }),
    (field) => `other_service(${field('LocalPort')})`,
  ),
  mapping(
    'transfer',
    ['defender-xdr file'],
    (field) => {
      // Asked for by another machine: the file server's own record.
      const remote = `coalesce(${field('RequestProtocol')} = 'Smb' OR ${field('RequestProtocol')} = 'SMB', false)`;
      return {
        ...common(field),
        ...initiator(field),
        'observer.type': `CASE WHEN ${remote} THEN 'server' ELSE 'host' END`,
        'observer.name': field('DeviceName'),
        'network.protocol': `CASE WHEN ${remote} THEN 'smb' END`,
        'network.transport': `CASE WHEN ${remote} THEN 'tcp' END`,
        'source.ip': `ip(${field('RequestSourceIP')})`,
        'source.port': `port(${field('RequestSourcePort')})`,
        'event.action': `CASE ${field('ActionType')} WHEN 'FileDeleted' THEN 'delete' WHEN 'FileRenamed' THEN 'other' ELSE 'write' END`,
        'transfer.command': field('ActionType'),
        'file.path': path(field('FolderPath'), field('FileName')),
        'file.name': field('FileName'),
        'file.size': `whole(${field('FileSize')})`,
        'file.hash.sha256': field('SHA256'),
      };
    },
    (field) =>
      `${field('RequestSourceIP')} IS NULL AND other_file(${field('InitiatingProcessFileName')}, ${field('FolderPath')})`,
  ),
];
