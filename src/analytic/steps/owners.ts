import type { Parameters } from '../../config/index.js';
import { table } from '../sql.js';
import { filtered } from './processes.js';

/**
 * `owners`: who owned a session's socket on the client's host, as the host's own records say it. System (PID 4) owns every SMB socket
 * of the redirector (trap 1). Owners that no process event names become rows of `processes`, with what the connection says.
 */
export function owners(parameters: Parameters): string[] {
  return [
    table(
      'owners',
      `
    with rows as (
      select m.session, m.id, m.host, m.seen_at, m.role, c."process.entity_id" as entity, c."process.pid" as pid,
        c."process.executable" as executable, image_of(c."process.executable") as image,
        case when c."user.domain" is null then c."user.name" else c."user.domain" || '\\' || c."user.name" end as user_name
      from members m join connection c on c."event.id" = m.id
      where m.kind = 'connection' and m.family = 'endpoint'),
    best as (
      -- Not every record names the pid (Sysmon 3 of some exporters does not, 5156 does).
      select * replace (coalesce(pid, max(pid) over (partition by session, image)) as pid) from rows
      where entity is not null or pid is not null or image is not null
      qualify row_number() over (partition by session
        order by role in ('data', 'transfer') and session not like 'smb|%', entity is null, image is null, seen_at nulls last, id) = 1),
    -- A host's own clock: a socket may be logged some seconds before the process's own start says.
    by_image as (
      select b.session, p.process from best b asof join process_instances p
        on p.host = b.host and p.pid = b.pid and p.image = b.image and b.seen_at + interval 15 seconds >= p.started
      where b.entity is null and coalesce(p.gone, b.seen_at) >= b.seen_at - interval 60 seconds),
    by_pid as (
      select b.session, p.process from best b asof join process_instances p
        on p.host = b.host and p.pid = b.pid and b.seen_at + interval 2 seconds >= p.started
      where b.entity is null and b.image is null and coalesce(p.gone, b.seen_at) >= b.seen_at - interval 2 seconds)
    select b.*, coalesce(b.image = 'system', b.pid = 4, false) as system,
      coalesce(
        case when b.entity is not null then b.host || '|' || b.entity end, i.process, n.process,
        b.host || '|' || coalesce(b.pid::varchar, '') || '|?|' || coalesce(b.image, '')) as process
    from best b left join by_image i using (session) left join by_pid n using (session)`,
    ),
    `insert into processes by name
   select process, min(host) as host, min(entity) as entity, min(pid) as pid, min(executable) as executable, min(image) as image,
     min(user_name) as user_name, []::varchar[] as ids, null::varchar as parent, ${filtered(parameters, 'min(image)', 'null')} as filtered, false as session_shell
   from owners where process not in (select process from processes) group by process`,
  ];
}
