import type { Store } from '../telemetry/index.js';
import { columns, named } from './columns.js';
import type {
  ConnectionRow,
  FlowRow,
  Gathered,
  PreventionRow,
  ProcessRow,
  ScriptRow,
  SourceCount,
  TransferRow,
} from './rows.js';

/** Execution ids in a text, in any case: words of eight characters that begin with d (core/ids.ts). */
const idsIn = (text: string) =>
  `unnest(list_distinct(regexp_extract_all(lower(${text}), '(?:^|[^0-9a-z])(d[0-9a-hjkmnp-tv-z]{7})(?:[^0-9a-z]|$)', 1)))`;

const tupleParts = [
  [`t."source.ip"`, 's.source_ip'],
  [`t."source.port"`, 's.source_port'],
  [`t."destination.ip"`, 's.destination_ip'],
  [`t."destination.port"`, 's.destination_port'],
] as const;

/** The 5-tuple of a socket. Sockets stand in verify_socket in both orientations: flows and active FTP turn them round. */
const sameTuple = tupleParts.map(([mine, wanted]) => `${mine} = ${wanted}`).join(' and ');

/** The same where exactly one part of it is absent. */
const nearlyTuple = `${tupleParts.map(([mine]) => `(${mine} is null)::int`).join(' + ')} = 1
  and ${tupleParts.map(([mine, wanted]) => `coalesce(${mine}, ${wanted}) = ${wanted}`).join(' and ')}`;

const within = (time: string) => `(epoch_ms(${time}) between e.from_ms and e.until_ms)`;

/**
 * Processes that name an execution on their command line, and what they started (eight generations at most), by entity id, else
 * by (host, pid) when the parent was alive. Then starts without a command line: by time, to be judged by image.
 */
async function processes(store: Store): Promise<ProcessRow[]> {
  await store.run(`create or replace temp table verify_process as
    with recursive
    started as (select t.*, n.host as plan_host, t.rowid as r from process t ${named} where coalesce(t."event.action", 'start') = 'start'),
    named as (
      select e.execution, m.n, 0 as depth, 'command_line' as via from (select r as n, ${idsIn(`"process.command_line"`)} as marker from started) m
        join verify_execution e on e.execution = m.marker
      union select v.execution, s.r, 0, 'command_line' from verify_encoded v join started s on contains(s."process.command_line", v.token)
      union select v.execution, s.r, 0, 'event_id' from verify_twin v join started s on s."event.id" = v.id
    ),
    tree as (
      select execution, n, depth, via from named
      union
      select tree.execution, child.r, tree.depth + 1, 'lineage'
      from tree join started parent on parent.r = tree.n join started child on child.r <> parent.r and (
        child."process.parent.entity_id" = parent."process.entity_id"
        or ((child."process.parent.entity_id" is null or parent."process.entity_id" is null)
          and child.plan_host = parent.plan_host and child."process.parent.pid" = parent."process.pid"
          and epoch_ms(child."@timestamp") - epoch_ms(parent."@timestamp") between 0 and 600000))
      where tree.depth < 8
    ),
    silent as (
      select e.execution, s.r as n, 0 as depth, 'time' as via from started s join verify_execution e
        on e.host = s.plan_host and s."process.command_line" is null and ${within(`s."@timestamp"`)}
    )
    select execution, x.n as n, min(depth) as depth, arg_min(via, list_position(['command_line', 'event_id', 'lineage', 'time'], via)) as via, any_value(s."process.entity_id") as entity_id,
      any_value(s."process.pid") as pid, any_value(s.plan_host) as host, any_value(s."@timestamp") as "at"
    from (from tree union all from silent) x join started s on s.r = x.n group by execution, x.n`);
  return store.rows<ProcessRow>(`select v.execution, v.via, v.depth, ${columns.process}
    from verify_process v join process t on t.rowid = v.n ${named} order by v.depth, "at", "id"`);
}

async function connections(store: Store): Promise<ConnectionRow[]> {
  return store.rows<ConnectionRow>(`with found as (
      select s.execution, s.socket, '5-tuple' as via, 1 as rank, t.rowid as r from connection t join verify_socket s on ${sameTuple}
      union all select v.execution, null, 'event_id', 2, t.rowid from connection t join verify_twin v on t."event.id" = v.id
      union all select s.execution, s.socket, 'partial 5-tuple', 3, t.rowid from connection t join verify_socket s on ${nearlyTuple}
      union all select v.execution, null, 'entity_id', 4, t.rowid from connection t
        join verify_process v on v.entity_id = t."process.entity_id" and v.via <> 'time'
        join verify_execution e on e.execution = v.execution
        where coalesce(t."destination.ip", e.sink_ip) = e.sink_ip or t."source.ip" = e.sink_ip
      union all select v.execution, null, 'pid', 5, t.rowid from connection t ${named}
        join verify_process v on v.pid = t."process.pid" and v.host = n.host and v.via <> 'time'
        join verify_execution e on e.execution = v.execution
        where (coalesce(t."destination.ip", e.sink_ip) = e.sink_ip or t."source.ip" = e.sink_ip) and ${within(`t."@timestamp"`)}
      union all select e.execution, null, 'time', 6, t.rowid from connection t ${named}
        join verify_execution e on e.host = n.host and (t."destination.ip" = e.sink_ip or t."source.ip" = e.sink_ip)
        and ${within(`t."@timestamp"`)}
    ), best as (select *, row_number() over (partition by execution, r order by rank, socket) as place from found)
    select b.execution, b.via, b.socket, ${columns.connection}
    from best b join connection t on t.rowid = b.r ${named} where b.place = 1 order by b.rank, "at", "id"`);
}

async function flows(store: Store): Promise<FlowRow[]> {
  await store.run(`create or replace temp table verify_flow as
    with found as (
      select s.execution, s.socket, '5-tuple' as via, 1 as rank, t.rowid as r from flow t join verify_socket s on ${sameTuple}
      union all select s.execution, s.socket, 'partial 5-tuple', 2, t.rowid from flow t join verify_socket s on ${nearlyTuple}
      union all select e.execution, null, 'time', 3, t.rowid from flow t join verify_execution e
        on (t."destination.ip" = e.sink_ip or t."source.ip" = e.sink_ip) and ${within(`t."event.start"`)}
    )
    select execution, via, socket, r, rank from (select *, row_number() over (partition by execution, r order by rank, socket) as place from found)
    where place = 1`);
  return store.rows<FlowRow>(`select v.execution, v.via, v.socket, ${columns.flow}
    from verify_flow v join flow t on t.rowid = v.r order by v.rank, "at", "id"`);
}

async function transfers(store: Store): Promise<TransferRow[]> {
  return store.rows<TransferRow>(`with named as (
      select rowid as r, ${idsIn(`coalesce("file.name", '') || ' ' || coalesce("file.path", '')`)} as marker from transfer
    ), found as (
      select e.execution, null as socket, 'file_name' as via, 1 as rank, x.r from named x join verify_execution e on e.execution = x.marker
      union all select s.execution, s.socket, '5-tuple', 2, t.rowid from transfer t join verify_socket s on ${sameTuple}
      union all select s.execution, s.socket, '5-tuple', 3, t.rowid from transfer t join verify_socket s
        on t."data.destination.ip" = s.destination_ip and t."data.destination.port" = s.destination_port
      union all select v.execution, v.socket, 'flow_uid', 4, t.rowid from transfer t join flow f on f."flow.uid" = t."flow.uid"
        join verify_flow v on v.r = f.rowid and v.via = '5-tuple'
      union all select s.execution, s.socket, 'partial 5-tuple', 5, t.rowid from transfer t join verify_socket s on ${nearlyTuple}
      union all select e.execution, null, 'time', 6, t.rowid from transfer t join verify_execution e
        on (t."destination.ip" = e.sink_ip or t."source.ip" = e.sink_ip) and ${within(`t."@timestamp"`)}
    ), best as (select *, row_number() over (partition by execution, r order by rank, socket) as place from found)
    select b.execution, b.via, b.socket, ${columns.transfer}
    from best b join transfer t on t.rowid = b.r where b.place = 1 order by b.rank, "at", "id"`);
}

async function scripts(store: Store): Promise<ScriptRow[]> {
  return store.rows<ScriptRow>(`with named as (
      select distinct r, marker from (select rowid as r, ${idsIn(`coalesce("powershell.script_block_text", '') || ' ' || coalesce("file.path", '')`)} as marker from script)
    ) select e.execution, 'script' as via, ${columns.script} from named x join verify_execution e on e.execution = x.marker
      join script t on t.rowid = x.r ${named} order by "at", "id"`);
}

async function preventions(store: Store): Promise<PreventionRow[]> {
  return store.rows<PreventionRow>(`with named as (
      select rowid as r, ${idsIn(`coalesce("file.path", '') || ' ' || coalesce("event.reason", '')`)} as marker from prevention
    ), found as (
      select e.execution, null as socket, 'file_name' as via, 1 as rank, x.r from named x join verify_execution e on e.execution = x.marker
      union all select s.execution, s.socket, '5-tuple', 2, t.rowid from prevention t join verify_socket s on ${sameTuple}
      union all select v.execution, null, 'entity_id', 3, t.rowid from prevention t
        join verify_process v on v.entity_id = t."process.entity_id" and v.via <> 'time'
      union all select v.execution, null, 'pid', 4, t.rowid from prevention t ${named}
        join verify_process v on v.pid = t."process.pid" and v.host = n.host and v.via <> 'time'
        join verify_execution e on e.execution = v.execution where ${within(`t."@timestamp"`)}
      union all select e.execution, null, 'time', 5, t.rowid from prevention t ${named} join verify_execution e
        on coalesce(n.host, e.host) = e.host and (t."destination.ip" = e.sink_ip or t."source.ip" = e.sink_ip)
        and ${within(`t."@timestamp"`)}
    ), best as (select *, row_number() over (partition by execution, r order by rank) as place from found)
    select b.execution, b.via, b.socket, ${columns.prevention}
    from best b join prevention t on t.rowid = b.r ${named} where b.place = 1 order by b.rank, "at", "id"`);
}

async function sources(store: Store): Promise<SourceCount[]> {
  const counts = (kind: string, table: string, host: string, protocol: string, time: string, lines: string) =>
    `select ${kind} as "kind", ${host} as "host", t."event.module" as "module", ${protocol} as "protocol", count(*) as "records",
      max(epoch_ms(t."${time}")) as "latest", ${lines} as "commandLines" from ${table} t ${host === 'null' ? '' : named} group by all`;
  return store.rows<SourceCount>(
    [
      counts(`'process'`, 'process', 'n.host', 'null', '@timestamp', `count(t."process.command_line")`),
      counts(`'connection'`, 'connection', 'n.host', 'null', '@timestamp', '0'),
      counts(
        `coalesce(t."observer.type", 'host')`,
        'transfer',
        'n.host',
        `t."network.protocol"`,
        '@timestamp',
        '0',
      ),
      counts(`'flow'`, 'flow', 'null', 'null', 'event.start', '0'),
    ].join(' union all '),
  );
}

/**
 * What a store holds that may belong to the plan's executions: a bounded number of queries, whatever the number of executions.
 * `via` says how a row was found, the surest way first: by a name that only this execution has (command_line, file_name, script),
 * event_id (the same record in the host's own channel), 5-tuple, flow_uid, partial 5-tuple (one part is absent), entity_id, pid,
 * lineage, time. Needs the working tables.
 */
export async function gather(store: Store): Promise<Gathered> {
  const processRows = await processes(store);
  const flowRows = await flows(store);
  return {
    processes: processRows,
    flows: flowRows,
    connections: await connections(store),
    transfers: await transfers(store),
    scripts: await scripts(store),
    preventions: await preventions(store),
    sources: await sources(store),
  };
}
