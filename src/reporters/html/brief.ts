import { legs } from '../../config/index.js';
import type { RunResult } from '../../coverage/index.js';
import { formatBytes, formatDuration } from '../format.js';
import { legNames } from '../words.js';
import { html, type Markup } from './escape.js';

type Execution = RunResult['executions'][number];

/** Executions up to which each is told in full; beyond, the page would outgrow what browsers and mail servers like (1 MB for 500). */
export const fullUpTo = 150;

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

function volume({ volume: { bytesOut, truth } }: Execution): string {
  const bytes = (count: number | null, none: string) => (count === null ? none : formatBytes(count));
  return `${bytes(truth, 'nothing')} sent in truth, telemetry says ${bytes(bytesOut, 'nothing')}`;
}

function legLines(execution: Execution): Markup[] {
  const seen = legs.filter((leg) => execution.legs[leg].state === 'seen');
  return [
    ...(seen.length === 0 ? [] : [html`<li>seen: ${seen.map((leg) => legNames[leg]).join(', ')}`]),
    ...legs
      .filter((leg) => !seen.includes(leg))
      .map((leg) => {
        const { state, text } = execution.legs[leg];
        return html`<li>${legNames[leg]} ${state.replace('_', ' ')}: ${cut(text, 120)}`;
      }),
  ];
}

/** Sockets and alert, truth against claim, and the legs in a few lines. Ids of evidence are left to run.json. */
export function briefBody(execution: Execution): Markup {
  const sockets = execution.receipts.flatMap((receipt) => receipt.sockets);
  const { attribution, timeToAlertMs } = execution;
  return html`<ul>${sockets.map(
    ({ role, transport, source, destination, bytesFromClient, bytesToClient }) =>
      html`<li>${role} ${transport} ${source.ip}:${source.port} → ${destination.ip}:${destination.port}, ${bytesFromClient} B from client, ${bytesToClient} B to it`,
  )}<li>${volume(execution)}; attribution ${attribution.grade}, expected ${attribution.expectedGrade}; ${execution.alerts.length} alerts${timeToAlertMs === null ? null : `, first after ${formatDuration(timeToAlertMs)}`}
${legLines(execution)}</ul>`;
}

export const briefCommandLine = (commandLine: string) => cut(commandLine, 200);
