import type { AnalyticContext } from '../types.js';
import { constants, literal, milliseconds, table, view } from '../sql.js';
import { filePattern } from './file-pattern.js';

/**
 * `ties`: one row per session and initiator. `windows`: the same with the sums of the aggregation window (trap 9). `hits`: one row per
 * host, initiator, destination, protocol and run of sessions that are no further apart than the window.
 *
 * Severity: large (≥ largeTransferBytes) medium, else unbalanced (share and minimumBytes) low; a file name that matches raises it by
 * one. Informational: approved, or no volume to judge by.
 */
export function hits(context: AnalyticContext): string[] {
  const { parameters } = context;
  const window = milliseconds(parameters.aggregationWindow);
  const approvals = context.approvedTransfers.flatMap((one) =>
    (one.hosts ?? [null]).map((host) => [
      one.id,
      one.protocol,
      one.destination.toLowerCase(),
      host?.toLowerCase() ?? null,
      one.process?.toLowerCase() ?? null,
      one.maxBytes ?? null,
    ]),
  );
  const approved = constants(
    {
      id: 'varchar',
      protocol: 'varchar',
      destination: 'varchar',
      host: 'varchar',
      image: 'varchar',
      max_bytes: 'bigint',
    },
    approvals,
  );
  const rules = constants(
    { ordinal: 'integer', category: 'varchar', zone: 'varchar', protocol: 'varchar', role: 'varchar' },
    context.incidentRules.map((rule, order) => [
      order,
      rule.category,
      rule.zone ?? null,
      rule.protocol ?? null,
      rule.hostRole ?? null,
    ]),
  );
  const zones = constants(
    { address: 'varchar', protocol: 'varchar', zone: 'varchar' },
    context.sinkZones.map(({ address, protocol, zone }) => [address, protocol, zone]),
  );
  const unbalanced = (out: string, into: string) =>
    `${out} >= ${parameters.minimumBytes} and ${out} >= ${parameters.dataFlowDirectionThreshold} * (${out} + ${into})`;
  return [
    table(
      'ties',
      `
      with shared as (
        select *, count(*) over (partition by session) as initiators from attribution where attribution <> 'none'),
      own as (
        select t.session, t.initiator, sum(f.size)::bigint as size, bool_and(f.size > 0) as known
        from shared t join files f on f.session = t.session and f.direction = 'upload' and f.succeeded is distinct from false
          and list_contains(t.file_tokens, lower(f.name))
        where t.initiators > 1 group by t.session, t.initiator)
      select t.session, t.host, t.attribution, t.via, t.initiator, t.owner_executable, t.owner_pid, t.owner_process, t.initiators,
        t.file_tokens, s.protocol, s.protocol_from, s.client_ip, s.server_ip, s.server_port, s.server_host,
        coalesce(s.host_start, s.start) as start, s.until,
        -- One connection that carried several processes' files (trap 13): each gets its own files' bytes where they are known.
        case when t.initiators > 1 and o.known then o.size else v.bytes_out end as bytes_out,
        case when t.initiators > 1 and o.known then null else v.bytes_in end as bytes_in,
        case when t.initiators > 1 and v.grade = 'measured' then 'partial' else v.grade end as grade, v.missing,
        list_concat(v.notes, case when t.initiators > 1 then ['the connection also carried transfers of other processes'] else [] end) as notes,
        list_concat(s.ids, t.ids) as ids
      from shared t join sessions s using (session) join volume v using (session)
      left join own o on o.session = t.session and o.initiator = t.initiator`,
    ),
    table(
      'windows',
      `
      with spans as (
        select *, max(until) over (partition by host, initiator, server_ip, protocol order by start nulls first, session
          rows between unbounded preceding and 1 preceding) as before from ties),
      runs as (
        select *, sum(case when start > before + ${window} then 1 else 0 end) over (partition by host, initiator, server_ip, protocol
          order by start nulls first, session rows unbounded preceding) as run from spans)
      select * exclude (before), substr(sha256(concat_ws('|', host, initiator, server_ip, protocol, run)), 1, 16) as hit,
        sum(bytes_out) over w as window_out,
        -- The share needs both directions.
        sum(case when bytes_in is not null then bytes_out end) over w as counted_out, sum(case when bytes_out is not null then bytes_in end) over w as counted_in
      from runs
      window w as (partition by host, initiator, server_ip, protocol order by start nulls first
        range between ${window} preceding and current row)`,
    ),
    view(
      'hits',
      `
      with grouped as (
        select hit as id, min(host) as host, any_value(initiator) as initiator, min(server_ip) as server_ip,
          any_value(protocol) as protocol, count(*) as sessions,
          case max(case attribution when 'inferred' then 3 when 'lineage' then 2 else 1 end)
            when 3 then 'inferred' when 2 then 'lineage' else 'direct' end as attribution,
          arg_max(via, case attribution when 'inferred' then 3 when 'lineage' then 2 else 1 end) as via,
          case max(case protocol_from when 'protocol_log' then 2 when 'app_layer' then 1 else 0 end)
            when 2 then 'protocol_log' when 1 then 'app_layer' else 'port' end as protocol_from,
          min(server_port) as server_port, min(server_host) as server_host, min(client_ip) as client_ip,
          arg_min(owner_executable, coalesce(start, timestamp '9999-01-01')) as owner_executable, min(owner_pid) as owner_pid,
          list(distinct owner_process) filter (owner_process is not null) as owner_processes,
          min(start) as start, max(until) as until, sum(bytes_out)::bigint as bytes_out, sum(bytes_in)::bigint as bytes_in,
          case when bool_and(grade = 'measured') then 'measured' when bool_and(grade = 'absent') then 'absent' else 'partial' end as grade,
          bool_or(missing) as missing,
          case when bool_and(bytes_out is not null and bytes_in is not null) and sum(bytes_out) + sum(bytes_in) > 0
            then sum(bytes_out) / (sum(bytes_out) + sum(bytes_in)) end as outbound_share,
          coalesce(bool_or(bytes_out >= ${parameters.largeTransferBytes}), false) as large_session,
          coalesce(bool_or(window_out >= ${parameters.largeTransferBytes}), false) as large_window,
          coalesce(bool_or(${unbalanced('bytes_out', 'bytes_in')}), false) as unbalanced_session,
          coalesce(bool_or(${unbalanced('counted_out', 'counted_in')}), false) as unbalanced_window,
          list_distinct(flatten(list(notes))) as notes, flatten(list(ids)) as ids
        from windows group by hit),
      named as (
        select g.hit as id,
          list_sort(list(distinct f.name) filter (f.name is not null and f.succeeded is distinct from false)) as file_names,
          list_sort(list(distinct f.name) filter (f.succeeded is distinct from false and ${filePattern(parameters.filenamePattern, 'f.name')})) as matched
        from windows g join files f on f.session = g.session
          -- On a shared connection only the files that this process named are its own.
          and (g.initiators = 1 or g.file_tokens is null or list_contains(g.file_tokens, lower(f.name)))
        group by g.hit),
      between_them as (
        -- The processes from the socket's owner up to the initiator.
        select g.id, flatten(list(p.ids)) as ids
        from grouped g, unnest(g.owner_processes) o(process)
        join lineage l on l.process = o.process and l.ancestor = g.initiator
        join lineage k on k.process = o.process and k.generation <= l.generation
        join processes p on p.process = k.ancestor
        group by g.id),
      approved as (
        select g.id, min(a.id) as approval
        from grouped g join processes p on p.process = g.initiator
        join ${approved} a on a.protocol = g.protocol
          and (a.destination = g.server_ip or exists (select 1 from identity i where i.host = g.server_host and i.key = a.destination))
          and (a.host is null or exists (select 1 from identity i where i.host = g.host and (i.key = a.host or i.host = a.host)))
          and (a.image is null or a.image = p.image or a.image = lower(p.original))
          and (a.max_bytes is null or g.bytes_out <= a.max_bytes)
        group by g.id),
      categorised as (
        select g.id, arg_min(r.category, r.ordinal) as category
        from grouped g left join host_info h on h.host = g.host left join ${zones} z on z.address = g.server_ip and z.protocol = g.protocol
        join ${rules} r on (r.zone is null or r.zone = z.zone) and (r.protocol is null or r.protocol = g.protocol)
          and (r.role is null or r.role = h.role)
        group by g.id),
      answered as (
        select w.hit as id, min(c."destination.domain") as domain
        from windows w join members m using (session) join connection c on c."event.id" = m.id
        where m.kind = 'connection' and m.family = 'endpoint' and c."destination.domain" is not null
          and c."destination.ip" = w.server_ip
        group by w.hit),
      judged as (
        select g.*, large_session or large_window as large, unbalanced_session or unbalanced_window as unbalanced,
          coalesce(n.file_names, []) as file_names, coalesce(n.matched, []) as matched, a.approval as approved_by, c.category,
          list_sort(list_distinct(list_filter(list_concat(g.ids, p.ids, coalesce(b.ids, [])), one -> one is not null))) as evidence,
          p.executable, p.original, p.pid, p.entity, p.command_line, p.user_name, i.display, i.addresses, d.domain
        from grouped g
        join processes p on p.process = g.initiator
        left join host_info i on i.host = g.host
        left join named n using (id)
        left join between_them b using (id)
        left join answered d using (id)
        left join approved a using (id)
        left join categorised c using (id))
      select *,
        large or unbalanced as fires,
        case
          when approved_by is not null or not (large or unbalanced) then 'informational'
          else ['informational', 'low', 'medium', 'high'][
            1 + (case when large then 2 else 1 end) + (case when len(matched) > 0 then 1 else 0 end)] end as severity,
        list_concat(list_filter([
          case attribution
            when 'direct' then coalesce(file_of(executable), 'the initiator') || ' owns the socket'
            when 'lineage' then coalesce(file_of(executable), 'the initiator') || ' is an ancestor of ' || coalesce(file_of(owner_executable), 'the socket''s owner')
            else coalesce(file_of(executable), 'the initiator') || ' names the ' || case via when 'file_name' then 'file' else 'server' end
              || ' at that time; ' || coalesce('the socket belongs to ' || file_of(owner_executable), 'no record says who owns the socket') end,
          case when large_session then 'sent ' || bytes_out || ' bytes, at least ${parameters.largeTransferBytes}' end,
          case when large_window and not large_session then 'sent ' || bytes_out || ' bytes in ' || sessions || ' sessions, at least ${parameters.largeTransferBytes} within the window' end,
          case when unbalanced then 'at least ' || ${literal(`${Number((parameters.dataFlowDirectionThreshold * 100).toFixed(2))}`)} || ' % outbound'
            || case when unbalanced_session then '' else ' over ' || sessions || ' sessions' end end,
          case when len(matched) > 0 then 'file name matches: ' || array_to_string(matched, ', ') end,
          case when approved_by is not null then 'approved: ' || approved_by end
        ], reason -> reason is not null), notes) as reasons
      from judged
      -- Volume that is there and small is no hit; volume that nobody saw is.
      where large or unbalanced or missing`,
    ),
  ];
}
