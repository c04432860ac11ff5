import type { Parameters, Protocol } from '../../config/index.js';
import { milliseconds, table } from '../sql.js';

const transports: Readonly<Record<Protocol, string>> = { ftp: 'tcp', smb: 'tcp', tftp: 'udp' };

/** `protocol_of(port, transport)`: which of the three a server port means. */
function protocolOf({ protocolPorts }: Parameters): string {
  const cases = (['ftp', 'smb', 'tftp'] as const)
    .filter((protocol) => protocolPorts[protocol].length > 0)
    .map(
      (protocol) =>
        `when port in (${protocolPorts[protocol].join(', ')}) and coalesce(transport, '${transports[protocol]}') = '${transports[protocol]}' then '${protocol}'`,
    );
  return `create or replace temp macro protocol_of(port, transport) as ${cases.length === 0 ? 'null::varchar' : `case ${cases.join(' ')} end`}`;
}

/** A record of an FTP data connection by itself (Zeek's files, Suricata's ftp_data): its tuple is not the session's. */
export const isContent = `coalesce("network.protocol" = 'ftp' and "flow.data_uid" is not null
  and coalesce("flow.uid", "flow.data_uid") = "flow.data_uid", false)`;

const endpoints = `"source.ip" as source_ip, "source.port" as source_port, "destination.ip" as destination_ip,
  "destination.port" as destination_port, "network.transport" as transport`;

/**
 * `anchors`: every record that shows a session's own connection: FTP control, TFTP request, SMB. Client and server are put right here,
 * whichever way the record has them. `family` says whose clock and whose eyes: endpoint, server or network.
 */
export function anchors(parameters: Parameters): string[] {
  const window = milliseconds(parameters.sessionWindow);
  return [
    protocolOf(parameters),
    table(
      'anchor_rows',
      `
      with connections as (
        select 'connection' as kind, "event.id" as id, "event.module" as module, null::varchar as uid, "@timestamp" as seen_at,
          "@timestamp" as until, "host.name" as host_name, ${endpoints}, null::varchar as named, false as names_tftp,
          "network.community_id" as community_id,
          coalesce("network.direction", case "sysmon.initiated" when true then 'egress' when false then 'ingress' end) as direction
        from connection),
      flows as (
        select 'flow' as kind, "event.id" as id, "event.module" as module, "flow.uid" as uid, "event.start" as seen_at,
          coalesce("event.end", "event.start") as until, null::varchar as host_name, ${endpoints},
          -- A sensor that knows TFTP calls its data flow the same: only a port tells the request.
          case when "network.protocol" in ('ftp', 'smb') then "network.protocol" end as named,
          "network.protocol" = 'tftp' as names_tftp,
          "network.community_id" as community_id, null::varchar as direction
        from flow where "source.ip" is not null and "network.protocol" is distinct from 'ftp-data'),
      sockets as (select * from connections union all by name select * from flows),
      judged as (
        select *, protocol_of(destination_port, transport) as by_destination,
          -- An outgoing connection from such a port is a client's that got that port by chance.
          case when direction is distinct from 'egress' then protocol_of(source_port, transport) end as by_source
        from sockets
        where protocol_of(destination_port, transport) is not null or protocol_of(source_port, transport) is not null
          or named is not null),
      oriented as (
        select kind, id, module, uid, seen_at, until, host_name, community_id, coalesce(by_destination, by_source, named) as protocol,
          case when named is not null or names_tftp then 'app_layer' else 'port' end as known_from,
          case when direction = 'ingress' then 'server' when kind = 'flow' then 'network' else 'endpoint' end as family,
          by_destination is null and by_source is not null as turned, source_ip, source_port, destination_ip, destination_port
        from judged
        where coalesce(by_destination, by_source, named) is not null),
      logs as (
        select 'transfer' as kind, "event.id" as id, "event.module" as module, "flow.uid" as uid, "@timestamp" as seen_at,
          "@timestamp" as until, "host.name" as host_name, "network.community_id" as community_id,
          "network.protocol" as protocol, 'protocol_log' as known_from,
          case when "observer.type" in ('server', 'gateway', 'host') then 'server' else 'network' end as family,
          false as turned, "source.ip" as source_ip, "source.port" as source_port, "destination.ip" as destination_ip,
          "destination.port" as destination_port
        from transfer
        where "network.protocol" in ('ftp', 'smb', 'tftp') and "source.ip" is not null and not ${isContent})
      select a.kind, a.id, a.module, a.uid, a.seen_at, a.until, case when a.kind = 'connection' then coalesce(h.host, '') else h.host end as host, a.community_id, a.protocol, a.known_from, a.family,
        case when turned then destination_ip else source_ip end as client_ip,
        case when turned then destination_port else source_port end as client_port,
        case when turned then source_ip else destination_ip end as server_ip,
        case when turned then source_port else destination_port end as server_port
      from (select * from oriented union all by name select * from logs) a
      left join host_by_key h on h.key = host_key(a.host_name)`,
    ),
    table(
      'anchors',
      `
      with whole as (select * from anchor_rows where server_ip is not null and client_port is not null),
      partly as (select * from anchor_rows where server_ip is null or client_port is null),
      -- The machine that serves a share (5140, 5145) names the client alone: its own address is known from elsewhere.
      known as (
        select protocol, client_ip, client_port, min(server_ip) as server_ip, min(server_port) as server_port
        from whole semi join partly using (protocol, client_ip, client_port)
        group by protocol, client_ip, client_port having count(distinct server_ip) = 1),
      own as (
        select host, min(key) as address from identity where kind = 'address' group by host having count(*) = 1),
      named as (
        select p.* replace (
            coalesce(p.server_ip, k.server_ip, case when p.family = 'server' then o.address end) as server_ip,
            coalesce(p.server_port, k.server_port) as server_port)
        from partly p left join known k using (protocol, client_ip, client_port) left join own o on o.host = p.host),
      -- A server's log may leave out the client's port: it goes with the latest session of these two.
      dated as (
        select p.id, p.kind, s.client_port, s.server_port
        from (select * from named where client_port is null) p asof join whole s
          on s.protocol = p.protocol and s.client_ip = p.client_ip and s.server_ip = p.server_ip
            and p.seen_at + interval 2 seconds >= s.seen_at
        where s.seen_at >= p.seen_at - ${milliseconds(parameters.aggregationWindow)}),
      completed as (
        select n.* replace (
            coalesce(n.client_port, d.client_port) as client_port, coalesce(n.server_port, d.server_port) as server_port)
        from named n left join dated d using (id, kind)),
      keyed as (
        select *, concat_ws('|', protocol, client_ip, coalesce(client_port::varchar, ''), coalesce(server_ip, ''),
            -- TFTP's server answers from another port: only the client's port names the session.
            case when protocol <> 'tftp' then coalesce(server_port::varchar, '') end) as key
        from (from whole union all by name from completed)),
      -- Only a tuple whose records are further apart than the window can be several sessions.
      suspects as (
        select key, max(seen_at) - min(seen_at) > interval 1 day as long from keyed
        group by key having max(seen_at) - min(seen_at) > ${window}),
      spans as (
        select k.*, long,
          max(until) over (partition by key order by seen_at nulls first, until
            rows between unbounded preceding and 1 preceding) as before,
          max(until) over (partition by key, family order by seen_at nulls first, until
            rows between unbounded preceding and 1 preceding) as before_of_family
        from keyed k join suspects using (key)),
      pieces as (
        select *, sum(case when seen_at > before + ${window} then 1 else 0 end)
            over (partition by key order by seen_at nulls first, until rows unbounded preceding) as piece,
          seen_at > before_of_family + ${window} as again
        from spans),
      reused as (select key from pieces group by key having bool_or(again) or bool_or(long))
      -- One tuple seen once by each observer is one session, however far their clocks are apart (a day at most).
      select k.* exclude (key), key || '#0' as session from keyed k anti join reused using (key)
      union all by name
      select p.* exclude (key, long, before, before_of_family, piece, again), key || '#' || piece as session
      from pieces p semi join reused using (key)`,
    ),
    // Behind a NAT that keeps ports the sensor sees another client address (trap 10): the two halves of one session meet here.
    `update anchors set session = n.inside from (
       with halves as (
         select session, any_value(protocol) as protocol, min(client_ip) as client_ip, min(client_port) as client_port,
           min(server_ip) as server_ip, min(server_port) as server_port, min(seen_at) as start,
           bool_or(kind = 'connection' and family = 'endpoint') as endpoint, bool_or(family = 'network') as network
         from anchors group by session)
       select o.session as outside, any_value(i.session) as inside
       from halves i join halves o using (protocol, client_port, server_ip, server_port)
       where i.endpoint and not i.network and o.network and not o.endpoint and i.client_ip <> o.client_ip
         and o.client_ip not in (select key from identity where kind = 'address')
         and o.start between i.start - ${window} and i.start + ${window}
       group by o.session having count(*) = 1) n
     where anchors.session = n.outside`,
  ];
}
