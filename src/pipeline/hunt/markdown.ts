import type { HuntResult } from '../../analytic/index.js';
import { formatBytes, markdownCell } from '../../reporters/index.js';
import { sentence } from './text.js';

const row = (cells: readonly (string | number | null)[]): string =>
  `| ${cells.map((one) => markdownCell(one === null ? 'unknown' : String(one))).join(' | ')} |`;

/** A hunt as Markdown: the hits as a table and as sentences, what no process could be tied to, the inputs. */
export function huntMarkdown(result: HuntResult): string {
  const { hits, unattributed, inputs, summary } = result;
  const lines = [
    '# Hunt for AN1169',
    '',
    `${String(summary.hits)} hits in ${String(summary.records)} records of ${String(inputs.length)} inputs; ${String(summary.rejected)} records could not be read.`,
    '',
    '## Hits',
    '',
  ];
  if (hits.length === 0) lines.push('None.');
  else {
    lines.push(
      row(['severity', 'start', 'host', 'initiator', 'protocol', 'destination', 'bytes out', 'attribution']),
      '|---|---|---|---|---|---|---|---|',
    );
    for (const hit of hits)
      lines.push(
        row([
          hit.severity,
          hit.start,
          hit.host.name,
          hit.initiator.executable,
          hit.protocol,
          `${hit.destination.ip}:${String(hit.destination.port ?? '?')}`,
          hit.bytesOut === null ? 'not visible' : formatBytes(hit.bytesOut),
          hit.attribution,
        ]),
      );
    for (const hit of hits)
      lines.push(
        '',
        `### ${hit.id}`,
        '',
        markdownCell(sentence(hit)),
        '',
        ...hit.reasons.map((reason) => `- ${markdownCell(reason)}`),
      );
  }
  lines.push('', '## Transfers that no process could be tied to', '');
  if (unattributed.length === 0) lines.push('None.');
  else {
    lines.push(
      row(['protocol', 'direction', 'client', 'server', 'files', 'bytes out', 'reason']),
      '|---|---|---|---|---|---|---|',
    );
    for (const one of unattributed)
      lines.push(
        row([
          one.protocol,
          one.direction,
          one.client.ip,
          `${one.server.ip ?? '?'}:${String(one.server.port ?? '?')}`,
          one.fileNames.join(' '),
          one.bytesOut === null ? 'not visible' : formatBytes(one.bytesOut),
          one.reason,
        ]),
      );
  }
  lines.push(
    '',
    '## Inputs',
    '',
    row(['path', 'reader', 'records', 'used', 'ignored', 'rejected', 'duplicates']),
    '|---|---|---|---|---|---|---|',
  );
  for (const { path, reader, records, used, ignored, rejected, duplicates } of inputs)
    lines.push(
      row([
        path,
        reader ?? 'no telemetry',
        records,
        used,
        Object.values(ignored).reduce((sum, n) => sum + n, 0),
        rejected,
        duplicates,
      ]),
    );
  return `${lines.join('\n')}\n`;
}
