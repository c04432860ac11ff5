import type { RunResult } from '../../coverage/index.js';
import type { ExecutionResult, Outcome } from '../../verify/index.js';
import { attack } from '../attack.js';
import { clientAddress } from '../client-address.js';
import { csvTable, type CsvColumn, type CsvValue } from '../csv-table.js';
import type { Reporter } from '../types.js';
import { legNames, simulatedText } from '../words.js';

/**
 * VECTR's words (vectr-tools, csv_import_example/models.py): Outcome is TBD, Blocked, Detected or NotDetected; what was logged
 * without an alert is NotDetected with Activity Logged. What could not be judged was not performed, and has no outcome.
 */
const words: Readonly<Record<Outcome, { status: string; outcome: string; alert: string; logged: string }>> = {
  blocked: { status: 'Completed', outcome: 'Blocked', alert: 'TBD', logged: 'TBD' },
  alerted: { status: 'Completed', outcome: 'Detected', alert: 'Yes', logged: 'Yes' },
  logged: { status: 'Completed', outcome: 'NotDetected', alert: 'No', logged: 'Yes' },
  none: { status: 'Completed', outcome: 'NotDetected', alert: 'No', logged: 'No' },
  error: { status: 'NotPerformed', outcome: 'TBD', alert: 'TBD', logged: 'TBD' },
};

const severities: Readonly<Record<string, string>> = {
  informational: 'Info',
  info: 'Info',
  low: 'Low',
  medium: 'Med',
  high: 'High',
  critical: 'Critical',
};

interface Row {
  readonly result: RunResult;
  readonly execution: ExecutionResult;
}

/** A list in a cell is separated by commas, so that an item has none. */
const list = (items: readonly string[]) =>
  [...new Set(items)].map((item) => item.replaceAll(',', ' ')).join(',');

const epoch = (time: string | null) => (time === null ? null : Date.parse(time));

const firstAlert = ({ alerts }: ExecutionResult) =>
  alerts.flatMap(({ at }) => (at === null ? [] : [at])).sort()[0] ?? null;

const notes = ({ result, execution }: Row) =>
  [
    simulatedText(result),
    `Execution ${execution.id} of run ${result.run.id}.`,
    ...execution.gaps.map((gap) => `Gap at ${gap.link}: ${gap.cause}: ${gap.text}`),
    ...execution.errors.map((error) => `Error: ${error.where}: ${error.message}`),
  ].join('\n');

const empty = (): CsvValue => null;

const columns: readonly CsvColumn<Row>[] = [
  ['AssessmentGroup', ({ result }) => `Dyetrace ${result.run.lab}`],
  ['Campaign', ({ result }) => `AN1169 ${result.run.id}`],
  ['Phase', () => attack.tactic.name],
  ['Variant', ({ execution }) => `${execution.scenario} (${execution.profile}) on ${execution.host.name}`],
  ['MitreID', () => attack.subTechnique.id],
  ['CapecId', empty],
  ['Method', () => attack.subTechnique.name],
  ['Status', ({ execution }) => words[execution.outcome].status],
  ['Outcome', ({ execution }) => words[execution.outcome].outcome],
  [
    'Alert Severity',
    ({ execution }) => severities[execution.alerts[0]?.severity?.toLowerCase() ?? ''] ?? 'TBD',
  ],
  ['Alert Triggered', ({ execution }) => words[execution.outcome].alert],
  ['Activity Logged', ({ execution }) => words[execution.outcome].logged],
  ['Outcome Notes', notes],
  [
    'Detection Recommendations',
    ({ execution }) => [...new Set(execution.gaps.map(({ remedy }) => remedy))].join('\n\n'),
  ],
  ['SourceIps', ({ execution }) => clientAddress(execution)],
  ['TargetAssets', ({ execution }) => list([execution.host.name])],
  ['ExpectedDetectionLayers', () => list(Object.values(legNames))],
  ['DetectingTools', ({ execution }) => list(execution.alerts.map(({ rule }) => rule))],
  ['Start Time', ({ execution }) => execution.startedAt],
  ['Start Time Epoch', ({ execution }) => epoch(execution.startedAt)],
  ['Stop Time', ({ execution }) => execution.endedAt],
  ['Stop Time Epoch', ({ execution }) => epoch(execution.endedAt)],
  ['Detection Time', ({ execution }) => firstAlert(execution)],
  ['Detection Time Epoch', ({ execution }) => epoch(firstAlert(execution))],
  ['Organizations', empty],
  ['Tags', ({ execution }) => list([execution.initiator, execution.protocol, execution.variant])],
  [
    'Objective',
    ({ execution }) =>
      `Move a synthetic file to ${execution.sink.address}:${execution.sink.port} over ${execution.protocol.toUpperCase()}, started by ${execution.initiator}.`,
  ],
  ['Command', ({ execution }) => execution.commandLine],
  ['References', empty],
  // VECTR's own spelling.
  ['Liklihood', empty],
  ['Risk', empty],
  ['Internal/External', empty],
  ['Stealth', empty],
  ['Attack Vector', empty],
  ['Attack Complexity', empty],
  ['Privileges Required', empty],
  ['Attacker Tools', () => 'Dyetrace'],
];

/**
 * CSV in the columns of VECTR's test case export, which SecurityRiskAdvisors/vectr-tools (csv_import_example) imports over VECTR's
 * API. Controls are left out: VECTR would count their silence as a failure. VECTR's own window imports the ATTiRe log.
 */
export const vectrReporter: Reporter = {
  fileName: 'vectr.csv',
  render: (result) =>
    csvTable(
      columns,
      result.executions.filter(({ control }) => !control).map((execution) => ({ result, execution })),
    ),
};
