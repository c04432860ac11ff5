import { legs } from '../../config/index.js';
import type { RunResult } from '../../coverage/index.js';
import { formatBytes, formatDuration } from '../format.js';
import { legNames } from '../words.js';
import { briefBody, briefCommandLine } from './brief.js';
import { html, type Markup } from './escape.js';
import { filterAttributes } from './filters.js';

type Execution = RunResult['executions'][number];

/** Neighbours of one state are one step of the picture; a broken link stands alone, with its cause. */
function chainSteps({ chain }: Execution): { state: string; links: string[]; cause: string | null }[] {
  const steps: { state: string; links: string[]; cause: string | null }[] = [];
  for (const { link, state, cause } of chain) {
    const last = steps.at(-1);
    if (last?.state === state && last.cause === cause && state !== 'broken') last.links.push(link);
    else steps.push({ state, links: [link], cause });
  }
  return steps;
}

function chain(execution: Execution): Markup {
  return html`<ol class="chain" aria-label="detection chain">${chainSteps(execution).map(
    ({ state, links, cause }) =>
      html`<li class="${state}">${links.join(' → ')}: ${state.replace('-', ' ')}${cause === null ? null : html` <code>${cause}</code>`}</li>`,
  )}</ol>`;
}

function sockets(execution: Execution): Markup {
  const rows = execution.receipts.flatMap((receipt) =>
    receipt.sockets.map(
      (socket) =>
        html`<tr><td>${socket.role}</td><td class="num">${socket.transport} ${socket.source.ip}:${socket.source.port} → ${socket.destination.ip}:${socket.destination.port}</td><td>${socket.openedBy}</td><td class="num">${socket.bytesFromClient}</td><td class="num">${socket.bytesToClient}</td></tr>`,
    ),
  );
  if (rows.length === 0)
    return html`<p class="note">No receipt: nothing of this execution arrived at a sink.</p>`;
  return html`<div class="scroll"><table><thead><tr><th>socket</th><th>5-tuple</th><th>opened by</th><th>bytes from client</th><th>bytes to client</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function legTable(execution: Execution): Markup {
  return html`<div class="scroll"><table><thead><tr><th>leg</th><th>state</th><th>why</th><th>evidence</th></tr></thead><tbody>${legs.map(
    (leg) => {
      const { state, text, evidence, missingFields } = execution.legs[leg];
      const missing = missingFields.length === 0 ? '' : ` (missing: ${missingFields.join(', ')})`;
      return html`<tr><td>${legNames[leg]}</td><td>${state.replace('_', ' ')}</td><td>${text}${missing}</td><td>${evidence.slice(0, 4).map((id) => html`<code>${id}</code> `)}${evidence.length > 4 ? `and ${evidence.length - 4} more` : null}</td></tr>`;
    },
  )}</tbody></table></div>`;
}

function truth(execution: Execution): Markup {
  const { volume, attribution } = execution;
  const measured =
    volume.bytesOut === null ? 'not visible' : `${formatBytes(volume.bytesOut)} (${volume.bytesOut} bytes)`;
  const real =
    volume.truth === null ? 'nothing arrived' : `${formatBytes(volume.truth)} (${volume.truth} bytes)`;
  const owner =
    attribution.socketOwner === null
      ? 'not seen'
      : `${attribution.socketOwner.executable}${attribution.socketOwner.pid === null ? '' : `, PID ${attribution.socketOwner.pid}`}`;
  return html`<div class="scroll"><table><thead><tr><td></td><th>truth</th><th>telemetry</th></tr></thead><tbody>
<tr><th scope="row">bytes out</th><td>${real}</td><td>${measured}${volume.errorPercent === null ? null : `, error ${volume.errorPercent.toFixed(1)} %`}</td></tr>
<tr><th scope="row">attribution</th><td>expected ${attribution.expectedGrade}</td><td>${attribution.grade}${attribution.via === null ? null : ` by ${attribution.via}`}; socket owner ${owner}</td></tr>
<tr><th scope="row">alert</th><td>expected: ${execution.expected.replace('_', ' ')}</td><td>${execution.alerts.length} alerts${execution.timeToAlertMs === null ? null : `, first after ${formatDuration(execution.timeToAlertMs)}`}</td></tr>
</tbody></table></div>`;
}

function fullBody(execution: Execution): Markup {
  return html`<h3>Truth against claim</h3>${truth(execution)}
<h3>Sockets, as the sink saw them</h3>${sockets(execution)}
<h3>Evidence by leg</h3>${legTable(execution)}`;
}

/** One execution: closed it is a line, open it is the whole story. What is not as expected stands open. */
export function executionMarkup(execution: Execution, brief: boolean): Markup {
  return html`<details id="${execution.id}"${filterAttributes(execution)}${execution.met ? null : html` open`}><summary><span class="tag ${execution.outcome}">${execution.outcome}</span> <strong>${execution.scenario}</strong> on ${execution.host.name} → ${execution.sink.id}${execution.met ? null : html` <span class="unmet">not as expected (${execution.expected.replace('_', ' ')})</span>`}</summary>
<p><code>${brief ? briefCommandLine(execution.commandLine) : execution.commandLine}</code></p>
${chain(execution)}
${execution.chain.filter((entry) => entry.state === 'broken').map((entry) => html`<p class="unmet">${entry.link}: ${entry.text}</p>`)}
${brief ? briefBody(execution) : fullBody(execution)}
${execution.errors.map((error) => html`<p class="error">${error.where}: ${error.message}${error.remedy === null ? null : html` → ${error.remedy}`}</p>`)}
</details>`;
}
