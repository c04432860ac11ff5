import type { RunResult } from '../../coverage/index.js';
import { html, type Markup } from './escape.js';

type Execution = RunResult['executions'][number];

const filters = [
  ['host', 'Host', ({ host }: Execution) => host.name],
  ['initiator', 'Initiator', ({ initiator }: Execution) => initiator],
  ['protocol', 'Protocol', ({ protocol }: Execution) => protocol],
  ['outcome', 'Outcome', ({ outcome }: Execution) => outcome],
] as const;

/** What the filters look at, as attributes of an execution's element. */
export function filterAttributes(execution: Execution): Markup {
  return html`${filters.map(([name, , value]) => html` data-${name}="${value(execution)}"`)}`;
}

/** One choice per property of the executions that are there. Hidden until the script shows it: it does nothing without. */
export function filterForm({ executions }: RunResult): Markup {
  return html`<form class="filters" aria-label="filter executions" hidden>${filters.map(
    ([name, label, value]) =>
      html`<span><label for="filter-${name}">${label}</label> <select id="filter-${name}" name="${name}" autocomplete="off"><option value="">all</option>${[...new Set(executions.map(value))].sort().map((one) => html`<option value="${one}">${one}</option>`)}</select></span>`,
  )}<button type="reset">Show all</button><output aria-live="polite"></output></form>`;
}
