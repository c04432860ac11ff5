import type { Parameters } from '../../config/index.js';
import { milliseconds, table } from '../sql.js';

/**
 * `attribution(session, attribution, via, initiator, tied, …)`: who started it. `direct`: the filter names the socket's owner, by image
 * or OriginalFileName. `lineage`: it names an ancestor, the nearest counts. `inferred`: System owns the socket, or no record says who
 * does, and a filtered process names the server or the file at that time. `none`: neither; `tied` says whether a process is known at
 * all. A session has several rows where several processes used one connection (trap 13).
 */
export function attribution(parameters: Parameters): string[] {
  const window = milliseconds(parameters.sessionWindow);
  return [
    table(
      'inferred',
      `
      -- Both sides are cut into hours, so that host, token and hour make an equality to join by.
      with spoken as (
        select *, unnest(range(hour_of(seen_at - ${window}), hour_of(until + ${window}) + 1)) as hour from named),
      asked as (
        select t.session, t.what, t.token, s.host, coalesce(s.host_start, s.start) as start,
          coalesce(s.flow_end, s.until) as until,
          unnest(range(hour_of(coalesce(s.host_start, s.start)), hour_of(coalesce(s.flow_end, s.until)) + 1)) as hour
        from session_tokens t join sessions s using (session)),
      met as (
        select a.session, n.initiator, a.what, n.token, n.seen_at, n.id, a.start, a.until
        from asked a join spoken n using (host, token, hour)
        where n.seen_at <= a.until + ${window} and n.until >= a.start - ${window}),
      ranked as (
        select session, initiator, 2 * bool_or(what = 'file')::int + bool_or(what = 'server')::int as rank,
          min(case when seen_at < start then start - seen_at else seen_at - start end) as distance,
          bool_or(seen_at > start and seen_at <= until) as during
        from met group by session, initiator),
      best as (
        select * from ranked qualify rank = max(rank) over (partition by session)),
      closest as (
        select * from best qualify during or distance = min(distance) over (partition by session)),
      -- Parent and child both name it: the nearest is meant.
      farther as (
        select distinct c.session, l.ancestor as initiator
        from closest c join lineage l on l.process = c.initiator and l.generation > 0),
      chosen as (select session, initiator, rank from closest anti join farther using (session, initiator))
      select c.session, c.initiator, any_value(c.rank) as rank, list(distinct m.id) as ids,
        list(distinct m.token) filter (m.what = 'file') as tokens
      from chosen c join met m using (session, initiator) group by c.session, c.initiator`,
    ),
    table(
      'attribution',
      `
      with judged as (
        select s.session, s.host, o.id as owner_record, o.executable as owner_executable, o.pid as owner_pid,
          case when o.system then null else o.process end as owner_process,
          o.session is not null and not o.system and o.image is not null as tied, o.entity is not null as by_entity,
          p.filtered as owner_filtered, n.initiator as ancestor, n.generation
        from sessions s left join owners o using (session)
        left join processes p on p.process = o.process
        left join nearest_filtered n on n.process = o.process and n.generation > 0),
      direct as (
        select *, case when owner_filtered then 'direct' when ancestor is not null then 'lineage' else 'none' end as attribution,
          case when owner_filtered then owner_process when ancestor is not null then ancestor end as initiator,
          case when by_entity then 'entity_id' else 'pid' end as via
        from judged where tied)
      select session, host, attribution, case when attribution <> 'none' then via end as via, initiator, tied, owner_executable,
        owner_pid, owner_process, [owner_record] as ids, null::varchar[] as file_tokens
      from direct
      union all by name
      select j.session, j.host, case when i.initiator is null then 'none' else 'inferred' end as attribution,
        case when i.initiator is null then null when i.rank >= 2 then 'file_name' else 'time' end as via, i.initiator, false as tied,
        j.owner_executable, j.owner_pid, j.owner_process,
        list_concat(case when j.owner_record is null then [] else [j.owner_record] end, coalesce(i.ids, [])) as ids,
        i.tokens as file_tokens
      from judged j left join inferred i using (session)
      where not j.tied`,
    ),
  ];
}
