import { mapping, type Field } from '../sql/mapping.js';
import { ftpAction, ftpAddress, ftpEncrypted, ftpNamesFile, ftpOutcome, ftpPort } from '../sql/ftp.js';
import type { Sql } from '../sql/sql.js';

const common = (field: Field) => ({
  'event.ingested': `utc(${field('event.ingested')})`,
  'source.ip': `ip(${field('src_ip')})`,
  'source.port': `port(${field('src_port')})`,
  'destination.ip': `ip(${field('dest_ip')})`,
  'destination.port': `port(${field('dest_port')})`,
  'network.transport': `transport(${field('proto')})`,
});

const sensor = (field: Field) => ({
  ...common(field),
  '@timestamp': `utc(${field('timestamp')})`,
  'observer.type': `'sensor'`,
  'observer.name': field('host'),
  'network.community_id': field('community_id'),
  'flow.uid': field('flow_id'),
});

/** `failed`: the application layer was not recognised. */
const protocol = (text: Sql): Sql => `CASE WHEN ${text} NOT IN ('failed', 'unknown') THEN ${text} END`;

const traffic = (field: Field) => ({
  ...common(field),
  'observer.name': field('host'),
  'network.protocol': protocol(field('app_proto')),
  // Lengths of packets as captured, link layer included.
  'flow.counter': `'frame'`,
  'flow.uid': field('flow_id'),
  'network.community_id': field('community_id'),
});

/** Of several replies, preliminary ones come first. */
const lastOf = (list: Sql): Sql => `TRY(from_json(${list}, '["VARCHAR"]'))[-1]`;

const passive = (command: Sql): Sql =>
  `CASE WHEN ${command} IN ('PASV', 'EPSV') THEN true WHEN ${command} IN ('PORT', 'EPRT') THEN false END`;

const smbAction = (field: Field): Sql => `CASE
  WHEN ${field('smb.dcerpc')} IS NOT NULL THEN 'other'
  WHEN ${field('smb.command')} LIKE '%\\_WRITE' ESCAPE '\\' THEN 'write'
  WHEN ${field('smb.command')} LIKE '%\\_READ' ESCAPE '\\' THEN 'read'
  WHEN ${field('smb.command')} LIKE '%\\_CREATE' ESCAPE '\\' THEN 'open'
  WHEN regexp_matches(${field('smb.command')}, 'TREE_CONNECT|SESSION_SETUP|NEGOTIATE') THEN 'connect'
  ELSE 'other' END`;

/** NT status: 0 is success, 0xC… an error; MORE_PROCESSING_REQUIRED is neither. [MS-ERREF] 2.3 */
const smbOutcome = (code: Sql): Sql => `CASE WHEN whole(${code}) = 0 THEN 'success'
  WHEN starts_with(lower(${code}), '0xc') AND lower(${code}) <> '0xc0000016' THEN 'failure' END`;

const smbName = (field: Field): Sql => `NULLIF(${field('smb.filename')}, '<share_root>')`;
const share = (field: Field): Sql => `coalesce(${field('smb.share')}, ${field('smb.named_pipe')})`;

const alert = (field: Field) => ({
  ...common(field),
  '@timestamp': `utc(${field('timestamp')})`,
  'rule.id': field('alert.signature_id'),
  'rule.name': field('alert.signature'),
  'event.severity': field('alert.severity'),
});

export const suricataMappings = [
  mapping(
    'flow',
    ['suricata flow'],
    (field) => ({
      ...traffic(field),
      'event.start': `utc(${field('flow.start')})`,
      'event.end': `utc(${field('flow.end')})`,
      'source.bytes': `whole(${field('flow.bytes_toserver')})`,
      'source.packets': `whole(${field('flow.pkts_toserver')})`,
      'destination.bytes': `whole(${field('flow.bytes_toclient')})`,
      'destination.packets': `whole(${field('flow.pkts_toclient')})`,
      'flow.state': field('flow.state'),
    }),
    (field) =>
      `other_service(${field('dest_port')}) AND NOT regexp_matches(${protocol(field('app_proto'))}, 'ftp|smb')`,
  ),
  // One direction of a flow: what came back is another record.
  mapping('flow', ['suricata netflow'], (field) => ({
    ...traffic(field),
    'event.start': `utc(${field('netflow.start')})`,
    'event.end': `utc(${field('netflow.end')})`,
    'source.bytes': `whole(${field('netflow.bytes')})`,
    'source.packets': `whole(${field('netflow.pkts')})`,
  })),
  mapping('transfer', ['suricata ftp'], (field) => {
    const command = field('ftp.command');
    const code = `whole(${lastOf(field('ftp.completion_code'))})`;
    const announced = `CASE WHEN ${command} IN ('PORT', 'EPRT') THEN ${field('ftp.command_data')} ELSE ${field('ftp.reply')} END`;
    const isChannel = `${passive(command)} IS NOT NULL`;
    const client = `ip(${field('src_ip')})`;
    const server = `ip(${field('dest_ip')})`;
    // RFC 1123, 4.1.2.9: the reply to STOU says what the file is called.
    const name = `coalesce(CASE WHEN ${command} = 'STOU' THEN absent(regexp_extract(${field('ftp.reply')}, 'FILE: ([^"]+)"', 1)) END,
      ${field('ftp.command_data')})`;
    return {
      ...sensor(field),
      'network.protocol': `'ftp'`,
      'event.action': ftpAction(command),
      'transfer.command': command,
      'transfer.reply_code': `TRY_CAST(${code} AS INTEGER)`,
      'event.outcome': ftpOutcome(code),
      'file.path': `CASE WHEN ${ftpNamesFile(command)} THEN ${name} END`,
      'file.name': `CASE WHEN ${ftpNamesFile(command)} THEN base_name(${name}) END`,
      'data.passive': passive(command),
      'data.source.ip': `CASE WHEN ${isChannel} THEN CASE WHEN ${passive(command)} THEN ${client} ELSE ${server} END END`,
      'data.destination.ip': `CASE WHEN ${isChannel} THEN coalesce(${ftpAddress(announced)},
        CASE WHEN ${passive(command)} THEN ${server} ELSE ${client} END) END`,
      'data.destination.port': `CASE WHEN ${isChannel} THEN coalesce(port(${field('ftp.dynamic_port')}), ${ftpPort(announced)}) END`,
      'network.encrypted': ftpEncrypted(command, code),
      'user.name': `CASE WHEN ${command} = 'USER' THEN ${field('ftp.command_data')} END`,
    };
  }),
  // The record of a data connection by itself; its originator is the server in active mode.
  mapping('transfer', ['suricata ftp_data'], (field) => ({
    ...sensor(field),
    'network.protocol': `'ftp'`,
    'event.action': ftpAction(field('ftp_data.command')),
    'transfer.command': field('ftp_data.command'),
    'flow.data_uid': field('flow_id'),
    'file.path': field('ftp_data.filename'),
    'file.name': `base_name(${field('ftp_data.filename')})`,
  })),
  mapping('transfer', ['suricata fileinfo'], (field) => {
    const isData = `${field('app_proto')} = 'ftp-data'`;
    // src_ip is who sent the file: of what SMB's client reads, the server.
    const turned = `${smbAction(field)} = 'read'`;
    const end = (own: string, other: string): Sql =>
      `CASE WHEN ${turned} THEN ${field(other)} ELSE ${field(own)} END`;
    return {
      ...sensor(field),
      'source.ip': `ip(${end('src_ip', 'dest_ip')})`,
      'source.port': `port(${end('src_port', 'dest_port')})`,
      'destination.ip': `ip(${end('dest_ip', 'src_ip')})`,
      'destination.port': `port(${end('dest_port', 'src_port')})`,
      'network.protocol': `CASE WHEN ${isData} THEN 'ftp' ELSE ${field('app_proto')} END`,
      // Of a data connection: what its source did, whoever opened it.
      'event.action': `CASE WHEN ${isData} THEN 'write' ELSE ${smbAction(field)} END`,
      'transfer.command': `coalesce(${field('smb.command')}, 'fileinfo')`,
      'flow.data_uid': `CASE WHEN ${isData} THEN ${field('flow_id')} END`,
      'file.uid': field('smb.fuid'),
      'file.size': `whole(${field('fileinfo.size')})`,
      'file.path': field('fileinfo.filename'),
      'file.name': `base_name(${field('fileinfo.filename')})`,
      'file.hash.sha256': field('fileinfo.sha256'),
    };
  }),
  mapping('transfer', ['suricata smb'], (field) => ({
    ...sensor(field),
    'network.protocol': `'smb'`,
    'event.action': smbAction(field),
    'transfer.command': field('smb.command'),
    'event.outcome': smbOutcome(field('smb.status_code')),
    'file.uid': field('smb.fuid'),
    'file.size': `CASE WHEN ${smbName(field)} IS NOT NULL THEN whole(${field('smb.size')}) END`,
    'file.name': `base_name(${smbName(field)})`,
    'file.path': `absent(concat_ws('\\', ${share(field)}, ${smbName(field)}))`,
    'user.name': field('smb.ntlmssp.user'),
    'user.domain': field('smb.ntlmssp.domain'),
  })),
  mapping('transfer', ['suricata tftp'], (field) => ({
    ...sensor(field),
    'network.protocol': `'tftp'`,
    'event.action': `CASE ${field('tftp.packet')} WHEN 'write' THEN 'write' WHEN 'read' THEN 'read' ELSE 'other' END`,
    'transfer.command': `CASE ${field('tftp.packet')} WHEN 'write' THEN 'WRQ' WHEN 'read' THEN 'RRQ' ELSE ${field('tftp.packet')} END`,
    'file.path': field('tftp.file'),
    'file.name': `base_name(${field('tftp.file')})`,
  })),
  mapping('alert', ['suricata alert'], alert),
  mapping('alert', ['suricata blocked'], alert),
  mapping('prevention', ['suricata blocked'], (field) => ({
    ...common(field),
    '@timestamp': `utc(${field('timestamp')})`,
    'event.reason': `concat('blocked by rule ', ${field('alert.signature_id')}, ': ' || ${field('alert.signature')})`,
  })),
  mapping('prevention', ['suricata drop'], (field) => ({
    ...common(field),
    '@timestamp': `utc(${field('timestamp')})`,
    'event.reason': `concat('dropped', ': ' || ${field('drop.reason')})`,
  })),
];
