import { initiators, protocols } from '../../config/index.js';
import type { RunResult } from '../../coverage/index.js';
import { formatRate, markdownCell as cell, markdownFence, markdownRow as row } from '../format.js';
import { html } from '../html/escape.js';
import type { Reporter } from '../types.js';
import { allErrors, attackNotice, headline, legNames, simulatedText } from '../words.js';

/** GitHub takes 1 MiB per step; longer lists say how much they leave to the other reports. */
const longest = 50;

function shortened(lines: readonly string[], rest: (count: number) => string): string[] {
  return lines.length <= longest ? [...lines] : [...lines.slice(0, longest), rest(lines.length - longest)];
}

function matrix({ coverage }: RunResult): string[] {
  const roles = [...new Set(coverage.matrix.map(({ hostRole }) => hostRole))];
  const lines = roles.flatMap((role) =>
    initiators.flatMap((initiator) => {
      const cells = coverage.matrix.filter((one) => one.hostRole === role && one.initiator === initiator);
      if (cells.length === 0) return [];
      return row([
        `${initiator}, ${cell(role)}`,
        ...protocols.map(
          (protocol) => cells.find((one) => one.protocol === protocol)?.outcome ?? '*untested*',
        ),
      ]);
    }),
  );
  return [
    row(['', ...protocols.map((protocol) => protocol.toUpperCase())]),
    row(Array<string>(protocols.length + 1).fill('---')),
    ...lines,
  ];
}

/** A line that begins with a block tag is HTML, not Markdown: its text is escaped as HTML, and ends with the line. */
const summaryText = (text: string) => html`${text.replaceAll(/\s+/g, ' ')}`.text;

function findings(result: RunResult): string[] {
  return shortened(
    result.findings.map((finding) =>
      [
        `<details><summary>${summaryText(finding.title)}: link ${finding.link}, ${finding.executions.length} of ${result.executions.length} executions</summary>`,
        '',
        `${cell(finding.cause)}, ${finding.legs.map((leg) => legNames[leg]).join(', ') || 'no single leg'}; mending it gains ${finding.gain}.`,
        '',
        markdownFence(finding.remedy),
        '',
        '</details>',
      ].join('\n'),
    ),
    (count) => `and ${count} more findings`,
  );
}

function unmet({ executions }: RunResult): string[] {
  const lines = executions
    .filter(({ met, outcome }) => !met && outcome !== 'error')
    .map((execution) => {
      const broken = execution.chain.find(({ state }) => state === 'broken');
      return row([
        cell(execution.scenario),
        cell(execution.host.name),
        execution.outcome,
        execution.expected.replace('_', ' '),
        broken === undefined ? '–' : `${broken.link}: ${cell(broken.cause ?? '')}`,
      ]);
    });
  if (lines.length === 0) return [];
  return [
    '### Not as expected',
    '',
    row(['scenario', 'host', 'outcome', 'expected', 'broken link']),
    row(Array<string>(5).fill('---')),
    ...shortened(lines, (count) => row([`and ${count} more`, '', '', '', ''])),
    '',
  ];
}

function troubles(result: RunResult): string[] {
  const lines = [
    ...allErrors(result).map((error) => `- **error** ${cell(error.where)}: ${cell(error.message)}`),
    ...result.falsePositives.map(
      (alert) =>
        `- **false positive** ${cell(alert.rule)} on ${cell(alert.host ?? 'unknown host')}: ${cell(alert.process ?? 'unknown process')}`,
    ),
    ...result.cleanup.left.map((left) => `- **left behind** ${cell(left.what)} on ${cell(left.where)}`),
  ];
  return lines.length === 0
    ? []
    : ['### Errors and left-overs', '', ...shortened(lines, (count) => `- and ${count} more`), ''];
}

/**
 * The run on one page for a CI server: GitHub's job summary (`cat job-summary.md >> "$GITHUB_STEP_SUMMARY"`) and a GitLab merge
 * request's note. Details are folded; both render GitHub-flavoured Markdown with `<details>`.
 */
export const githubReporter: Reporter = {
  fileName: 'job-summary.md',
  render(result) {
    const { run, coverage } = result;
    return [
      `## Dyetrace: ${headline(result)}`,
      '',
      `> ${simulatedText(result)}`,
      ...(run.interrupted ? ['>', '> Interrupted: what did not run is not judged.'] : []),
      ...(run.faults.length > 0
        ? ['>', `> Faults given to the simulated lab: ${run.faults.map(cell).join(', ')}.`]
        : []),
      '',
      ...matrix(result),
      '',
      `Legs seen: ${Object.entries(coverage.legs)
        .map(([leg, rate]) => `${legNames[leg as keyof typeof legNames]} ${formatRate(rate)}`)
        .join(', ')}. Expectations met: ${formatRate(coverage.met)}.`,
      '',
      ...unmet(result),
      '### What to mend first',
      '',
      ...(result.findings.length === 0 ? ['No gap was found.'] : findings(result)),
      '',
      ...troubles(result),
      `<sub>Run ${run.id}, lab ${cell(run.lab)}, seed ${cell(run.seed)}, Dyetrace ${run.version}. ${attackNotice}</sub>`,
      '',
    ].join('\n');
  },
};
