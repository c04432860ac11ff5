import { initiators, legs, protocols } from '../../config/index.js';
import type { RunResult } from '../../coverage/index.js';
import { legNames } from '../words.js';
import { html, type Markup } from './escape.js';

const pips = {
  seen: '●',
  partial: '◐',
  missing: '○',
  not_observable: '–',
  not_applicable: '·',
  unknown: '?',
} as const;

type Cell = RunResult['coverage']['matrix'][number];

function cellMarkup(cell: Cell | undefined): Markup {
  if (cell === undefined || cell.outcome === null)
    return html`<div class="cell untested"><b>untested</b><span class="note">no execution</span></div>`;
  const states = cell.legs;
  const spoken =
    states === null ? '' : legs.map((leg) => `${legNames[leg]}: ${states[leg].replace('_', ' ')}`).join(', ');
  const marks =
    states === null
      ? []
      : legs.map((leg) =>
          ['missing', 'partial'].includes(states[leg])
            ? html`<span class="gap">${pips[states[leg]]}</span>`
            : html`${pips[states[leg]]}`,
        );
  const several = cell.executions.length;
  return html`<div class="cell ${cell.outcome}"><b>${cell.outcome}</b><span class="pips" role="img" aria-label="${spoken}">${marks}</span>${several > 1 ? html`<br><span class="note">weakest of ${several}</span>` : null}</div>`;
}

/** Initiator × protocol for each host role: the outcome, and the five legs as pips. */
export function matrix(result: RunResult): Markup {
  const roles = [...new Set(result.coverage.matrix.map((cell) => cell.hostRole))];
  const rows = roles.flatMap((role) =>
    initiators.map((initiator) => {
      const of = (protocol: (typeof protocols)[number]) =>
        result.coverage.matrix.find(
          (cell) => cell.hostRole === role && cell.initiator === initiator && cell.protocol === protocol,
        );
      if (roles.length > 1 && protocols.every((protocol) => of(protocol) === undefined)) return null;
      return html`<tr><th scope="row">${initiator}<br><span class="note">${role}</span></th>${protocols.map((protocol) => html`<td>${cellMarkup(of(protocol))}</td>`)}</tr>`;
    }),
  );
  return html`<div class="scroll"><table class="matrix"><thead><tr><td></td>${protocols.map((protocol) => html`<th scope="col">${protocol.toUpperCase()}</th>`)}</tr></thead>
<tbody>${rows.filter((row) => row !== null)}</tbody></table></div>
<p class="note">Legs in each cell, from left: ${legs.map((leg) => legNames[leg]).join(', ')}. ● seen, ◐ partial, ○ missing, ? could not look, – not observable, · not expected.</p>`;
}
