import type { RunResult } from '../../coverage/index.js';
import type { Reporter } from '../types.js';
import { headline, simulatedText } from '../words.js';
import { executionCases, runCases, type TestCase } from './cases.js';
import { element, xmlText } from './xml.js';

function counts(cases: readonly TestCase[]) {
  return {
    tests: cases.length,
    failures: cases.filter(({ problem }) => problem?.kind === 'failure').length,
    errors: cases.filter(({ problem }) => problem?.kind === 'error').length,
    time: cases.reduce((sum, { time }) => sum + time, 0).toFixed(3),
  };
}

function caseXml({ classname, name, time, problem, output }: TestCase): string {
  return `    ${element('testcase', { classname, name, time: time.toFixed(3) }, [
    ...(problem === null
      ? []
      : [element(problem.kind, { type: problem.type, message: problem.message }, [xmlText(problem.text)])]),
    ...(output === '' ? [] : [element('system-out', {}, [xmlText(output)])]),
  ])}`;
}

function suiteXml(result: RunResult, name: string, cases: readonly TestCase[], hostname?: string): string {
  const properties = element('properties', {}, [
    element('property', { name: 'run', value: result.run.id }),
    element('property', { name: 'hosts', value: simulatedText(result) }),
    element('property', { name: 'seed', value: result.run.seed }),
  ]);
  return `  ${element(
    'testsuite',
    {
      name,
      ...counts(cases),
      skipped: 0,
      // xs:dateTime without a zone, as the JUnit schema has it; UTC.
      timestamp: result.run.startedAt.replace(/(\.\d+)?Z$/, ''),
      ...(hostname === undefined ? {} : { hostname }),
    },
    [`\n    ${properties}\n`, ...cases.map((each) => `${caseXml(each)}\n`), '  '],
  )}\n`;
}

/**
 * JUnit XML as Jenkins (junit-10.xsd of its xUnit plugin) and GitLab (`artifacts:reports:junit`) read it: a suite per host and one
 * for the run. A gap, an unmet expectation and a control that alerts are failures; what could not be judged is an error.
 */
export const junitReporter: Reporter = {
  fileName: 'junit.xml',
  render(result) {
    const hosts = new Map(result.executions.map(({ host }) => [host.id, host.name]));
    const suites = [
      ...[...hosts].map(([id, name]) => ({
        name: `AN1169 on ${name}`,
        cases: executionCases(result.executions.filter(({ host }) => host.id === id)),
        hostname: name,
      })),
      { name: 'AN1169 run', cases: runCases(result), hostname: undefined },
    ];
    return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
      'testsuites',
      { name: `Dyetrace: ${headline(result)}`, ...counts(suites.flatMap(({ cases }) => cases)) },
      ['\n', ...suites.map(({ name, cases, hostname }) => suiteXml(result, name, cases, hostname))],
    )}\n`;
  },
};
