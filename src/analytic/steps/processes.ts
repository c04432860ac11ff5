import type { Parameters } from '../../config/index.js';
import { table, textList } from '../sql.js';

const shells = ['cmd.exe', 'powershell.exe', 'pwsh.exe'];
const lower = (values: readonly string[]) => textList(values.map((value) => value.toLowerCase()));

/** ProcessImageFilter, by image name or OriginalFileName (trap 6: a copy keeps its OriginalFileName). */
export function filtered(parameters: Parameters, image: string, original: string): string {
  const names = lower(parameters.processImageFilter);
  return `coalesce(list_contains(${names}, ${image}), false) or coalesce(list_contains(${names}, lower(${original})), false)`;
}

/**
 * `processes`: one row per process, whoever recorded it (Sysmon 1 and Security 4688 of one start are one process).
 * Keyed by ProcessGuid, else by host, pid and start time: a pid that Windows gave twice is two processes. Parents that only their
 * children's records name are rows too, without a start.
 */
export function processes(parameters: Parameters): string[] {
  return [
    table(
      'process_starts',
      `
      select p."event.id" as id, coalesce(h.host, '') as host, p."@timestamp" as seen_at, coalesce(p."event.action", 'start') as action,
          p."process.entity_id" as entity, p."process.pid" as pid,
          coalesce(p."process.executable", p."process.name") as executable,
          image_of(coalesce(p."process.executable", p."process.name")) as image,
          p."process.pe.original_file_name" as original, p."process.command_line" as command_line,
          p."process.parent.entity_id" as parent_entity, p."process.parent.pid" as parent_pid,
          p."process.parent.executable" as parent_executable, image_of(p."process.parent.executable") as parent_image,
          p."process.parent.command_line" as parent_command_line,
          case when p."user.domain" is null then p."user.name" else p."user.domain" || '\\' || p."user.name" end as user_name
      from process p left join host_by_key h on h.key = host_key(p."host.name")`,
    ),
    table(
      'process_instances',
      `
      with guided as (
        select host, entity, min(seen_at) as started, min(pid) as pid, min(executable) as executable, min(image) as image,
          min(original) as original, min(command_line) as command_line, min(parent_entity) as parent_entity,
          min(parent_pid) as parent_pid, min(parent_executable) as parent_executable, min(parent_image) as parent_image,
          min(parent_command_line) as parent_command_line, min(user_name) as user_name, list(distinct id) as ids
        from process_starts where action = 'start' and entity is not null group by host, entity),
      plain as (
        select host, null::varchar as entity, seen_at as started, pid, min(executable) as executable, image,
          min(original) as original, min(command_line) as command_line, min(parent_entity) as parent_entity,
          min(parent_pid) as parent_pid, min(parent_executable) as parent_executable, min(parent_image) as parent_image,
          min(parent_command_line) as parent_command_line, min(user_name) as user_name, list(distinct id) as ids
        from process_starts where action = 'start' and entity is null group by host, seen_at, pid, image),
      -- 4688 and Sysmon 1 of one start are within 5 s of each other.
      twins as (
        select p.host, p.pid, p.image, p.started, p.ids, g.entity
        from plain p asof join guided g
          on g.host = p.host and g.pid = p.pid and g.image = p.image and p.started + interval 5 seconds >= g.started
        where g.started >= p.started - interval 5 seconds),
      merged as (
        select g.* replace (list_concat(g.ids, coalesce(t.ids, [])) as ids)
        from guided g left join (select host, entity, flatten(list(ids)) as ids from twins group by host, entity) t
          using (host, entity)
        union all by name
        select p.* from plain p anti join twins t
          on t.host = p.host and t.pid is not distinct from p.pid and t.image is not distinct from p.image
            and t.started is not distinct from p.started),
      ends as (
        select host, entity, pid, min(seen_at) as ended, list(distinct id) as ids
        from process_starts where action = 'end' group by host, entity, pid, seen_at),
      by_guid as (select host, entity, min(ended) as ended from ends where entity is not null group by host, entity),
      timed as (
        select m.*, e.ended as ended_by_pid
        from merged m asof left join ends e on e.host = m.host and e.pid = m.pid and m.started <= e.ended)
      select t.* exclude (ended_by_pid),
        t.host || '|' || coalesce(t.entity, coalesce(t.pid::varchar, '') || '|' || coalesce(epoch_ms(t.started)::varchar, '')) as process,
        coalesce(g.ended, t.ended_by_pid) as ended,
        -- The pid's next owner tells that this one is gone.
        least(coalesce(g.ended, t.ended_by_pid), lead(t.started) over (partition by t.host, t.pid order by t.started)) as gone
      from timed t left join by_guid g on g.host = t.host and g.entity = t.entity`,
    ),
    table(
      'processes',
      `
      with by_image as (
        select c.process, p.process as parent
        from process_instances c asof join process_instances p
          on p.host = c.host and p.pid = c.parent_pid and p.image = c.parent_image and c.started + interval 2 seconds >= p.started
        where c.parent_entity is null and c.process <> p.process
          and coalesce(p.gone, c.started) >= c.started - interval 5 seconds),
      by_pid as (
        select c.process, p.process as parent
        from process_instances c asof join process_instances p
          on p.host = c.host and p.pid = c.parent_pid and c.started + interval 2 seconds >= p.started
        where c.parent_entity is null and c.parent_image is null and c.process <> p.process
          and coalesce(p.gone, c.started) >= c.started - interval 5 seconds),
      linked as (
        select c.*, case
            when c.parent_entity is not null then c.host || '|' || c.parent_entity
            when coalesce(i.parent, n.parent) is not null then coalesce(i.parent, n.parent)
            when c.parent_pid is not null and c.parent_image is not null
              then c.host || '|' || c.parent_pid || '|?|' || c.parent_image end as parent
        from process_instances c left join by_image i using (process) left join by_pid n using (process)),
      unseen as (
        select parent as process, min(host) as host, min(parent_entity) as entity, min(parent_pid) as pid,
          min(parent_executable) as executable, min(parent_image) as image, min(parent_command_line) as command_line,
          []::varchar[] as ids
        from linked where parent is not null and parent not in (select process from process_instances)
        group by parent),
      every as (select * from linked union all by name select * from unseen)
      select e.*,
        ${filtered(parameters, 'e.image', 'e.original')} as filtered,
        -- The shell that a remote login started is the session itself, and the ancestor of all that runs in it.
        coalesce(list_contains(${textList(shells)}, e.image), false)
          and coalesce(list_contains(${lower(parameters.sessionParents)}, coalesce(e.parent_image, p.image)), false) as session_shell
      from every e left join (select process, image from every) p on p.process = e.parent`,
    ),
  ];
}
