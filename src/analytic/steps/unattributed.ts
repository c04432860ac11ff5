import type { Parameters } from '../../config/index.js';
import { view } from '../sql.js';

/**
 * `unattributed`: what network and server records show that no process could be tied to. FTP: one row per transfer (its data connection
 * and the control connection that asked for it, which counts in each of its transfers). TFTP and SMB: one row per session. A session of
 * which no transfer is known is one row as well.
 */
export function unattributed(parameters: Parameters): string {
  const threshold = parameters.dataFlowDirectionThreshold;
  const byShare = (out: string, into: string) => `case
    when coalesce(${out}, 0) + coalesce(${into}, 0) = 0 then 'unknown'
    when coalesce(${out}, 0) >= ${threshold} * (coalesce(${out}, 0) + coalesce(${into}, 0)) then 'upload'
    when coalesce(${into}, 0) >= ${threshold} * (coalesce(${out}, 0) + coalesce(${into}, 0)) then 'download'
    else 'unknown' end`;
  return view(
    'unattributed',
    `
    with loose as (
      select s.*, a.owner_executable, a.owner_pid, v.bytes_out, v.bytes_in, v.notes, v.grade
      from sessions s join attribution a using (session) join volume v using (session)
      where a.attribution = 'none' and not a.tied and s.flows + s.transfers > 0),
    content as (
      select session, bool_or(encrypted) as encrypted, count(*) filter (direction is not null) as moves,
        bool_or(action = 'connect' and file_path is distinct from null and file_path not ilike '%IPC$%') as share,
        bool_or(family = 'server') as server_side
      from commands group by session),
    -- FTP, one per file that was moved.
    moved as (
      select l.session, f.direction, f.succeeded, f.reply, f.commands, [f.name] as names, f.size, d.session is not null as seen,
        case when d.session is not null then coalesce(c.bytes_out, 0) + d.bytes_out
          when f.direction = 'upload' then coalesce(c.bytes_out, 0) + f.size when f.size is not null then c.bytes_out end as bytes_out,
        case when d.session is not null then coalesce(c.bytes_in, 0) + d.bytes_in
          when f.direction = 'download' then coalesce(c.bytes_in, 0) + f.size when f.size is not null then c.bytes_in end as bytes_in,
        d.bytes_out as data_out, d.bytes_in as data_in
      from loose l join files f on f.session = l.session and f.direction in ('upload', 'download')
      left join flow_volume c on c.session = l.session and c.role = 'control'
      left join flow_volume d on d.session = l.session and d.role = 'data' and d.x_port = f.x_port and d.y_port = f.y_port
      where l.protocol = 'ftp'),
    ftp_moves as (
      select session,
        -- STOR is not an upload unless it succeeded; without a reply the bytes tell.
        case when succeeded = false then 'unknown' when succeeded is null and seen then ${byShare('data_out', 'data_in')} else direction end as direction,
        succeeded, names, bytes_out, bytes_in,
        case when succeeded = false then array_to_string(commands, ', ') || ' was refused' || coalesce(' (' || reply || ')', '') || '; '
          when not seen and size is not null then 'the flow of the data connection is missing, the size is what the protocol log claims; '
          when not seen then 'the flow of the data connection is missing; ' else '' end as detail
      from moved),
    -- FTP of which no command was seen: what the data connections carried.
    ftp_flows as (
      select l.session, ${byShare('d.bytes_out', 'd.bytes_in')} as direction, null::boolean as succeeded, []::varchar[] as names,
        l.bytes_out, l.bytes_in, case when d.session is null then 'no transfer was seen; ' else 'known by its flows alone; ' end as detail
      from loose l left join (
          select session, sum(bytes_out) as bytes_out, sum(bytes_in) as bytes_in from flow_volume where role = 'data'
            -- Where commands are known and none moved a file, the data connections carried listings.
            and session not in (select session from commands where channel_port is not null) group by session) d using (session)
      where l.protocol = 'ftp' and l.session not in (select session from moved)),
    by_session as (
      select session, bool_or(direction = 'upload') as uploads, bool_or(direction = 'download') as downloads,
        bool_and(succeeded) filter (direction <> 'unknown' and succeeded is not null) as succeeded,
        list_sort(list(distinct name) filter (name is not null and direction <> 'unknown')) as moved_names,
        list_sort(list(distinct name) filter (name is not null)) as names
      from files group by session),
    others as (
      select l.session,
        case when f.succeeded = false then 'unknown' when f.uploads and not f.downloads then 'upload'
          when f.downloads and not f.uploads then 'download'
          when f.uploads and f.downloads then case when coalesce(l.bytes_out, 0) >= coalesce(l.bytes_in, 0) then 'upload' else 'download' end
          else ${byShare('l.bytes_out', 'l.bytes_in')} end as direction,
        f.succeeded, coalesce(case when len(f.moved_names) > 0 then f.moved_names else f.names end, []) as names, l.bytes_out, l.bytes_in,
        case when f.uploads and f.downloads then 'files went both ways; ' when f.session is null and l.transfers = 0 then 'known by its flow alone; ' else '' end as detail
      from loose l left join by_session f using (session) where l.protocol <> 'ftp'),
    every as (from ftp_moves union all from ftp_flows union all from others)
    select l.session, l.protocol, l.client_ip, l.client_port, l.server_ip, l.server_port, e.direction, e.succeeded,
      e.bytes_out::bigint as bytes_out, e.bytes_in::bigint as bytes_in,
      case when e.bytes_out + e.bytes_in > 0 then e.bytes_out / (e.bytes_out + e.bytes_in) end as outbound_share,
      list_filter(e.names, name -> name is not null) as file_names,
      concat_ws('; ', nullif(rtrim(e.detail, '; '), ''),
        case
          when len(list_filter(e.names, name -> name is not null)) > 0 then null
          when c.encrypted then 'name not observable: the session is encrypted'
          -- A share was opened and bytes went over it, yet no file command could be read.
          when l.protocol = 'smb' and c.share and coalesce(c.moves, 0) = 0 and not coalesce(c.server_side, false)
            then 'name not observable: no file command could be read after the share was opened, as with SMB 3 encryption' end,
        case
          when l.connections = 0 and l.host is null then 'no endpoint record of this connection: the client''s process is not visible'
          when l.connections = 0 then 'no connection record from ' || l.host || ', and no process event there names the server or the file'
          when l.owner_executable is null and l.owner_pid is null then 'the connection record names no process'
          when e.direction = 'upload' and len(e.names) > 0 and c.server_side then 'a file was written on the share; the socket belongs to '
            || coalesce(file_of(l.owner_executable), 'pid ' || l.owner_pid) || ' (PID ' || coalesce(l.owner_pid::varchar, '?')
            || '), and no process event, script block or file event on ' || coalesce(nullif(l.host, ''), 'the client') || ' names the server or the file'
          else 'the socket belongs to ' || coalesce(file_of(l.owner_executable), 'pid ' || l.owner_pid) || ' (PID '
            || coalesce(l.owner_pid::varchar, '?') || '), and no process event, script block or file event names the server or the file' end) as reason,
      l.start, l.until, l.ids
    from every e join loose l using (session) left join content c using (session)`,
  );
}
