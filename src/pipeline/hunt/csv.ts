import type { Hit, HuntResult } from '../../analytic/index.js';

const columns: readonly (readonly [name: string, value: (hit: Hit) => string | number | null])[] = [
  ['id', (hit) => hit.id],
  ['severity', (hit) => hit.severity],
  ['start', (hit) => hit.start],
  ['end', (hit) => hit.end],
  ['host.name', (hit) => hit.host.name],
  ['host.ip', (hit) => hit.host.ip.join(' ')],
  ['process.executable', (hit) => hit.initiator.executable],
  ['process.pe.original_file_name', (hit) => hit.initiator.originalFileName],
  ['process.pid', (hit) => hit.initiator.pid],
  ['process.entity_id', (hit) => hit.initiator.entityId],
  ['process.command_line', (hit) => hit.initiator.commandLine],
  ['user.name', (hit) => hit.initiator.user],
  ['attribution', (hit) => hit.attribution],
  ['via', (hit) => hit.via],
  ['network.protocol', (hit) => hit.protocol],
  ['destination.ip', (hit) => hit.destination.ip],
  ['destination.port', (hit) => hit.destination.port],
  ['destination.domain', (hit) => hit.destination.name],
  ['bytesOut', (hit) => hit.bytesOut],
  ['bytesIn', (hit) => hit.bytesIn],
  ['outboundShare', (hit) => hit.outboundShare],
  ['volume', (hit) => hit.volume],
  ['fileNames', (hit) => hit.fileNames.join(' ')],
  ['approvedBy', (hit) => hit.approvedBy],
  ['incidentCategory', (hit) => hit.incidentCategory],
  ['reasons', (hit) => hit.reasons.join('; ')],
];

/** RFC 4180, and no cell that a spreadsheet would take for a formula (CWE-1236). */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The hits as CSV with a header, lines ended by CRLF. */
export function huntCsv(result: HuntResult): string {
  const rows = [
    columns.map(([name]) => name),
    ...result.hits.map((hit) => columns.map(([, value]) => cell(value(hit)))),
  ];
  return rows.map((row) => `${row.join(',')}\r\n`).join('');
}
