/**
 * The model: one table per kind of evidence, with ECS field names as column names. What a record does not say stays NULL.
 * https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html
 */

const provenance = {
  /** Id of the record: the product's own where it has one (computer/channel/record id), else file name and line. */
  'event.id': 'VARCHAR',
  /** sysmon, security, powershell, defender, zeek, suricata, tshark, gateway, … */
  'event.module': 'VARCHAR',
  /** The product's number or kind of event: 1, 3, 4688, conn, ftp, flow, … */
  'event.code': 'VARCHAR',
  /** When the SIEM took it in, if known. */
  'event.ingested': 'TIMESTAMP',
  /** Input file, as given. */
  'log.file.path': 'VARCHAR',
  /**
   * Number of the record in that file (from 1): with the path, the pointer to the raw record. Line, line that is not blank (JSON
   * lines), item of an array, or frame. In EVTX files it is the record's offset in bytes.
   */
  'log.offset': 'BIGINT',
} as const;

const host = { 'host.id': 'VARCHAR', 'host.name': 'VARCHAR' } as const;
const user = { 'user.name': 'VARCHAR', 'user.domain': 'VARCHAR' } as const;
/** Addresses are canonical text (core/net.ts), ports integers, transport is tcp or udp in lower case. */
const endpoints = {
  'source.ip': 'VARCHAR',
  'source.port': 'INTEGER',
  'destination.ip': 'VARCHAR',
  'destination.port': 'INTEGER',
  'network.transport': 'VARCHAR',
} as const;
const processOf = {
  'process.entity_id': 'VARCHAR',
  'process.pid': 'BIGINT',
  'process.executable': 'VARCHAR',
} as const;

/** Column types by table. `@timestamp` is UTC; NULL where the record has none (decisions: joined by uid and tuple only). */
export const model = {
  /** Leg process_creation. Sysmon 1 and 5, Security 4688 and 4689. */
  process: {
    ...provenance,
    '@timestamp': 'TIMESTAMP',
    ...host,
    /** start or end. */
    'event.action': 'VARCHAR',
    /** ProcessGuid without braces, in lower case; NULL if all zero. */
    ...processOf,
    'process.name': 'VARCHAR',
    'process.pe.original_file_name': 'VARCHAR',
    'process.command_line': 'VARCHAR',
    'process.parent.entity_id': 'VARCHAR',
    'process.parent.pid': 'BIGINT',
    'process.parent.executable': 'VARCHAR',
    'process.parent.command_line': 'VARCHAR',
    'process.exit_code': 'BIGINT',
    ...user,
  },
  /** Leg network_connection. Sysmon 3, Security 5156. */
  connection: {
    ...provenance,
    '@timestamp': 'TIMESTAMP',
    ...host,
    ...processOf,
    ...user,
    ...endpoints,
    'destination.domain': 'VARCHAR',
    /** ECS: ingress or egress, seen from the host. */
    'network.direction': 'VARCHAR',
    /** Sysmon's own flag; its meaning changed in 2019 (see docs). */
    'sysmon.initiated': 'BOOLEAN',
    'network.community_id': 'VARCHAR',
  },
  /** Legs protocol_log and gateway_log, and file events of hosts (Sysmon 11) and servers (5140, 5145). */
  transfer: {
    ...provenance,
    '@timestamp': 'TIMESTAMP',
    ...host,
    /** sensor (network), server, gateway, or host. server and gateway make the leg gateway_log. */
    'observer.type': 'VARCHAR',
    'observer.name': 'VARCHAR',
    /** ftp, smb, tftp; NULL for a file event of a host. */
    'network.protocol': 'VARCHAR',
    /** Client and server: source asked, destination served. */
    ...endpoints,
    'network.community_id': 'VARCHAR',
    /** Flow id of the sensor: Zeek uid, Suricata flow_id, tshark stream. */
    'flow.uid': 'VARCHAR',
    /** The sensor's id of the data connection, where it says it (Zeek tftp uid_data). */
    'flow.data_uid': 'VARCHAR',
    /** Id of the file's content within the sensor: Zeek fuid. */
    'file.uid': 'VARCHAR',
    /** write, read, open, delete, list, connect (share mapping, session), channel (PASV, EPSV, PORT, EPRT), other. */
    'event.action': 'VARCHAR',
    /** The protocol's own verb or the product's: STOR, RETR, WRQ, SMB::FILE_OPEN, … */
    'transfer.command': 'VARCHAR',
    'transfer.reply_code': 'INTEGER',
    /** success or failure; NULL where the record does not tell. */
    'event.outcome': 'VARCHAR',
    /** Bytes of content that the record claims for the file. */
    'file.size': 'BIGINT',
    'file.name': 'VARCHAR',
    'file.path': 'VARCHAR',
    'file.hash.sha256': 'VARCHAR',
    /** The FTP data channel that this record announces: who connects to whom. */
    'data.source.ip': 'VARCHAR',
    'data.source.port': 'INTEGER',
    'data.destination.ip': 'VARCHAR',
    'data.destination.port': 'INTEGER',
    'data.passive': 'BOOLEAN',
    /** true where the record says that content is encrypted (AUTH TLS, SMB3 encryption). */
    'network.encrypted': 'BOOLEAN',
    ...processOf,
    ...user,
  },
  /** Leg flow_volume. */
  flow: {
    ...provenance,
    'event.start': 'TIMESTAMP',
    'event.end': 'TIMESTAMP',
    'observer.name': 'VARCHAR',
    ...endpoints,
    /** Of the sensor: ftp, ftp-data, smb, tftp, …; NULL where it has no opinion. */
    'network.protocol': 'VARCHAR',
    /** What source sent and what destination sent. */
    'source.bytes': 'BIGINT',
    'source.packets': 'BIGINT',
    'destination.bytes': 'BIGINT',
    'destination.packets': 'BIGINT',
    /** payload: transport payload. frame: with link, network and transport headers. ip: with network and transport headers. */
    'flow.counter': 'VARCHAR',
    'flow.uid': 'VARCHAR',
    'flow.state': 'VARCHAR',
    'network.community_id': 'VARCHAR',
  },
  /** The SIEM's own alerts. */
  alert: {
    ...provenance,
    '@timestamp': 'TIMESTAMP',
    'rule.id': 'VARCHAR',
    'rule.name': 'VARCHAR',
    'event.severity': 'VARCHAR',
    ...host,
    ...processOf,
    'process.command_line': 'VARCHAR',
    ...endpoints,
    'file.name': 'VARCHAR',
    'incident.category': 'VARCHAR',
    /** event.id of the records that it came from. */
    'alert.evidence': 'VARCHAR[]',
  },
  /** PowerShell's own records: 4103, 4104, 800. */
  script: {
    ...provenance,
    '@timestamp': 'TIMESTAMP',
    ...host,
    'process.pid': 'BIGINT',
    'powershell.script_block_id': 'VARCHAR',
    'powershell.message_number': 'INTEGER',
    'powershell.message_total': 'INTEGER',
    'powershell.script_block_text': 'VARCHAR',
    'file.path': 'VARCHAR',
    ...user,
  },
  /** Evidence of blocking: Defender 1116 and 1117, Security 5157, firewall and proxy denies. */
  prevention: {
    ...provenance,
    '@timestamp': 'TIMESTAMP',
    ...host,
    ...processOf,
    ...endpoints,
    'file.path': 'VARCHAR',
    'event.reason': 'VARCHAR',
  },
  /** Optional evidence: Sysmon 22. */
  resolution: {
    ...provenance,
    '@timestamp': 'TIMESTAMP',
    ...host,
    ...processOf,
    'dns.question.name': 'VARCHAR',
    'dns.answers': 'VARCHAR',
  },
} as const;

export type TableName = keyof typeof model;
export const tableNames = Object.keys(model) as TableName[];

/** A column name as SQL takes it. */
export const column = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `create table` statements of the whole model, in order. */
export function modelDdl(): string[] {
  return tableNames.map((table) => {
    const columns = Object.entries(model[table]).map(([name, type]) => `${column(name)} ${type}`);
    return `create table if not exists ${table} (${columns.join(', ')})`;
  });
}
