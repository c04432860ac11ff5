import { table } from '../sql.js';

/**
 * `members(session, kind, id, role, …)`: every record of every session. `sessions`: one row per FTP control connection with its data
 * connections, per TFTP request with its transfer, per SMB connection; client and server, start and end, the client's host.
 */
export const sessions: readonly string[] = [
  table(
    'members',
    `
    select a.session, a.kind, a.id, a.module, a.family, a.seen_at, a.until, a.host, a.community_id,
      case a.protocol when 'ftp' then 'control' when 'tftp' then 'request' else 'data' end as role,
      a.client_port as x_port, a.server_port as y_port, 'tuple' as tied_by
    from anchors a
    union all by name
    select m.session, m.kind, m.id, s.module,
      case when s.kind <> 'connection' then 'network' when h.host is not distinct from c.host then 'endpoint' else 'server' end as family,
      s.seen_at, s.until, h.host, null::varchar as community_id,
      case when m.session like 'tftp|%' then 'transfer' else 'data' end as role, m.x_port, m.y_port, m.tied_by
    from side_members m
    join sides s on s.kind = m.kind and s.id = m.id
    left join host_by_key h on h.key = host_key(s.host_name)
    left join (
      select a.session, coalesce(min(a.host) filter (a.family = 'endpoint' and a.kind = 'connection'), min(k.host)) as host
      from anchors a left join host_by_key k on k.key = a.client_ip group by a.session) c on c.session = m.session`,
  ),
  table(
    'sessions',
    `
    with own as (
      select session, any_value(protocol) as protocol,
        case max(case known_from when 'protocol_log' then 2 when 'app_layer' then 1 else 0 end)
          when 2 then 'protocol_log' when 1 then 'app_layer' else 'port' end as protocol_from,
        coalesce(min(client_ip) filter (family = 'endpoint'), min(client_ip)) as client_ip, min(client_port) as client_port, min(server_ip) as server_ip, min(server_port) as server_port,
        min(host) filter (family = 'endpoint' and kind = 'connection') as endpoint_host,
        min(host) filter (family = 'server') as server_host
      from anchors group by session),
    spans as (
      select session, min(seen_at) as start, max(until) as until,
        min(seen_at) filter (kind = 'connection' and family = 'endpoint') as host_start,
        max(until) filter (kind = 'flow') as flow_end,
        count(*) filter (kind = 'connection' and family = 'endpoint') as connections,
        count(*) filter (kind = 'flow') as flows, count(*) filter (kind = 'transfer') as transfers,
        list_sort(list(distinct id)) as ids
      from members group by session),
    joined as (
      select c.session, bool_or(c.community_id = f.community_id) as by_community_id
      from members c join members f on f.session = c.session and f.kind <> 'connection'
      where c.kind = 'connection' and c.family = 'endpoint' and f.family = 'network' and c.role = f.role
      group by c.session)
    select o.session, o.protocol, o.protocol_from, o.client_ip, o.client_port, o.server_ip, o.server_port,
      coalesce(o.endpoint_host, h.host) as host, coalesce(o.server_host, g.host) as server_host,
      s.start, s.until, s.host_start, s.flow_end, s.connections, s.flows, s.transfers,
      case when j.session is not null then case when j.by_community_id then 'community_id' else '5-tuple' end end as joined_by,
      s.ids
    from own o join spans s using (session)
    left join joined j using (session)
    left join host_by_key h on h.key = o.client_ip
    left join host_by_key g on g.key = o.server_ip`,
  ),
];
