import { mapping, type Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { windowsColumns } from './events.js';

/** Fields: https://learn.microsoft.com/windows/security/threat-protection/auditing/ (page per event id). */
const common = (field: Field) => ({ ...windowsColumns(field), '@timestamp': `utc(${field('At')})` });

/** The manifest says ProcessID for 5156, and some exporters ProcessId. */
const owner = (field: Field) => `whole(coalesce(${field('ProcessID')}, ${field('ProcessId')}))`;

/** 4688 names the new process's account as target only where it differs from its creator's. */
const account = (field: Field, part: 'UserName' | 'DomainName') =>
  `coalesce(CASE WHEN ${field('TargetUserName')} IS NOT NULL THEN ${field(`Target${part}`)} END, ${field(`Subject${part}`)})`;

const filtered = (field: Field) => ({
  ...common(field),
  'process.pid': owner(field),
  'process.executable': `image(${field('Application')})`,
  'source.ip': `ip(${field('SourceAddress')})`,
  'source.port': `port(${field('SourcePort')})`,
  'destination.ip': `ip(${field('DestAddress')})`,
  'destination.port': `port(${field('DestPort')})`,
  'network.transport': `transport(${field('Protocol')})`,
});

/** Names of the message table of the audit log: %%14592 is inbound, %%14593 outbound. */
const direction = (
  text: Sql,
) => `CASE lower(${text}) WHEN '%%14592' THEN 'ingress' WHEN 'inbound' THEN 'ingress'
  WHEN '%%14593' THEN 'egress' WHEN 'outbound' THEN 'egress' END`;

/** Access rights of a file object (winnt.h): WriteData 0x2, AppendData 0x4, DELETE 0x10000, ReadData 0x1. */
const accessAction = (mask: Sql) => `CASE WHEN ${mask} IS NULL THEN 'other' WHEN ${mask} & 6 <> 0 THEN 'write'
  WHEN ${mask} & 65536 <> 0 THEN 'delete' WHEN ${mask} & 1 <> 0 THEN 'read' ELSE 'open' END`;

const shared = (field: Field) => ({
  ...common(field),
  // The machine that serves the share writes these.
  'observer.type': `'server'`,
  'observer.name': field('Computer'),
  'network.protocol': `'smb'`,
  'network.transport': `'tcp'`,
  'source.ip': `ip(${field('IpAddress')})`,
  'source.port': `port(${field('IpPort')})`,
  'event.outcome': field('Outcome'),
  'user.name': field('SubjectUserName'),
  'user.domain': field('SubjectDomainName'),
});

const mask = (field: Field) => `whole(${field('AccessMask')})`;
const target = (field: Field) => `absent(ltrim(${field('RelativeTargetName')}, '\\'))`;

export const securityMappings = [
  mapping('process', ['security 4688'], (field) => ({
    ...common(field),
    'event.action': `'start'`,
    'process.pid': `whole(${field('NewProcessId')})`,
    'process.executable': `image(${field('NewProcessName')})`,
    'process.name': `base_name(image(${field('NewProcessName')}))`,
    'process.command_line': field('CommandLine'),
    'process.parent.pid': `whole(${field('CreatorProcessId')})`,
    'process.parent.executable': `image(${field('ParentProcessName')})`,
    'user.name': account(field, 'UserName'),
    'user.domain': account(field, 'DomainName'),
  })),
  mapping('process', ['security 4689'], (field) => ({
    ...common(field),
    'event.action': `'end'`,
    'process.pid': `whole(${field('ProcessId')})`,
    'process.executable': `image(${field('ProcessName')})`,
    'process.name': `base_name(image(${field('ProcessName')}))`,
    'process.exit_code': `whole(${field('Status')})`,
    'user.name': field('SubjectUserName'),
    'user.domain': field('SubjectDomainName'),
  })),
  mapping(
    'connection',
    ['security 5156'],
    (field) => ({ ...filtered(field), 'network.direction': direction(field('Direction')) }),
    (field) => `other_service(${field('DestPort')})`,
  ),
  mapping('prevention', ['security 5157'], (field) => ({
    ...filtered(field),
    'event.reason': `concat('blocked by the Windows Filtering Platform', ', filter ' || ${field('FilterRTID')})`,
  })),
  mapping('transfer', ['security 5140'], (field) => ({
    ...shared(field),
    'event.action': `'connect'`,
    'file.path': field('ShareName'),
  })),
  mapping('transfer', ['security 5145'], (field) => ({
    ...shared(field),
    'event.action': accessAction(mask(field)),
    // The rights that were asked for, in one spelling.
    'transfer.command': `printf('0x%x', ${mask(field)})`,
    'file.path': `concat_ws('\\', ${field('ShareName')}, ${target(field)})`,
    'file.name': `base_name(${target(field)})`,
  })),
];
