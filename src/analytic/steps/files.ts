import { table } from '../sql.js';

/**
 * `files(session, direction, name, size, succeeded, x_port, y_port, ids)`: the files that a session's records name, each once, whoever
 * saw it. For FTP with the ends of the data connection that carried it: the k-th announcement of a port goes with the k-th connection
 * to it, since data ports are used again within one session.
 */
export const files: readonly string[] = [
  table(
    'commands',
    `
    with records as (
      select session, protocol, family, id, null::integer as x_port, null::integer as y_port, null::boolean as from_client
      from anchors where kind = 'transfer'
      union all
      select m.session, 'ftp', 'network', m.id, m.x_port, m.y_port, s.from_client
      from side_members m join sides s on s.kind = m.kind and s.id = m.id where m.kind = 'transfer'),
    raw as (
      select a.session, a.protocol, a.family, a.x_port, a.y_port, a.from_client, t."file.uid" as file_uid, t."event.id" as id, t."event.module" as module, t."log.file.path" as path,
        t."log.offset" as position, t."@timestamp" as seen_at, t."event.action" as action,
        upper(t."transfer.command") as command, t."event.outcome" as outcome, t."transfer.reply_code" as reply,
        coalesce(t."network.encrypted", false) as encrypted,
        -- What smb_files says is the size before the write, often 0 (trap 8).
        case when t."transfer.command" like 'SMB::%' then null else t."file.size" end as size,
        file_of(coalesce(t."file.name", t."file.path")) as name, t."file.path" as file_path, t."flow.data_uid" as data_uid,
        case when t."data.destination.port" is not null then
          coalesce(t."data.passive", t."data.destination.ip" = t."destination.ip") end as passive,
        t."data.destination.port" as port
      from records a join transfer t on t."event.id" = a.id),
    judged as (
      select * replace (nullif(nullif(name, '<share_root>'), '') as name),
        case
          -- Named pipes are no files.
          when file_path ilike '%IPC$%' then null
          when command in ('STOR', 'STOU', 'APPE', 'WRQ') then 'upload'
          when command in ('RETR', 'RRQ') then 'download'
          -- Of a data connection the record tells what its originator did; with PORT that is the server (trap 3).
          when action in ('write', 'read') then case when (action = 'write') = coalesce(from_client, true) then 'upload' else 'download' end
          when action = 'open' then 'unknown' end as direction,
        case
          when outcome is not null then outcome = 'success'
          when protocol = 'ftp' and reply between 200 and 299 then true
          when protocol = 'ftp' and reply >= 400 then false end as succeeded
      from raw),
    -- Ordinal of each announcement of a port, and for each command the last announcement before it, in each sensor's own order.
    numbered as (
      select *,
        case when port is not null then count(port) over (partition by session, module, path, passive, port
          order by seen_at nulls first, position rows unbounded preceding) end as ordinal
      from judged)
    select *,
      last_value(port ignore nulls) over w as channel_port,
      last_value(passive ignore nulls) over w as channel_passive,
      last_value(ordinal ignore nulls) over w as channel_ordinal
    from numbered
    window w as (partition by session, module, path order by seen_at nulls first, position rows unbounded preceding)`,
  ),
  table(
    'data_channels',
    `
    with announced as (
      select session, passive, port, ordinal, min(seen_at) as seen_at, count(*) over (partition by session, passive, port) as announcements
      from commands where ordinal is not null group by session, passive, port, ordinal),
    tuples as (
      select m.session, m.x_port, m.y_port, min(s.seen_at) as seen_at
      from side_members m join sides s on s.kind = m.kind and s.id = m.id
      group by m.session, m.x_port, m.y_port),
    ended as (
      select t.*, p.passive, case when p.passive then y_port else x_port end as port
      from tuples t cross join (values (true), (false)) p(passive)),
    counted as (
      select *, row_number() over (partition by session, passive, port order by seen_at nulls last, x_port, y_port) as ordinal,
        count(*) over (partition by session, passive, port) as connections
      from ended)
    select a.session, a.passive, a.port, a.ordinal, c.x_port, c.y_port
    from announced a join counted c
      on c.session = a.session and c.passive = a.passive and c.port = a.port
        and (c.ordinal = a.ordinal or c.connections <> a.announcements)
    -- Where some were not seen, time decides.
    qualify row_number() over (partition by a.session, a.passive, a.port, a.ordinal
      order by abs(epoch_ms(c.seen_at) - epoch_ms(a.seen_at)) nulls last, c.ordinal) = 1`,
  ),
  table(
    'files',
    `
    -- The id of the content is the same in the command's record and in the data connection's (Zeek's fuid).
    with by_content as (
      select c.session, c.id, min({'x': o.x_port, 'y': o.y_port}) as ends
      from commands c join commands o on o.session = c.session and o.file_uid = c.file_uid
      where c.x_port is null and o.x_port is not null group by c.session, c.id),
    placed as (
      select c.* exclude (x_port, y_port), coalesce(c.x_port, o.ends.x, d.x_port) as x_port,
        coalesce(c.y_port, o.ends.y, d.y_port) as y_port
      from commands c
      left join by_content o on o.session = c.session and o.id = c.id
      left join data_channels d on c.protocol = 'ftp' and c.family = 'network' and c.x_port is null and d.session = c.session
        and d.passive = c.channel_passive and d.port = c.channel_port and d.ordinal = c.channel_ordinal
      where c.direction is not null and (c.name is not null or c.direction <> 'unknown')),
    -- A record that lacks the name goes with the one that has it; one that lacks the connection likewise.
    named as (
      select * replace (coalesce(name, max(name) over (partition by session, direction, x_port, y_port)) as name) from placed),
    tied as (
      select * exclude (other) replace (coalesce(x_port, other.x) as x_port, coalesce(y_port, other.y) as y_port)
      from (
        select *, min(case when x_port is not null then {'x': x_port, 'y': y_port} end)
          over (partition by session, direction, name) as other
        from named))
    select session, protocol, direction, name, x_port, y_port, max(size) as size,
      case when bool_or(succeeded) then true when bool_or(not succeeded) then false end as succeeded,
      max(reply) filter (where not succeeded) as reply, min(seen_at) as seen_at, list_sort(list(distinct id)) as ids,
      list_sort(list(distinct command) filter (command is not null)) as commands,
      bool_or(family = 'server') as from_server
    from tied group by session, protocol, direction, name, x_port, y_port`,
  ),
];
