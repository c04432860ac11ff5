import { table } from '../sql.js';

/**
 * Payload of a direction whose counter includes headers. UDP's are fixed. TCP's options are not in the record: timestamps (12 bytes,
 * RFC 7323) are there where the barest direction between these two hosts shows them; the SYN's own options are what is left over in a
 * direction of mere acknowledgements, else 8 bytes beside timestamps and 12 without (MSS, window scale, SACK permitted).
 */
const payload = (bytes: string, packets: string) => `
  case when counter = 'payload' or ${packets} is null then ${bytes} else greatest(0, ${bytes} - ${packets} * header - extra) end`;

/**
 * `flow_volume`: bytes from and to the client per socket, by the sensor that saw it best. `volume(session, bytes_out, bytes_in,
 * outbound_share, grade, missing, notes)`: transport payload over all sockets, seen from the client whoever opened them (trap 3).
 */
export const volume: readonly string[] = [
  table(
    'flow_volume',
    `
    with seen as (
      select m.session, m.role, m.x_port, m.y_port, m.module || coalesce('|' || f."observer.name", '') as observer, f."event.id" as id,
        f."event.start" as seen_at, coalesce(f."event.end", f."event.start") as until,
        coalesce(f."network.transport", case when m.session like 'tftp|%' then 'udp' else 'tcp' end) as transport,
        coalesce(f."flow.counter", 'unknown') as counter,
        case when f."source.ip" like '%:%' then 40 else 20 end + case when f."flow.counter" = 'ip' then 0 else 14 end as base,
        -- Client and server of one address (loopback) are told apart by their ports.
        f."source.ip" <> s.server_ip or (s.client_ip = s.server_ip and f."source.port" = m.x_port) as forward,
        f."source.bytes" as source_bytes, f."source.packets" as source_packets,
        f."destination.bytes" as destination_bytes, f."destination.packets" as destination_packets
      from members m join sessions s using (session) join flow f on f."event.id" = m.id
      where m.kind = 'flow'),
    halves as (
      select session, role, x_port, y_port, observer, id, seen_at, until, transport, counter, base, forward as outward,
        source_bytes as bytes, source_packets as packets from seen where source_bytes is not null
      union all
      select session, role, x_port, y_port, observer, id, seen_at, until, transport, counter, base, not forward,
        destination_bytes, destination_packets from seen where destination_bytes is not null),
    -- A long flow comes in pieces, one after the other: they add up. What overlaps is the same flow reported twice (trap 11).
    repeated as (
      select session, x_port, y_port, observer, outward from halves
      group by session, x_port, y_port, observer, outward having count(*) > 1),
    spans as (
      select *, max(until) over (partition by session, x_port, y_port, observer, outward order by seen_at nulls first, until, id
        rows between unbounded preceding and 1 preceding) as before
      from halves semi join repeated using (session, x_port, y_port, observer, outward)),
    pieces as (
      select *, sum(case when seen_at > before then 1 else 0 end) over (partition by session, x_port, y_port, observer, outward
        order by seen_at nulls first, until, id rows unbounded preceding) as piece from spans),
    whole as (
      select session, any_value(role) as role, x_port, y_port, observer, outward, any_value(transport) as transport,
        min(counter) as counter, min(base) as base, max(bytes) as bytes, max(packets) as packets
      from pieces group by session, x_port, y_port, observer, outward, piece
      union all
      select session, role, x_port, y_port, observer, outward, transport, counter, base, bytes, packets
      from halves anti join repeated using (session, x_port, y_port, observer, outward)),
    sums as (
      select session, any_value(role) as role, x_port, y_port, observer, any_value(transport) as transport, min(counter) as counter,
        min(base) as base, sum(bytes) filter (outward) as sent, sum(packets) filter (outward) as sent_packets,
        sum(bytes) filter (not outward) as received, sum(packets) filter (not outward) as received_packets
      from whole group by session, x_port, y_port, observer),
    bare as (
      select u.*, min(case when transport = 'tcp' and counter <> 'payload' then least(sent / nullif(sent_packets, 0),
        received / nullif(received_packets, 0)) end) over (partition by s.client_ip, s.server_ip, observer, base) as barest
      from sums u join sessions s using (session)),
    headed as (
      select *, coalesce(barest between base + 32 and base + 40, false) as timestamps,
        case when transport = 'udp' then base + 8 when barest between base + 32 and base + 40 then base + 32 else base + 20 end as header
      from bare),
    rested as (
      select *, case
          when transport = 'udp' then 0
          when least(sent - sent_packets * header, received - received_packets * header) between 0 and 20
            then least(sent - sent_packets * header, received - received_packets * header)
          when timestamps then 8 else 12 end as extra
      from headed),
    corrected as (
      select session, role, x_port, y_port, observer, counter,
        ${payload('sent', 'sent_packets')} as bytes_out, ${payload('received', 'received_packets')} as bytes_in,
        counter <> 'payload' and (sent_packets is null or received_packets is null) as uncorrected
      from rested),
    rated as (
      select *, max(coalesce(bytes_out, 0) + coalesce(bytes_in, 0)) over w as most, min(coalesce(bytes_out, 0) + coalesce(bytes_in, 0)) over w as least_seen
      from corrected window w as (partition by session, x_port, y_port))
    select session, role, x_port, y_port, observer, counter, bytes_out::bigint as bytes_out, bytes_in::bigint as bytes_in, uncorrected,
      bytes_out is null or bytes_in is null as one_sided, least_seen < 0.9 * most as disputed
    from rated
    qualify row_number() over (partition by session, x_port, y_port order by counter <> 'payload', uncorrected,
      bytes_out is null or bytes_in is null, coalesce(bytes_out, 0) + coalesce(bytes_in, 0) desc, observer) = 1`,
  ),
  table(
    'volume',
    `
    with flows as (
      select session, sum(bytes_out)::bigint as bytes_out, sum(bytes_in)::bigint as bytes_in, bool_or(uncorrected) as uncorrected,
        bool_or(one_sided) as one_sided, bool_or(disputed) as disputed, bool_or(counter <> 'payload') as headers,
        bool_or(role in ('data', 'transfer')) as has_data
      from flow_volume group by session),
    sizes as (
      select f.session, sum(f.size) filter (f.direction = 'upload' and f.succeeded is distinct from false) as uploaded,
        sum(f.size) filter (f.direction = 'download' and f.succeeded is distinct from false) as downloaded,
        count(*) filter (f.direction in ('upload', 'download') and f.succeeded is distinct from false) as moved,
        sum(f.size) filter (f.direction = 'upload' and f.succeeded is distinct from false and v.session is null) as unseen_up,
        sum(f.size) filter (f.direction = 'download' and f.succeeded is distinct from false and v.session is null) as unseen_down,
        -- FTP: a file whose data connection no flow shows.
        count(*) filter (f.direction in ('upload', 'download') and f.succeeded is distinct from false and v.session is null) as unseen
      from files f left join flow_volume v on v.session = f.session and v.role in ('data', 'transfer')
        and (f.x_port is null or f.protocol <> 'ftp' or (v.x_port = f.x_port and v.y_port = f.y_port))
      group by f.session),
    put_together as (
      select s.session, s.protocol,
        case when coalesce(z.unseen, 0) > 0 and z.unseen_up is not null then coalesce(f.bytes_out, 0) + z.unseen_up else f.bytes_out end as bytes_out,
        case when coalesce(z.unseen, 0) > 0 and z.unseen_down is not null then coalesce(f.bytes_in, 0) + z.unseen_down else f.bytes_in end as bytes_in,
        f.session is not null as has_flow, coalesce(f.has_data, false) as has_data, coalesce(f.uncorrected, false) as uncorrected,
        coalesce(f.one_sided, false) as one_sided, coalesce(f.disputed, false) as disputed, coalesce(f.headers, false) as headers,
        coalesce(z.unseen, 0) as unseen, z.unseen_up, z.unseen_down, z.moved, z.uploaded
      from sessions s left join flows f using (session) left join sizes z using (session)),
    graded as (
      select *, case
          when bytes_out is null and bytes_in is null then 'absent'
          when not has_flow or unseen > 0 or uncorrected or one_sided or not has_data or coalesce(uploaded > bytes_out, false) then 'partial'
          else 'measured' end as grade,
        -- The bytes of the file itself, or what came back, are what no record tells.
        case when bytes_out is null or bytes_in is null then true when not has_flow then unseen_up is null and unseen_down is null
          else (unseen > 0 and unseen_up is null and unseen_down is null) or (protocol = 'tftp' and not has_data and unseen_up is null and unseen_down is null)
        end as missing
      from put_together)
    select session, bytes_out, bytes_in,
      case when bytes_out + bytes_in > 0 then bytes_out / (bytes_out + bytes_in) end as outbound_share,
      grade, missing, headers,
      list_filter([
        case when grade = 'absent' then 'volume not visible' end,
        case when grade <> 'absent' and not one_sided and (bytes_out is null or bytes_in is null)
          then 'the bytes of one direction are not visible' end,
        case when has_flow and has_data is false and missing then 'the flow of the data connection is missing' end,
        case when unseen > 0 and not missing then 'bytes partly by the size that the protocol log claims' end,
        case when uncorrected then 'counters include headers, packets unknown' end,
        case when headers and not uncorrected then 'counters include headers; taken off by packet count' end,
        case when one_sided then 'one direction of the flow is missing' end,
        case when disputed then 'sensors disagree about the bytes; the one that saw most counts' end,
        case when has_flow and coalesce(uploaded > bytes_out, false) then 'the flow counts fewer bytes than the file has' end
      ], note -> note is not null) as notes
    from graded`,
  ),
];
