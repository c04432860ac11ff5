import type { Story, StoryRecord } from './explain.js';

const rawLimit = 2000;

function recordLines({ from, table, id, file, offset, fields, raw }: StoryRecord): string[] {
  const shown =
    raw === null
      ? JSON.stringify(fields)
      : raw.length > rawLimit
        ? `${raw.slice(0, rawLimit)}… (${String(raw.length)} characters)`
        : raw;
  return [
    `    ${from === 'siem' ? 'SIEM' : 'host'} ${table} ${id} (${file}, record ${String(offset)})`,
    `      ${shown}`,
  ];
}

function truthLines({ execution }: Story): string[] {
  if (execution.receipts.length === 0) return ['  no sink has a receipt'];
  return execution.receipts.flatMap((receipt) => [
    `  ${receipt.fileName}: ${String(receipt.size)} bytes, sha256 ${receipt.sha256}, ${receipt.complete ? 'complete' : 'broken off'}, ${receipt.firstByteAt ?? '?'} to ${receipt.lastByteAt ?? '?'}`,
    ...receipt.sockets.map(
      (socket) =>
        `    ${socket.role} ${socket.transport} ${socket.source.ip}:${String(socket.source.port)} → ${socket.destination.ip}:${String(socket.destination.port)}, opened by the ${socket.openedBy}, ${String(socket.bytesFromClient)} bytes out, ${String(socket.bytesToClient)} in`,
    ),
  ]);
}

/** The story for a reader: what was done, what truly happened, what each leg has, and where the chain broke. */
export function storyText(story: Story): string {
  const { execution } = story;
  const { volume, attribution } = execution;
  const lines = [
    `${execution.id}: ${execution.scenario} on ${execution.host.name}${story.simulated ? ' (simulated host)' : ''}, run ${story.run}`,
    `  outcome ${execution.outcome}, expected ${execution.expected}${execution.met ? '' : ': NOT MET'}`,
    '',
    'Command',
    `  ${execution.commandLine}`,
    `  pid ${String(execution.pid ?? 'unknown')}, exit code ${String(execution.exitCode ?? 'unknown')}, ${execution.startedAt ?? '?'} to ${execution.endedAt ?? '?'}`,
    '',
    'Truth, by the receipts of the sink',
    ...truthLines(story),
    `  volume ${volume.grade}: the telemetry says ${String(volume.bytesOut ?? 'nothing')}, the sink ${String(volume.truth ?? 'nothing')}${volume.errorPercent === null ? '' : ` (${String(volume.errorPercent)} %)`}`,
    `  attribution ${attribution.grade} by ${attribution.via ?? 'nothing'}, expected ${attribution.expectedGrade}`,
    '',
    'Legs',
  ];
  for (const { leg, judged, records, searched } of story.legs) {
    lines.push(
      `  ${leg}: ${judged.state}${judged.via === null ? '' : `, tied by ${judged.via}`}${judged.delayMs === null ? '' : `, ${String(judged.delayMs)} ms late`}`,
    );
    if (judged.text !== '') lines.push(`    ${judged.text}`);
    if (judged.missingFields.length > 0)
      lines.push(`    missing or wrong: ${judged.missingFields.join(', ')}`);
    lines.push(...records.flatMap(recordLines));
    if (['missing', 'partial', 'unknown'].includes(judged.state))
      for (const { source, query, records: count, error } of searched)
        lines.push(
          `    searched ${source}: ${error ?? `${String(count)} records`}${query === '' ? '' : ` by ${query}`}`,
        );
  }
  if (story.otherRecords.length > 0)
    lines.push('  other records that a link names', ...story.otherRecords.flatMap(recordLines));
  lines.push('', 'Chain');
  for (const { link, state, legs, cause, text } of execution.chain)
    lines.push(
      `  ${link}: ${state}${cause === null ? '' : ` (${cause})`}${legs.length > 0 && state !== 'ok' ? ` on ${legs.join(', ')}` : ''}${text === '' ? '' : `: ${text}`}`,
    );
  for (const { leg, cause, text, remedy } of execution.gaps)
    lines.push(
      '',
      `Gap ${cause}${leg === null ? '' : ` on ${leg}`}: ${text}`,
      ...remedy.split('\n').map((line) => `  ${line}`),
    );
  return lines.join('\n');
}
