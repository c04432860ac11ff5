import type { Parameters } from '../../config/index.js';
import { milliseconds, table } from '../sql.js';

// What separates words of a command line or script; an IPv6 address is taken out before by its own pattern.
const words = `'[^\\s"''\`\\\\/|<>=,;()@:\\[\\]{}&]+'`;

/**
 * What ties a process to a session whose socket System owns (trap 1): its command line, its script blocks, or its file events name the
 * server or the file. `named(initiator, host, at, until, token, id)`; `session_tokens(session, token, what)`.
 */
export function names(parameters: Parameters): string[] {
  return [
    table(
      'texts',
      `
      with command_lines as (
        select process, host, started as seen_at, coalesce(gone, started + ${milliseconds(parameters.aggregationWindow)}) as until,
          command_line as text, ids[1] as id
        from process_instances where command_line is not null),
      -- A long script comes in parts (4104), cut anywhere: put together, it counts as seen with its first part.
      whole_scripts as (
        select "event.id", "@timestamp", "host.name", "process.pid", "powershell.script_block_text" from script
        where "powershell.script_block_text" is not null and coalesce("powershell.message_total", 1) = 1
        union all select arg_min("event.id", "powershell.message_number"), min("@timestamp"), "host.name", "process.pid",
          string_agg("powershell.script_block_text", '' order by "powershell.message_number")
        from (select distinct on ("host.name", "process.pid", block, "powershell.message_number") *
          from (select *, coalesce("powershell.script_block_id", "event.id") as block from script)
          where "powershell.script_block_text" is not null and "powershell.message_total" > 1)
        group by "host.name", "process.pid", block),
      scripts as (
        select p.process, h.host, s."@timestamp" as seen_at, s."powershell.script_block_text" as text, s."event.id" as id,
          s."process.pid" as pid
        from whole_scripts s
        join host_by_key h on h.key = host_key(s."host.name")
        asof join process_instances p on p.host = h.host and p.pid = s."process.pid" and s."@timestamp" + interval 5 seconds >= p.started
        where coalesce(p.gone, s."@timestamp") >= s."@timestamp" - interval 5 seconds),
      file_events as (
        select h.host, t."@timestamp" as seen_at, t."file.path" as text, t."event.id" as id, t."process.entity_id" as entity,
          t."process.pid" as pid, image_of(t."process.executable") as image
        from transfer t join host_by_key h on h.key = host_key(t."host.name")
        where t."network.protocol" is null and t."file.path" like '\\\\%'),
      placed as (
        select coalesce(case when f.entity is not null then f.host || '|' || f.entity end, p.process) as process,
          f.host, f.seen_at, f.seen_at as until, f.text, f.id
        from file_events f asof left join process_instances p
          on p.host = f.host and p.pid = f.pid and f.seen_at + interval 5 seconds >= p.started)
      select process, host, seen_at, until, text, id from command_lines
      union all select process, host, seen_at, seen_at, text, id from scripts
      union all select process, host, seen_at, until, text, id from placed where process is not null`,
    ),
    table(
      'named',
      `
      with spoken as (
        select n.initiator, t.process, t.host, t.seen_at, t.until, t.id, lower(t.text) as text
        from texts t join nearest_filtered n on n.process = t.process)
      select distinct initiator, process, host, seen_at, until, id, unnest(list_concat(
          regexp_extract_all(text, ${words}),
          regexp_extract_all(text, '[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*'),
          [replace(ip, '-', ':') for ip in regexp_extract_all(text, '([0-9a-f-]+)\\.ipv6-literal\\.net', 1)])) as token
      from spoken`,
    ),
    table(
      'session_tokens',
      `
      with asked as (
        select s.* from sessions s left join owners o using (session)
        where s.host is not null and (o.session is null or o.system or o.image is null)),
      domains as (
        select m.session, lower(c."destination.domain") as name
        from members m join connection c on c."event.id" = m.id
        where m.kind = 'connection' and m.family = 'endpoint' and c."destination.domain" is not null),
      resolved as (
        select distinct a.session, lower(r."dns.question.name") as name
        from asked a join host_by_key h on h.host = a.host
        join (select host_key("host.name") as key, "dns.question.name",
            unnest(regexp_extract_all(lower("dns.answers"), '[0-9a-f:.]+')) as answer from resolution) r
          on r.key = h.key and replace(r.answer, '::ffff:', '') = a.server_ip),
      servers as (
        select session, server_ip as token from asked where server_ip is not null
        union select session, name from domains union select session, split_part(name, '.', 1) from domains
        union select session, name from resolved union select session, split_part(name, '.', 1) from resolved
        union select a.session, i.key from asked a join identity i on i.host = a.server_host),
      named_files as (
        select f.session, lower(f.name) as token from files f join asked a using (session)
        -- Names of one to four characters are words of any command line.
        where length(f.name) >= 5)
      select session, token, 'server' as what from servers where token is not null and token <> ''
      union select session, token, 'file' from named_files`,
    ),
  ];
}
