import {
  formatBytes,
  formatDuration,
  formatRate,
  markdownCell as cell,
  markdownFence as fence,
  markdownRow as row,
} from '../format.js';
import type { Reporter } from '../types.js';
import { allErrors, attackNotice, headline, legNames, simulatedText } from '../words.js';

export const markdownReporter: Reporter = {
  fileName: 'report.md',
  render(result) {
    const { run, coverage } = result;
    const lines = [
      `# Dyetrace run ${run.id}`,
      '',
      `**${headline(result)}**`,
      '',
      simulatedText(result),
      '',
      `Lab ${cell(run.lab)}, ${run.startedAt} to ${run.endedAt}, seed ${cell(run.seed)}, Dyetrace ${run.version}.`,
      ...(run.interrupted ? ['', 'The run was interrupted: what did not run is not judged.'] : []),
      ...(run.faults.length > 0
        ? ['', `Faults given to the simulated lab: ${run.faults.map(cell).join(', ')}.`]
        : []),
      '',
      '## Findings',
      '',
    ];
    if (result.findings.length === 0) lines.push('None.');
    for (const finding of result.findings) {
      lines.push(
        `### ${cell(finding.title)}`,
        '',
        `\`${finding.cause}\`, link **${finding.link}**, legs ${finding.legs.map((leg) => legNames[leg]).join(', ') || '–'}; ${finding.executions.length} executions, mending it gains ${finding.gain}.`,
        '',
        fence(finding.remedy),
        '',
      );
    }
    lines.push(
      '',
      '## Executions',
      '',
      row(['scenario', 'host', 'outcome', 'expected', 'attribution', 'bytes out', 'broken link']),
      row(Array<string>(7).fill('---')),
    );
    for (const execution of result.executions) {
      const broken = execution.chain.find((entry) => entry.state === 'broken');
      lines.push(
        row([
          cell(execution.scenario),
          cell(execution.host.name),
          `${execution.outcome}${execution.met ? '' : ' (not as expected)'}`,
          execution.expected,
          `${execution.attribution.grade} (expected ${execution.attribution.expectedGrade})`,
          execution.volume.bytesOut === null
            ? execution.volume.grade
            : `${formatBytes(execution.volume.bytesOut)} (${execution.volume.grade})`,
          broken === undefined ? '–' : `${broken.link}: ${broken.cause ?? ''}`,
        ]),
      );
    }
    lines.push('', '## Legs', '', row(['leg', 'seen']), row(['---', '---']));
    for (const [leg, rate] of Object.entries(coverage.legs))
      lines.push(row([legNames[leg as keyof typeof legNames], formatRate(rate)]));
    const times = result.executions.flatMap((execution) =>
      execution.timeToAlertMs === null ? [] : [execution.timeToAlertMs],
    );
    if (times.length > 0)
      lines.push(
        '',
        `Slowest alert: ${formatDuration(Math.max(...times))} after the transfer (${times.length} alerts measured).`,
      );
    if (result.falsePositives.length > 0) {
      lines.push('', '## False positives', '');
      for (const alert of result.falsePositives)
        lines.push(
          `- ${cell(alert.rule)} on ${cell(alert.host ?? 'unknown host')}: ${cell(alert.process ?? 'unknown process')}`,
        );
    }
    const errors = allErrors(result);
    if (errors.length > 0) {
      lines.push('', '## Errors', '');
      for (const error of errors)
        lines.push(
          `- ${cell(error.where)}: ${cell(error.message)}${error.remedy === null ? '' : ` → ${cell(error.remedy)}`}`,
        );
    }
    lines.push(
      '',
      '## Clean-up',
      '',
      `${result.cleanup.done} effects undone, ${result.cleanup.left.length} left.`,
    );
    for (const left of result.cleanup.left)
      lines.push(`- ${cell(left.what)} on ${cell(left.where)}: ${cell(left.why)}`);
    lines.push('', attackNotice, '');
    return lines.join('\n');
  },
};
