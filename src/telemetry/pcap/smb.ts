import type { Sql } from '../sql/sql.js';
import type { TransferRows } from './transfers.js';

/** One SMB2 message per row: a frame may hold several. Commands: [MS-SMB2] 2.2.1. */
const messages = (packets: string): Sql => `
  unfolded as (
    select *, unnest(range(1, len(smb_command) + 1)) AS nth from ${packets} where smb_command IS NOT NULL),
  messages as (
    select frame, seen, stream, transport, source_ip, source_port, destination_ip, destination_port, nth, smb_tree AS tree,
      smb_account AS account, whole(smb_command[nth]) AS command, smb_response[nth] = '1' AS response, smb_message[nth] AS message,
      -- Requests have a channel sequence in this place, so that only responses fill the list.
      CASE WHEN smb_response[nth] = '1' THEN
        CASE WHEN len(smb_status) = len(smb_command) THEN smb_status[nth] WHEN len(smb_command) = 1 THEN smb_status[1] END END AS status,
      CASE WHEN len(smb_file) = len(smb_command) THEN smb_file[nth] WHEN len(smb_file) = 1 THEN smb_file[1] END AS file,
      CASE WHEN len(list_filter(smb_command, lambda c: c = '5')) = 1 THEN absent(smb_name[1]) END AS name,
      smb_written[len(list_filter(smb_command[1:nth], lambda c: c = '9'))] AS written,
      CASE WHEN len(smb_command) = 1 THEN smb_eof[1] END AS eof
    from unfolded),
  requests as (select * from messages where NOT response),
  answered as (
    select q.*, a.status, a.eof AS size_then, coalesce(nullif(q.file, '00000000-0000-0000-0000-000000000000'), a.file) AS handle
    from (select * exclude (status) from requests) q left join (select * from messages where response and status IS DISTINCT FROM '0x00000103') a
      on a.stream = q.stream and a.message = q.message and a.command = q.command),
  -- The name of a handle is that of the CREATE that opened it.
  handles as (
    select stream, handle, max_by(name, frame) AS name, max_by(tree, frame) AS tree from answered
    where command = 5 and handle IS NOT NULL group by stream, handle)`;

const outcome = (
  status: Sql,
): Sql => `CASE WHEN whole(${status}) = 0 THEN 'success' WHEN whole(${status}) >= 3221225472
  AND whole(${status}) <> 3221225494 THEN 'failure' END`;

const common: Readonly<Record<string, Sql>> = {
  '@timestamp': 'r.seen',
  'observer.type': `'sensor'`,
  'network.protocol': `'smb'`,
  'network.transport': 'r.transport',
  'source.ip': 'r.source_ip',
  'source.port': 'r.source_port',
  'destination.ip': 'r.destination_ip',
  'destination.port': 'r.destination_port',
  'flow.uid': 'r.stream',
  'event.action': 'r.action',
  'transfer.command': 'r.verb',
  'event.outcome': 'r.outcome',
  'file.uid': 'r.handle',
  'file.size': 'r.size',
  'file.name': 'base_name(r.name)',
  'file.path': `absent(concat_ws('\\', r.tree, r.name))`,
  'user.name': 'r.account',
};

/** An event id of its own for the second and later messages of a frame. */
const id = (label: Sql): Sql => `CASE WHEN nth > 1 THEN ${label} || frame || '.' || nth END`;

/** SMB2: connections to shares, files opened and closed, and per handle all that was written and read. */
export const smbTransfers = (label: Sql): TransferRows => ({
  relation: (packets) => `(
    with ${messages(packets)},
    named as (
      select a.* exclude (name, tree), coalesce(a.name, h.name) AS name, coalesce(a.tree, h.tree) AS tree
      from answered a left join handles h using (stream, handle)),
    single as (
      select frame, nth, seen, stream, transport, source_ip, source_port, destination_ip, destination_port, account, name, tree, handle,
        CASE command WHEN 3 THEN 'connect' WHEN 5 THEN 'open' ELSE 'other' END AS action,
        CASE command WHEN 3 THEN 'TREE_CONNECT' WHEN 5 THEN 'CREATE' ELSE 'CLOSE' END AS verb,
        ${outcome('status')} AS outcome, CASE command WHEN 5 THEN whole(size_then) END AS size
      from named where command IN (3, 5, 6)),
    moved as (
      select min(frame) AS frame, min_by(nth, frame) AS nth, min(seen) AS seen, stream, any_value(transport) AS transport,
        any_value(source_ip) AS source_ip, any_value(source_port) AS source_port, any_value(destination_ip) AS destination_ip,
        any_value(destination_port) AS destination_port, any_value(account) AS account, any_value(name) AS name, any_value(tree) AS tree, handle,
        CASE command WHEN 9 THEN 'write' ELSE 'read' END AS action, CASE command WHEN 9 THEN 'WRITE' ELSE 'READ' END AS verb,
        CASE WHEN bool_or(${outcome('status')} = 'failure') THEN 'failure' WHEN bool_or(${outcome('status')} = 'success') THEN 'success' END AS outcome,
        CASE command WHEN 9 THEN sum(whole(written))::BIGINT END AS size
      from named where command IN (8, 9) group by stream, handle, command)
    select frame AS n, ${id(label)} AS id, 'tshark smb' AS kind, * from (from single union all by name from moved))`,
  columns: common,
});

/** SMB3 with encryption: that it is so is all that can be seen. [MS-SMB2] 2.2.41 */
export const encryptedTransfers: TransferRows = {
  relation: (packets) => `(
    select min(frame) AS n, NULL::VARCHAR AS id, 'tshark smb' AS kind, min(seen) AS seen, stream, any_value(transport) AS transport,
      min_by(source_ip, frame) AS source_ip, min_by(source_port, frame) AS source_port, min_by(destination_ip, frame) AS destination_ip,
      min_by(destination_port, frame) AS destination_port, any_value(smb_account) AS account, 'other' AS action, 'TRANSFORM' AS verb,
      NULL AS outcome, NULL AS handle, NULL::BIGINT AS size, NULL::VARCHAR AS name, NULL::VARCHAR AS tree
    from (select * from ${packets} where encrypted qualify source_port = first_value(source_port) over (partition by stream order by frame))
    group by stream)`,
  columns: { ...common, 'network.encrypted': 'true' },
};
