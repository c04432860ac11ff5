import type { Hit, HuntResult } from '../../analytic/index.js';
import { formatBytes, printable } from '../../reporters/index.js';

function volumeOf(bytesOut: number | null, outboundShare: number | null): string {
  if (bytesOut === null) return 'volume not visible';
  return outboundShare === null
    ? `${formatBytes(bytesOut)} out`
    : `${formatBytes(bytesOut)} out, ${Math.round(outboundShare * 100)} % outbound`;
}

/** A hit as a sentence. */
export function sentence(hit: Hit): string {
  const file = hit.fileNames.length === 0 ? '' : ` (${hit.fileNames.join(', ')})`;
  return `${hit.host.name}: ${hit.initiator.executable ?? 'unknown process'} → ${hit.protocol} ${hit.destination.ip}:${hit.destination.port ?? '?'}${file}, ${volumeOf(hit.bytesOut, hit.outboundShare)}, attribution ${hit.attribution}`;
}

/** A hunt for a reader: each hit as a sentence, then what no process could be tied to, then the inputs. */
export function huntText(result: HuntResult): string {
  const lines: string[] = [];
  for (const hit of result.hits) {
    lines.push(
      `[${hit.severity}] ${sentence(hit)}`,
      `    id ${hit.id}`,
      ...hit.reasons.map((reason) => `    ${reason}`),
    );
  }
  if (result.hits.length === 0) lines.push('No hits.');
  if (result.unattributed.length > 0)
    lines.push('', `Transfers that no process could be tied to (${result.unattributed.length}):`);
  for (const entry of result.unattributed) {
    const files = entry.fileNames.length === 0 ? '' : ` ${entry.fileNames.join(', ')}`;
    lines.push(
      `  ${entry.protocol} ${entry.direction} ${entry.client.ip ?? '?'}:${entry.client.port ?? '?'} → ${entry.server.ip ?? '?'}:${entry.server.port ?? '?'}${files}, ${volumeOf(entry.bytesOut, entry.outboundShare)}: ${entry.reason}`,
    );
  }
  const { summary } = result;
  lines.push(
    '',
    `${result.inputs.length} inputs, ${summary.records} records, ${summary.rows} rows, ${summary.rejected} rejected; ${summary.processes} processes, ${summary.connections} connections, ${summary.transfers} transfers, ${summary.flows} flows; ${summary.hits} hits`,
    ...result.inputs.filter((input) => input.reader === null).map((input) => `no telemetry: ${input.path}`),
  );
  return lines.map(printable).join('\n');
}
