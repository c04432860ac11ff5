import { styleText } from 'node:util';
import type { ExecutionResult } from '../../verify/index.js';
import { formatBytes, formatDuration, formatRate, printable } from '../format.js';
import type { Reporter } from '../types.js';
import { allErrors, headline, legNames, simulatedText } from '../words.js';

type Style = Parameters<typeof styleText>[0];

const outcomeStyles: Readonly<Record<ExecutionResult['outcome'], Style>> = {
  alerted: 'green',
  blocked: 'cyan',
  logged: 'yellow',
  none: 'red',
  error: 'magenta',
};

const legOrder = [
  'process_creation',
  'network_connection',
  'protocol_log',
  'flow_volume',
  'gateway_log',
] as const;
const legMarks = {
  seen: '●',
  partial: '◐',
  missing: '○',
  not_observable: '–',
  not_applicable: '·',
  unknown: '?',
} as const;

export const consoleReporter: Reporter = {
  fileName: null,
  render(result, { colour, width }) {
    const paint = (style: Style, text: string) =>
      colour ? styleText(style, text, { validateStream: false }) : text;
    const lines: string[] = ['', paint('bold', headline(result)), simulatedText(result)];
    if (result.run.interrupted) lines.push(paint('yellow', 'Interrupted: what did not run is not judged.'));
    if (result.run.faults.length > 0)
      lines.push(`Faults given to the simulated lab: ${result.run.faults.join(', ')}`);
    lines.push('');

    const nameWidth = Math.max(...result.executions.map(({ scenario }) => scenario.length), 8);
    const hostWidth = Math.max(...result.executions.map(({ host }) => host.name.length), 4);
    lines.push(
      paint(
        'dim',
        `${'scenario'.padEnd(nameWidth)}  ${'host'.padEnd(hostWidth)}  outcome  legs   attribution  out        broken link`,
      ),
    );
    for (const execution of result.executions) {
      const broken = execution.chain.find((entry) => entry.state === 'broken');
      const marks = legOrder.map((leg) => legMarks[execution.legs[leg].state]).join('');
      const volume =
        execution.volume.bytesOut === null ? execution.volume.grade : formatBytes(execution.volume.bytesOut);
      const link = broken === undefined ? '' : `${broken.link}: ${broken.cause ?? ''}`;
      const state = execution.met ? ' ' : paint('red', '!');
      lines.push(
        `${execution.scenario.padEnd(nameWidth)}  ${execution.host.name.padEnd(hostWidth)} ${state}${paint(outcomeStyles[execution.outcome], execution.outcome.padEnd(7))}  ${marks}  ${execution.attribution.grade.padEnd(11)}  ${volume.padEnd(9)}  ${link}`.trimEnd(),
      );
    }
    lines.push(
      paint(
        'dim',
        `legs: ${legOrder.map((leg) => legNames[leg]).join(', ')}; ● seen ◐ partial ○ missing ? could not look · not expected – not observable`,
      ),
      '',
      `Legs seen: ${legOrder.map((leg) => `${legNames[leg]} ${formatRate(result.coverage.legs[leg])}`).join(' · ')}`,
    );
    const times = result.executions.flatMap((execution) =>
      execution.timeToAlertMs === null ? [] : [execution.timeToAlertMs],
    );
    if (times.length > 0)
      lines.push(
        `Slowest alert: ${formatDuration(Math.max(...times))} after the transfer (${times.length} measured)`,
      );

    for (const finding of result.findings) {
      lines.push(
        '',
        `${paint('bold', finding.title)} (${finding.cause}, link ${finding.link}; ${finding.executions.length} executions, mending gains ${finding.gain})`,
        ...finding.remedy.split('\n').map((line) => `  ${line}`),
      );
    }
    for (const alert of result.falsePositives)
      lines.push(
        paint(
          'red',
          `false positive: ${alert.rule} on ${alert.host ?? 'unknown host'}, ${alert.process ?? 'unknown process'}`,
        ),
      );
    for (const error of allErrors(result)) {
      lines.push(paint('magenta', `error: ${error.where}: ${error.message}`));
      if (error.remedy !== null) lines.push(`  ${error.remedy}`);
    }
    for (const left of result.cleanup.left)
      lines.push(paint('red', `left behind: ${left.what} on ${left.where}: ${left.why}`));
    lines.push('', `Clean-up: ${result.cleanup.done} effects undone, ${result.cleanup.left.length} left`);
    // Colour codes are ours; everything else that reaches the terminal is made harmless.
    const harmless = (line: string) => line.split('\u001B[').map(printable).join('\u001B[');
    return lines
      .map((line) => (colour ? harmless(line) : printable(line)))
      .map((line) => (colour ? line : line.slice(0, Math.max(width, 200))))
      .join('\n');
  },
};
