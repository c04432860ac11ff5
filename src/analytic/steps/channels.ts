import type { Parameters } from '../../config/index.js';
import { milliseconds, table } from '../sql.js';
import { isContent } from './anchors.js';

const ends = (a: string, b: string) =>
  `r.${a}_ip as x_ip, r.${a}_port as x_port, r.${b}_ip as y_ip, r.${b}_port as y_port`;

/**
 * The connections that carry an FTP session's files, and the one that carries a TFTP session's (traps 2, 3, 4), whoever opened them.
 * `sides`: candidates, x being the client's end and y the server's. `announcements`: what PASV, EPSV, PORT and EPRT said.
 * `side_members(session, kind, id, x_port, y_port, tied_by)`.
 */
export function channels(parameters: Parameters): string[] {
  const window = milliseconds(parameters.sessionWindow);
  const side = (kind: string, columns: string, from: string, first: string, second: string) => `
    select '${kind}' as kind, r.id, r.module, r.uid, r.seen_at, r.until, r.host_name, r.process, r.transport, r.named, r.direction, '${first}' = 'source' as from_client, ${ends(first, second)}
    from (select "event.id" as id, "event.module" as module, "network.transport" as transport, "source.ip" as source_ip,
        "source.port" as source_port, "destination.ip" as destination_ip, "destination.port" as destination_port, ${columns}
      from ${from}) r
    semi join pairs p on p.client_ip = r.${first}_ip and p.server_ip = r.${second}_ip`;
  const connection = `"@timestamp" as seen_at, "@timestamp" as until, "host.name" as host_name, null::varchar as uid,
    coalesce("process.entity_id", "process.pid"::varchar) as process, null::varchar as named,
    coalesce("network.direction", case "sysmon.initiated" when true then 'egress' when false then 'ingress' end) as direction`;
  const flow = `"event.start" as seen_at, coalesce("event.end", "event.start") as until, null::varchar as host_name, "flow.uid" as uid,
    null::varchar as process, "network.protocol" as named, null::varchar as direction`;
  const content = `"@timestamp" as seen_at, "@timestamp" as until, null::varchar as host_name, "flow.data_uid" as uid,
    null::varchar as process, 'ftp-data' as named, null::varchar as direction`;
  return [
    table(
      'session_ends',
      `
      select session, client_ip, client_port, any_value(protocol) as protocol,
        min(server_ip) as server_ip, min(server_port) as server_port, min(seen_at) as start, max(until) as until,
        bool_or(kind = 'flow' and until > seen_at) as measured_end
      from anchors group by session, client_ip, client_port`,
    ),
    table(
      'sides',
      `
      with pairs as (
        select distinct client_ip, server_ip from session_ends where protocol in ('ftp', 'tftp') and server_ip is not null),
      either as (
        ${side('connection', connection, 'connection', 'source', 'destination')}
        union all ${side('connection', connection, 'connection', 'destination', 'source')}
        union all ${side('flow', flow, 'flow', 'source', 'destination')}
        union all ${side('flow', flow, 'flow', 'destination', 'source')}
        union all ${side('transfer', content, `transfer where ${isContent}`, 'source', 'destination')}
        union all ${side('transfer', content, `transfer where ${isContent}`, 'destination', 'source')})
      select * from either b anti join anchors a on a.kind = b.kind and a.id = b.id`,
    ),
    table(
      'announcements',
      `
      select a.session, t."event.module" as module, t."log.file.path" as path, t."log.offset" as position, t."@timestamp" as seen_at,
        t."event.id" as id, a.client_ip, a.server_ip,
        coalesce(t."data.passive", t."data.destination.ip" = a.server_ip) as passive, t."data.destination.port" as port
      from anchors a join transfer t on t."event.id" = a.id
      where a.kind = 'transfer' and a.protocol = 'ftp' and t."data.destination.port" is not null`,
    ),
    table(
      'side_members',
      `
      with announced as (
        select n.session, s.kind, s.id, s.x_port, s.y_port, 'announcement' as tied_by,
          abs(epoch_ms(s.seen_at) - epoch_ms(n.seen_at)) as distance
        from sides s join announcements n
          on n.client_ip = s.x_ip and n.server_ip = s.y_ip and n.port = case when n.passive then s.y_port else s.x_port end
        where coalesce(s.transport, 'tcp') = 'tcp'
          and (s.seen_at is null or n.seen_at is null or s.seen_at between n.seen_at - ${window} and n.seen_at + ${window})),
      -- A host's clock may be off by more than the window: the tuple of a flow that is already in does as well.
      retupled as (
        select a.session, s.kind, s.id, s.x_port, s.y_port, 'announcement', 0
        from sides s join sides f using (x_ip, x_port, y_ip, y_port) join announced a on a.id = f.id and a.kind = f.kind
        where f.kind = 'flow' and s.kind <> 'flow' and coalesce(abs(epoch_ms(s.seen_at) - epoch_ms(f.seen_at)) < 86400000, true)),
      -- Without a protocol log: the same two hosts, while the control connection lasted.
      overlapping as (
        select e.session, s.kind, s.id, s.x_port, s.y_port, 'overlap', abs(epoch_ms(s.seen_at) - epoch_ms(e.start))
        from session_ends e join sides s on s.x_ip = e.client_ip and s.y_ip = e.server_ip
        where e.protocol = 'ftp' and coalesce(s.transport, 'tcp') = 'tcp'
          and e.session not in (select session from announcements)
          and (s.named = 'ftp-data' or ((s.named is null or s.named = 'failed')
            and (s.x_port >= 1024 or s.x_port = 20) and (s.y_port >= 1024 or s.y_port = 20)))
          and ((s.seen_at is null and e.start is null and s.named = 'ftp-data') or s.seen_at between e.start - interval 2 seconds
            and case when e.measured_end then e.until + interval 2 seconds else e.start + ${window} end)
          and (s.process is null or not exists (
            from anchors a join connection c on c."event.id" = a.id
            where a.session = e.session and a.kind = 'connection' and a.family = 'endpoint'
              and coalesce(c."process.entity_id", c."process.pid"::varchar) <> s.process))),
      tftp as (
        select e.session, s.kind, s.id, s.x_port, s.y_port, 'client port', abs(epoch_ms(s.seen_at) - epoch_ms(e.start))
        from session_ends e join sides s on s.x_ip = e.client_ip and s.x_port = e.client_port and s.y_ip = e.server_ip
        where e.protocol = 'tftp' and coalesce(s.transport, 'udp') = 'udp'
          and (s.seen_at is null or e.start is null or s.seen_at between e.start - ${window} and e.until + ${window})),
      by_uid as (
        select a.session, s.kind, s.id, s.x_port, s.y_port, 'uid', 0
        from anchors a join transfer t on t."event.id" = a.id join sides s
          on s.uid = t."flow.data_uid" and s.module = a.module and s.x_ip = a.client_ip and s.y_ip = a.server_ip
        where a.kind = 'transfer' and t."flow.data_uid" is not null),
      every as (
        from announced union all from retupled union all from overlapping union all from tftp union all from by_uid)
      -- A record belongs to one session: the one that is closest in time.
      select * exclude (distance) from every
      qualify row_number() over (partition by kind, id order by distance nulls last, session) = 1`,
    ),
  ];
}
