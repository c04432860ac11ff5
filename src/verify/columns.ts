/** Select lists that give the model's columns the names of rows.ts. `t` is the table's alias. */
const id = `coalesce(t."event.id", t."log.file.path" || ':' || t."log.offset") as "id"`;
const record = `${id}, t."event.module" as "module", t."event.code" as "code", epoch_ms(t."event.ingested") as "ingested"`;
const at = `epoch_ms(t."@timestamp") as "at"`;
const host = `t."host.name" as "hostName", n.host as "host"`;
const process = `t."process.entity_id" as "entityId", t."process.pid" as "pid", t."process.executable" as "executable"`;
const tuple = `t."source.ip" as "sourceIp", t."source.port" as "sourcePort", t."destination.ip" as "destinationIp",
  t."destination.port" as "destinationPort", t."network.transport" as "transport"`;

export const columns = {
  process: `${record}, ${at}, ${host}, ${process}, t."event.action" as "action", t."process.name" as "name",
    t."process.pe.original_file_name" as "originalFileName", t."process.command_line" as "commandLine",
    t."process.parent.entity_id" as "parentEntityId", t."process.parent.pid" as "parentPid",
    t."process.parent.executable" as "parentExecutable"`,
  connection: `${record}, ${at}, ${host}, ${process}, ${tuple}`,
  transfer: `${record}, ${at}, ${tuple}, t."observer.type" as "observerType", t."network.protocol" as "protocol",
    t."event.action" as "action", t."transfer.command" as "command", t."event.outcome" as "outcome", t."file.name" as "fileName",
    t."file.path" as "filePath", t."network.encrypted" as "encrypted", t."flow.uid" as "flowUid"`,
  flow: `${record}, epoch_ms(t."event.start") as "at", epoch_ms(t."event.end") as "end", ${tuple}, t."observer.name" as "observerName",
    t."network.protocol" as "protocol", t."source.bytes" as "sourceBytes", t."source.packets" as "sourcePackets",
    t."destination.bytes" as "destinationBytes", t."destination.packets" as "destinationPackets", t."flow.counter" as "counter",
    t."flow.uid" as "uid"`,
  script: `${record}, ${at}, ${host}, t."process.pid" as "pid"`,
  prevention: `${record}, ${at}, ${host}, ${process}, ${tuple}, t."file.path" as "filePath", t."event.reason" as "reason"`,
  alert: `${record}, ${at}, ${host}, ${process}, ${tuple}, t."rule.id" as "ruleId", t."rule.name" as "ruleName",
    t."event.severity" as "severity", t."process.command_line" as "commandLine", t."file.name" as "fileName",
    t."incident.category" as "category", t."alert.evidence" as "evidence"`,
} as const;

/** Joins the plan's host ids to a table's host names. */
export const named = `left join verify_name n on n.name = t."host.name"`;
