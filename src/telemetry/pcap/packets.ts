import { globLiteral, type Sql } from '../sql/sql.js';
import { columnEnd, packetFields, valueEnd } from './tshark.js';

/** A frame's addresses are those of its innermost packet. */
const last = (column: string): Sql =>
  `absent(string_split(${column}, chr(${String(valueEnd.charCodeAt(0))}))[-1])`;
const list = (column: string): Sql =>
  `string_split(absent(${column}), chr(${String(valueEnd.charCodeAt(0))}))`;

/**
 * Table of frames, out of what tshark wrote: `stream` names the conversation (NULL for what is no TCP or UDP), `payload` its bytes
 * without those that were sent again.
 */
export function packetsStatement(table: string, file: string): Sql {
  const columns = Object.keys(packetFields).map((name) => `${name}: 'VARCHAR'`);
  return `create or replace temp table ${table} as
    with lines as (select * from read_csv(${globLiteral(file)}, header = false, auto_detect = false, delim = chr(${String(columnEnd.charCodeAt(0))}),
      quote = '', escape = '', columns = {${columns.join(', ')}}, null_padding = true, strict_mode = false, max_line_size = 16777216)),
    carried as (select *, list_has_any(string_split(protocols, ':'), ['icmp', 'icmpv6']) AS quoted from lines)
    select whole(frame) AS frame, epoch(time) AS seen, string_split(protocols, ':') AS protocols,
      -- An ICMP error quotes the header of another packet.
      CASE WHEN quoted THEN NULL WHEN tcp_stream IS NOT NULL THEN 'tcp:' || ${last('tcp_stream')}
        WHEN udp_stream IS NOT NULL THEN 'udp:' || ${last('udp_stream')} END AS stream,
      CASE WHEN tcp_stream IS NOT NULL THEN 'tcp' WHEN udp_stream IS NOT NULL THEN 'udp' END AS transport,
      ip(coalesce(${last('ip4_src')}, ${last('ip6_src')})) AS source_ip, ip(coalesce(${last('ip4_dst')}, ${last('ip6_dst')})) AS destination_ip,
      port(coalesce(${last('tcp_src')}, ${last('udp_src')})) AS source_port,
      port(coalesce(${last('tcp_dst')}, ${last('udp_dst')})) AS destination_port,
      CASE WHEN tcp_stream IS NULL THEN greatest(whole(${last('udp_len')}) - 8, 0)
        WHEN coalesce(tcp_again, tcp_spurious, tcp_alive) IS NOT NULL THEN 0 ELSE whole(${last('tcp_len')}) END AS payload,
      bool(replace(replace(${last('tcp_syn')}, '1', 'true'), '0', 'false')) AS syn,
      bool(replace(replace(${last('tcp_ack')}, '1', 'true'), '0', 'false')) AS ack,
      ${list('ftp_command')} AS ftp_command, ${list('ftp_argument')} AS ftp_argument,
      ${list('ftp_code')} AS ftp_code, ${list('ftp_text')} AS ftp_text,
      whole(${last('tftp_opcode')}) AS tftp_opcode, coalesce(${last('tftp_destination')}, ${last('tftp_source')}) AS tftp_name,
      ${list('smb_command')} AS smb_command, ${list('smb_response')} AS smb_response, ${list('smb_message')} AS smb_message,
      ${list('smb_status')} AS smb_status, ${last('smb_tree')} AS smb_tree, ${list('smb_name')} AS smb_name,
      ${list('smb_file')} AS smb_file, ${list('smb_written')} AS smb_written, ${list('smb_eof')} AS smb_eof,
      ${last('smb_account')} AS smb_account, smb_transform IS NOT NULL AS encrypted
    from carried`;
}
