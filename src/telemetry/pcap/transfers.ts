import { ftpAction, ftpAddress, ftpEncrypted, ftpNamesFile, ftpOutcome, ftpPort } from '../sql/ftp.js';
import type { Sql } from '../sql/sql.js';

/** Rows of one kind of transfer: a relation with n, id and kind, and the model's columns over it (as `r`). */
export interface TransferRows {
  readonly relation: (packets: string) => Sql;
  readonly columns: Readonly<Record<string, Sql>>;
}

const common: Readonly<Record<string, Sql>> = {
  '@timestamp': 'r.seen',
  'observer.type': `'sensor'`,
  'source.ip': 'r.source_ip',
  'source.port': 'r.source_port',
  'destination.ip': 'r.destination_ip',
  'destination.port': 'r.destination_port',
  'network.transport': 'r.transport',
  'flow.uid': 'r.stream',
};

const isPassive = `r.command IN ('PASV', 'EPSV')`;
const isChannel = `r.command IN ('PASV', 'EPSV', 'PORT', 'EPRT')`;

/** FTP: each command with the replies before the next one; the last reply decides (RFC 959, 5.4). */
export const ftpTransfers: TransferRows = {
  relation: (packets) => `(
    with commands as (
      select frame, seen, stream, transport, source_ip, source_port, destination_ip, destination_port, nth,
        upper(ftp_command[nth]) AS command, ftp_argument[nth] AS argument,
        lead(frame, 1, 9223372036854775807::BIGINT) over (partition by stream order by frame, nth) AS next
      from (select *, unnest(range(1, len(ftp_command) + 1)) AS nth from ${packets} where ftp_command IS NOT NULL)),
    replies as (
      select stream, frame, list_last(ftp_code) AS code, array_to_string(ftp_text, chr(10)) AS text
      from ${packets} where ftp_code IS NOT NULL)
    select c.frame AS n, NULL::VARCHAR AS id, 'tshark ftp' AS kind, c.*, whole(absent(l.code)) AS code, l.text
    from commands c left join (
      select c.stream, c.frame, c.nth, max_by(p.code, p.frame) AS code, string_agg(p.text, chr(10) order by p.frame) AS text
      from commands c join replies p on p.stream = c.stream and p.frame > c.frame and p.frame < c.next group by all) l
      using (stream, frame, nth))`,
  columns: {
    ...common,
    'network.protocol': `'ftp'`,
    'event.action': ftpAction('r.command'),
    'transfer.command': 'r.command',
    'transfer.reply_code': 'TRY_CAST(r.code AS INTEGER)',
    'event.outcome': ftpOutcome('r.code'),
    // RFC 1123, 4.1.2.9: the reply to STOU says what the file is called.
    'file.path': `CASE WHEN ${ftpNamesFile('r.command')} THEN
      coalesce(CASE WHEN r.command = 'STOU' THEN absent(regexp_extract(r.text, 'FILE: (.+)', 1)) END, absent(r.argument)) END`,
    'file.name': `CASE WHEN ${ftpNamesFile('r.command')} THEN base_name(
      coalesce(CASE WHEN r.command = 'STOU' THEN absent(regexp_extract(r.text, 'FILE: (.+)', 1)) END, absent(r.argument))) END`,
    'data.passive': `CASE WHEN ${isChannel} THEN ${isPassive} END`,
    'data.source.ip': `CASE WHEN ${isPassive} THEN r.source_ip WHEN ${isChannel} THEN r.destination_ip END`,
    'data.destination.ip': `CASE WHEN ${isPassive} THEN coalesce(${ftpAddress('r.text')}, r.destination_ip)
      WHEN ${isChannel} THEN coalesce(${ftpAddress('r.argument')}, r.source_ip) END`,
    'data.destination.port': `CASE WHEN ${isPassive} THEN ${ftpPort('r.text')} WHEN ${isChannel} THEN ${ftpPort('r.argument')} END`,
    'network.encrypted': ftpEncrypted('r.command', 'r.code'),
    'user.name': `CASE WHEN r.command = 'USER' THEN absent(r.argument) END`,
  },
};

/** TFTP: requests (RFC 1350: 1 reads, 2 writes); the transfer's own flow has the same client and another server port. */
export const tftpTransfers: TransferRows = {
  relation: (packets) => `(
    select q.frame AS n, NULL::VARCHAR AS id, 'tshark tftp' AS kind, q.*,
      (select min_by(p.stream, p.frame) from ${packets} p where p.transport = 'udp' and p.frame > q.frame and p.stream <> q.stream
        and p.source_ip = q.destination_ip and p.destination_ip = q.source_ip and p.destination_port = q.source_port) AS data_stream,
      exists (from ${packets} p where p.tftp_opcode = 5 and p.frame > q.frame and p.destination_ip = q.source_ip
        and p.destination_port = q.source_port and p.source_ip = q.destination_ip) AS refused
    from ${packets} q where q.tftp_opcode IN (1, 2))`,
  columns: {
    ...common,
    'network.protocol': `'tftp'`,
    'event.action': `CASE r.tftp_opcode WHEN 2 THEN 'write' ELSE 'read' END`,
    'transfer.command': `CASE r.tftp_opcode WHEN 2 THEN 'WRQ' ELSE 'RRQ' END`,
    'event.outcome': `CASE WHEN r.refused THEN 'failure' END`,
    'flow.data_uid': 'r.data_stream',
    'file.path': 'r.tftp_name',
    'file.name': 'base_name(r.tftp_name)',
  },
};
