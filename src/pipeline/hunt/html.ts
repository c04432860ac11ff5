import type { Hit, HuntResult, Unattributed } from '../../analytic/index.js';
import {
  attackNotice,
  formatBytes,
  html,
  htmlDocument,
  printable,
  type Markup,
} from '../../reporters/index.js';
import { explanationText, type Explanation } from './explain.js';
import { sentence } from './text.js';

const known = (bytes: number | null): string => (bytes === null ? 'not visible' : formatBytes(bytes));

function hitMarkup(hit: Hit, explanation: Explanation | undefined): Markup {
  return html`<details id="${hit.id}"><summary><span class="tag">${hit.severity}</span> ${sentence(hit)}</summary>
<ul>${hit.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>
<table><tbody><tr><th scope="row">Start, end</th><td>${hit.start ?? 'unknown'}, ${hit.end ?? 'unknown'}</td></tr>
<tr><th scope="row">Initiator</th><td><code>${hit.initiator.commandLine ?? hit.initiator.executable ?? 'unknown'}</code>, pid ${hit.initiator.pid ?? 'unknown'}, user ${hit.initiator.user ?? 'unknown'}</td></tr>
<tr><th scope="row">Out, in</th><td class="num">${known(hit.bytesOut)}, ${known(hit.bytesIn)} (${hit.volume})</td></tr>
<tr><th scope="row">Approved by</th><td>${hit.approvedBy ?? 'nothing'}</td></tr></tbody></table>
${explanation === undefined ? null : html`<h3>Records</h3><pre>${printable(explanationText(explanation))}</pre>`}</details>`;
}

function unattributedMarkup(rows: readonly Unattributed[]): Markup {
  if (rows.length === 0) return html`<p>None.</p>`;
  return html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Protocol</th><th scope="col">Direction</th><th scope="col">Client</th><th scope="col">Server</th><th scope="col">Files</th><th scope="col">Out</th><th scope="col">Reason</th></tr></thead>
<tbody>${rows.map((row) => html`<tr><td>${row.protocol}</td><td>${row.direction}</td><td>${row.client.ip ?? '?'}</td><td>${row.server.ip ?? '?'}:${row.server.port ?? '?'}</td><td>${row.fileNames.join(', ')}</td><td class="num">${known(row.bytesOut)}</td><td>${row.reason}</td></tr>`)}</tbody></table></div>`;
}

/** A hunt as one HTML file; hits open to what is known of them. */
export function huntHtml(result: HuntResult, explanations: readonly Explanation[] = []): string {
  const { summary, inputs } = result;
  const by = new Map(explanations.map((one) => [one.hit.id, one]));
  const body = html`<header><p class="brand">Dyetrace · AN1169 · T1071.002 · hunt</p>
<h1>${summary.hits} hits in ${summary.records} records</h1>
<p class="note">${inputs.length} inputs, ${summary.rejected} records could not be read; ${summary.processes} processes, ${summary.connections} connections, ${summary.transfers} transfers, ${summary.flows} flows.</p></header>
<main><h2>Hits</h2>${result.hits.length === 0 ? html`<p>None.</p>` : result.hits.map((hit) => hitMarkup(hit, by.get(hit.id)))}
<h2>Transfers that no process could be tied to</h2>${unattributedMarkup(result.unattributed)}
<h2>Inputs</h2><div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Path</th><th scope="col">Reader</th><th scope="col">Records</th><th scope="col">Used</th><th scope="col">Rejected</th></tr></thead>
<tbody>${inputs.map((input) => html`<tr><td>${input.path}</td><td>${input.reader ?? 'no telemetry'}</td><td class="num">${input.records}</td><td class="num">${input.used}</td><td class="num">${input.rejected}</td></tr>`)}</tbody></table></div></main>
<footer><p>${attackNotice}</p></footer>`;
  return htmlDocument(`Dyetrace hunt: ${String(summary.hits)} hits`, body);
}
