import type { RunResult } from '../../coverage/index.js';
import { outcomes } from '../../verify/index.js';
import { formatRate } from '../format.js';
import type { Reporter } from '../types.js';
import { attackNotice, headline, legNames, simulatedText } from '../words.js';
import { htmlDocument } from './document.js';
import { fullUpTo } from './brief.js';
import { html, type Markup } from './escape.js';
import { executionMarkup } from './executions.js';
import { filterForm } from './filters.js';
import { matrix } from './matrix.js';
import { script } from './script.js';

function outcomeBar(result: RunResult): Markup {
  const shown = outcomes.filter((outcome) => outcome !== 'error');
  let x = 0;
  const total = result.coverage.outcomes.alerted.of;
  const bars = shown.map((outcome) => {
    const width = total === 0 ? 0 : (100 * result.coverage.outcomes[outcome].count) / total;
    const rect = html`<rect class="${outcome}" x="${x}" y="0" width="${width}" height="10"></rect>`;
    x += width;
    return rect;
  });
  return html`<div class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${headline(result)}">${bars}</svg></div>
<table><tbody>${shown.map((outcome) => html`<tr><th scope="row"><span class="${outcome}">${outcome}</span></th><td class="num">${formatRate(result.coverage.outcomes[outcome])}</td></tr>`)}
<tr><th scope="row">controls silent</th><td class="num">${formatRate(result.coverage.controls)}</td></tr>
<tr><th scope="row"><span class="error">errors</span> (in no rate)</th><td class="num">${result.coverage.errors}</td></tr></tbody></table>`;
}

function legRates(result: RunResult): Markup {
  return html`<table><tbody>${Object.entries(result.coverage.legs).map(
    ([leg, rate]) =>
      html`<tr><th scope="row">${legNames[leg as keyof typeof legNames]}</th><td class="num">${formatRate(rate)}</td></tr>`,
  )}</tbody></table>`;
}

/** The findings in a few words, for the first screen; the most valuable first. */
function gapList(result: RunResult): Markup {
  if (result.findings.length === 0) return html`<p>None.</p>`;
  return html`<ol>${result.findings.slice(0, 5).map((finding) => html`<li><a href="#finding-${finding.cause}">${finding.title}</a> <span class="note">${finding.link}, ${finding.executions.length} executions</span></li>`)}</ol>`;
}

/** Executions that a finding links to. */
const linked = 30;

function findings(result: RunResult): Markup {
  if (result.findings.length === 0)
    return html`<p>No gap was found in ${result.executions.length} executions.</p>`;
  return html`${result.findings.map(
    (finding) => html`<section class="card" id="finding-${finding.cause}"><h3>${finding.title}</h3>
<p class="note">Link <strong>${finding.link}</strong>, <code>${finding.cause}</code>, ${finding.legs.map((leg) => legNames[leg]).join(', ') || 'no single leg'}. Seen in ${finding.executions.length} executions; mending it gains ${finding.gain}.</p>
<pre>${finding.remedy}</pre>
<p class="note">${finding.executions.slice(0, linked).map((id) => html`<a href="#${id}">${id}</a> `)}${finding.executions.length > linked ? `and ${finding.executions.length - linked} more` : null}</p></section>`,
  )}`;
}

function problems(result: RunResult): Markup | null {
  const lines = [
    ...result.errors.map(
      (error) =>
        html`<li class="error">${error.where}: ${error.message}${error.remedy === null ? null : html` → ${error.remedy}`}</li>`,
    ),
    ...result.falsePositives.map(
      (alert) =>
        html`<li class="unmet">False positive: ${alert.rule} on ${alert.host ?? 'unknown host'}, ${alert.process ?? 'unknown process'}</li>`,
    ),
    ...result.cleanup.left.map(
      (left) => html`<li class="unmet">Left behind: ${left.what} on ${left.where}: ${left.why}</li>`,
    ),
  ];
  return lines.length === 0 ? null : html`<h2>Errors and left-overs</h2><ul>${lines}</ul>`;
}

function page(result: RunResult): Markup {
  const { run } = result;
  const brief = result.executions.length > fullUpTo;
  return html`<header><p class="brand">Dyetrace · AN1169 · T1071.002 · run ${run.id}</p>
<h1>${headline(result)}</h1>
${run.simulated ? html`<p class="banner"><strong>Simulated hosts</strong>${simulatedText(result).replace('Simulated hosts: ', '')}</p>` : html`<p class="note">${simulatedText(result)}</p>`}
${run.interrupted ? html`<p class="banner"><strong>Interrupted</strong>What did not run is not judged.</p>` : null}
${run.faults.length > 0 ? html`<p class="banner"><strong>Faults</strong>This lab was told to fail: ${run.faults.join(', ')}.</p>` : null}
<p class="note">Lab ${run.lab}, ${run.startedAt} to ${run.endedAt}, seed ${run.seed}, version ${run.version}. ${result.cleanup.done} effects undone, ${result.cleanup.left.length} left.</p></header>
<main><div class="first"><section class="card"><h2>Can we see it?</h2>${matrix(result)}</section>
<div><section class="card"><h2>Outcomes of uploads</h2>${outcomeBar(result)}</section>
<section class="card"><h2>Gaps by importance</h2>${gapList(result)}</section>
<section class="card"><h2>Legs seen, of those expected</h2>${legRates(result)}</section></div></div>
<h2>What to mend first</h2>${findings(result)}
${problems(result)}
<h2 id="executions">Executions</h2>${filterForm(result)}${brief ? html`<p class="note">More than ${fullUpTo} executions: each is told briefly. Ids of evidence and full texts are in run.json.</p>` : null}${result.executions.map((execution) => executionMarkup(execution, brief))}</main>
<footer><p>${attackNotice}</p></footer>`;
}

export const htmlReporter: Reporter = {
  fileName: 'report.html',
  render: (result) => htmlDocument(`Dyetrace run ${result.run.id}`, page(result), script),
};
