import type { RunResult } from '../../coverage/index.js';
import type { ExecutionResult } from '../../verify/index.js';

export interface Problem {
  readonly kind: 'failure' | 'error';
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

export interface TestCase {
  readonly classname: string;
  readonly name: string;
  /** Seconds. */
  readonly time: number;
  readonly problem: Problem | null;
  readonly output: string;
}

function seconds(startedAt: string | null, endedAt: string | null): number {
  return startedAt === null || endedAt === null ? 0 : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}

const withRemedy = (text: string, remedy: string | null) =>
  remedy === null || remedy === '' ? text : `${text}\nRemedy: ${remedy}`;

/** An error is an error; a gap, an expectation that was not met and a control that alerted are failures. One problem per case. */
function problemOf(execution: ExecutionResult): Problem | null {
  const { outcome, expected, gaps, errors, control, met } = execution;
  if (outcome === 'error')
    return {
      kind: 'error',
      type: errors[0]?.code ?? 'error',
      message: errors[0]?.message ?? 'could not be judged',
      text: errors.map((each) => withRemedy(`${each.where}: ${each.message}`, each.remedy)).join('\n\n'),
    };
  if (met && gaps.length === 0) return null;
  const expectation = `outcome ${outcome}, expected ${expected.replace('_', ' ')}`;
  const falseAlarm = control && execution.alerts.length > 0;
  return {
    kind: 'failure',
    type: falseAlarm ? 'control-alerted' : (gaps[0]?.cause ?? 'unmet'),
    message: falseAlarm
      ? `a control raised an alert: ${expectation}`
      : met
        ? `gap: ${gaps[0]?.text ?? ''}`
        : expectation,
    text: [
      ...(falseAlarm
        ? execution.alerts.map(({ rule, at }) => `Alert of ${rule}, ${at ?? 'time unknown'}`)
        : []),
      ...gaps.map((gap) =>
        withRemedy(
          `${gap.link}${gap.leg === null ? '' : `, ${gap.leg}`}: ${gap.cause}: ${gap.text}`,
          gap.remedy,
        ),
      ),
    ].join('\n\n'),
  };
}

function outputOf(execution: ExecutionResult): string {
  return [
    `execution ${execution.id}`,
    execution.commandLine,
    ...execution.chain.map(({ link, state, text }) => `${link}: ${state}: ${text}`),
  ].join('\n');
}

/** Executions of one host. Names are the same in every run, so that a CI server can follow a case over time. */
export function executionCases(executions: readonly ExecutionResult[]): TestCase[] {
  const taken = new Map<string, number>();
  return executions.map((execution) => {
    const name = `${execution.scenario} (${execution.profile}) on ${execution.host.name}`;
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    return {
      classname: `AN1169.${execution.initiator}.${execution.protocol}`,
      name: count === 1 ? name : `${name} #${count}`,
      time: seconds(execution.startedAt, execution.endedAt),
      problem: problemOf(execution),
      output: outputOf(execution),
    };
  });
}

/** What concerns the run as a whole; a run without trouble has one case that passes, so that the suite is always there. */
export function runCases(result: RunResult): TestCase[] {
  const problems: (Problem & { readonly name: string })[] = [
    ...result.errors.map((error) => ({
      name: `error: ${error.where}`,
      kind: 'error' as const,
      type: error.code,
      message: error.message,
      text: withRemedy(error.message, error.remedy),
    })),
    ...(result.run.interrupted
      ? [
          {
            name: 'interrupted',
            kind: 'error' as const,
            type: 'interrupted',
            message: 'the run was interrupted',
            text: 'What did not run is not judged.',
          },
        ]
      : []),
    // A control's alert is the failure of its own case.
    ...result.falsePositives
      .filter(({ execution }) => execution === null)
      .map((alert) => ({
        name: `false positive: ${alert.rule} on ${alert.host ?? 'unknown host'}`,
        kind: 'failure' as const,
        type: 'false-positive',
        message: `${alert.rule} alerted on ${alert.process ?? 'an unknown process'}`,
        text: `Alert ${alert.id}, ${alert.at ?? 'time unknown'}`,
      })),
    ...result.cleanup.left.map((left) => ({
      name: `left behind: ${left.what} on ${left.where}`,
      kind: 'failure' as const,
      type: 'left-behind',
      message: left.why,
      text: `${left.what} on ${left.where}: ${left.why}`,
    })),
  ];
  const base = { classname: 'AN1169.run', time: 0, output: '' };
  if (problems.length === 0) return [{ ...base, name: 'the run itself', problem: null }];
  return problems.map(({ name, ...problem }) => ({ ...base, name, problem }));
}
