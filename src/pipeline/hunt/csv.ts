import type { Hit, HuntResult } from '../../analytic/index.js';
import { csvTable, type CsvColumn } from '../../reporters/index.js';

const columns: readonly CsvColumn<Hit>[] = [
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

/** The hits as CSV with a header, lines ended by CRLF. */
export function huntCsv(result: HuntResult): string {
  return csvTable(columns, result.hits);
}
