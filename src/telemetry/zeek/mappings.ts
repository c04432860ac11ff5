import { mapping, type Field } from '../sql/mapping.js';
import { ftpAction, ftpEncrypted, ftpNamesFile, ftpOutcome } from '../sql/ftp.js';
import type { Sql } from '../sql/sql.js';

/** Fields: https://docs.zeek.org/en/master/logs/ (conn, ftp, files, smb), https://github.com/zeek/spicy-tftp. */
const time = (field: Field): Sql => `coalesce(epoch(${field('ts')}), utc(${field('ts')}))`;

const common = (field: Field) => ({
  'event.ingested': `utc(${field('event.ingested')})`,
  'source.ip': `ip(${field('id.orig_h')})`,
  'source.port': `port(${field('id.orig_p')})`,
  'destination.ip': `ip(${field('id.resp_h')})`,
  'destination.port': `port(${field('id.resp_p')})`,
  'network.community_id': field('community_id'),
  'flow.uid': field('uid'),
});

const sensor = (field: Field) => ({
  ...common(field),
  '@timestamp': time(field),
  'observer.type': `'sensor'`,
  'observer.name': field('observer'),
});

/** `service` lists every analyzer that took part, in any order. */
const service = (text: Sql): Sql => `CASE
  WHEN list_contains(string_split(${text}, ','), 'ftp-data') THEN 'ftp-data'
  WHEN list_contains(string_split(${text}, ','), 'ftp') THEN 'ftp'
  WHEN list_contains(string_split(${text}, ','), 'smb') THEN 'smb'
  WHEN contains(${text}, 'tftp') THEN 'tftp'
  ELSE ${text} END`;

const otherProtocol = (text: Sql): Sql => `NOT regexp_matches(${text}, 'ftp|smb')`;

const smbAction = (action: Sql): Sql => `CASE
  WHEN ${action} IN ('SMB::FILE_WRITE', 'SMB::PRINT_WRITE') THEN 'write'
  WHEN ${action} IN ('SMB::FILE_READ', 'SMB::PRINT_READ') THEN 'read'
  WHEN ${action} IN ('SMB::FILE_OPEN', 'SMB::PRINT_OPEN') THEN 'open'
  WHEN ${action} = 'SMB::FILE_DELETE' THEN 'delete'
  ELSE 'other' END`;

/** <share_root> is Zeek's word for the share itself. */
const smbName = (field: Field): Sql => `NULLIF(${field('name')}, '<share_root>')`;

export const zeekMappings = [
  mapping(
    'flow',
    ['zeek conn'],
    (field) => ({
      ...common(field),
      'event.start': time(field),
      'event.end': `${time(field)} + to_microseconds(CAST(TRY_CAST(${field('duration')} AS DOUBLE) * 1000000 AS BIGINT))`,
      'observer.name': field('observer'),
      'network.transport': `transport(${field('proto')})`,
      'network.protocol': service(field('service')),
      'source.bytes': `whole(${field('orig_bytes')})`,
      'source.packets': `whole(${field('orig_pkts')})`,
      'destination.bytes': `whole(${field('resp_bytes')})`,
      'destination.packets': `whole(${field('resp_pkts')})`,
      'flow.counter': `'payload'`,
      'flow.state': field('conn_state'),
    }),
    // Where Zeek could not tell the service, it may be a data connection.
    (field) => `other_service(${field('id.resp_p')}) AND ${otherProtocol(field('service'))}`,
  ),
  mapping('transfer', ['zeek ftp'], (field) => {
    const command = field('command');
    const code = `whole(${field('reply_code')})`;
    const isFile = ftpNamesFile(command);
    return {
      ...sensor(field),
      'network.protocol': `'ftp'`,
      'network.transport': `'tcp'`,
      'event.action': ftpAction(command),
      'transfer.command': command,
      'transfer.reply_code': `TRY_CAST(${code} AS INTEGER)`,
      'event.outcome': ftpOutcome(code),
      'file.uid': field('fuid'),
      'file.size': `whole(${field('file_size')})`,
      'file.path': `CASE WHEN ${isFile} THEN ${field('arg')} END`,
      'file.name': `CASE WHEN ${isFile} THEN base_name(${field('arg')}) END`,
      'data.source.ip': `ip(${field('data_channel.orig_h')})`,
      'data.destination.ip': `ip(${field('data_channel.resp_h')})`,
      'data.destination.port': `port(${field('data_channel.resp_p')})`,
      'data.passive': `bool(${field('data_channel.passive')})`,
      'network.encrypted': ftpEncrypted(command, code),
      'user.name': `NULLIF(${field('user')}, '<unknown>')`,
    };
  }),
  mapping('transfer', ['zeek files'], (field) => {
    const isData = `${field('source')} = 'FTP_DATA'`;
    return {
      ...sensor(field),
      'network.protocol': `CASE WHEN ${isData} THEN 'ftp' ELSE lower(${field('source')}) END`,
      'network.transport': `'tcp'`,
      // The originator of the connection sent the file, or got it. Of FTP's data connection that does not tell the client's part.
      'event.action': `CASE bool(${field('is_orig')}) WHEN true THEN 'write' WHEN false THEN 'read' ELSE 'other' END`,
      'transfer.command': field('source'),
      'flow.data_uid': `CASE WHEN ${isData} THEN ${field('uid')} END`,
      'file.uid': field('fuid'),
      'file.size': `coalesce(whole(${field('total_bytes')}), whole(${field('seen_bytes')}))`,
      'file.name': `base_name(${field('filename')})`,
      'file.path': field('filename'),
      'file.hash.sha256': field('sha256'),
    };
  }),
  mapping('transfer', ['zeek smb_files'], (field) => ({
    ...sensor(field),
    'network.protocol': `'smb'`,
    'network.transport': `'tcp'`,
    'event.action': smbAction(field('action')),
    'transfer.command': field('action'),
    'file.uid': field('fuid'),
    'file.size': `whole(${field('size')})`,
    'file.name': `base_name(${smbName(field)})`,
    'file.path': `absent(concat_ws('\\', ${field('path')}, ${smbName(field)}))`,
  })),
  mapping('transfer', ['zeek smb_mapping'], (field) => ({
    ...sensor(field),
    'network.protocol': `'smb'`,
    'network.transport': `'tcp'`,
    'event.action': `'connect'`,
    'transfer.command': field('share_type'),
    'file.path': field('path'),
  })),
  mapping('transfer', ['zeek tftp'], (field) => ({
    ...sensor(field),
    'network.protocol': `'tftp'`,
    'network.transport': `'udp'`,
    'event.action': `CASE bool(${field('wrq')}) WHEN true THEN 'write' WHEN false THEN 'read' ELSE 'other' END`,
    'transfer.command': `CASE bool(${field('wrq')}) WHEN true THEN 'WRQ' WHEN false THEN 'RRQ' END`,
    'event.outcome': `CASE WHEN ${field('error_code')} IS NOT NULL THEN 'failure'
      WHEN whole(${field('block_sent')}) = whole(${field('block_acked')}) THEN 'success' END`,
    'flow.data_uid': field('uid_data'),
    'file.size': `whole(${field('size')})`,
    'file.name': `base_name(${field('fname')})`,
    'file.path': field('fname'),
  })),
];

/** Files of protocols that nobody asks for stay away by kind. */
export const zeekFilesKind = (source: Sql): Sql =>
  `CASE WHEN coalesce(${source}, '') IN ('SMB', 'FTP_DATA') THEN 'zeek files'
    ELSE 'zeek files-' || lower(left(coalesce(${source}, 'unknown'), 40)) END`;
