/** Scans by DuckDB alone of the fields that the analytic needs of each format: what reading costs at least. */
import { resolve } from 'node:path';

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const struct = (fields) => `STRUCT(${fields.map((name) => `"${name}" VARCHAR`).join(', ')})`;

const eventData = [
  'UtcTime',
  'ProcessGuid',
  'ProcessId',
  'Image',
  'User',
  'OriginalFileName',
  'CommandLine',
  'ParentProcessGuid',
  'ParentProcessId',
  'ParentImage',
  'ParentCommandLine',
  'SourceIp',
  'SourcePort',
  'DestinationIp',
  'DestinationPort',
  'DestinationHostname',
  'Protocol',
  'Initiated',
  'TargetFilename',
  'QueryName',
  'QueryResults',
];
const conn = [
  'ts',
  'uid',
  'id.orig_h',
  'id.orig_p',
  'id.resp_h',
  'id.resp_p',
  'proto',
  'service',
  'duration',
  'orig_bytes',
  'resp_bytes',
  'conn_state',
  'orig_pkts',
  'resp_pkts',
];

function json(file, columns, fields) {
  const typed = Object.entries(columns).map(([name, type]) => `${quoted(name)}: ${quoted(type)}`);
  const scan = `read_json(${quoted(resolve(file))}, format = 'newline_delimited', ignore_errors = true, columns = {${typed.join(', ')}})`;
  return `select ${fields.map((field) => `count(${field})`).join(', ')} from ${scan}`;
}

export const floors = {
  'sysmon.ndjson': (file) =>
    json(
      file,
      {
        '@timestamp': 'VARCHAR',
        winlog: `STRUCT("provider_name" VARCHAR, "channel" VARCHAR, "event_id" VARCHAR, "computer_name" VARCHAR, "record_id" VARCHAR, "event_data" ${struct(eventData)})`,
      },
      [
        '"@timestamp"',
        'winlog.event_id',
        'winlog.computer_name',
        'winlog.record_id',
        ...eventData.map((name) => `winlog.event_data."${name}"`),
      ],
    ),
  'conn.json': (file) =>
    json(
      file,
      Object.fromEntries(conn.map((name) => [name, 'VARCHAR'])),
      conn.map((name) => `"${name}"`),
    ),
  'conn.log': (file) => {
    const names = [
      'ts',
      'uid',
      'id.orig_h',
      'id.orig_p',
      'id.resp_h',
      'id.resp_p',
      'proto',
      'service',
      'duration',
      'orig_bytes',
      'resp_bytes',
      'conn_state',
      'local_orig',
      'local_resp',
      'missed_bytes',
      'history',
      'orig_pkts',
      'orig_ip_bytes',
      'resp_pkts',
      'resp_ip_bytes',
      'tunnel_parents',
    ];
    const typed = names.map((name) => `${quoted(name)}: 'VARCHAR'`).join(', ');
    return `select ${conn.map((name) => `count("${name}")`).join(', ')} from read_csv(${quoted(resolve(file))}, header = false,
      auto_detect = false, skip = 8, delim = '\\t', quote = '', escape = '', new_line = '\\n', columns = {${typed}})`;
  },
};
