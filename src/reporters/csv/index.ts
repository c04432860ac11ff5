import { legs } from '../../config/index.js';
import type { ExecutionResult } from '../../verify/index.js';
import { clientAddress } from '../client-address.js';
import { csvTable, type CsvColumn } from '../csv-table.js';
import type { Reporter } from '../types.js';

type Row = ExecutionResult & { readonly run: string; readonly simulated: boolean };

const brokenLink = (execution: ExecutionResult) => execution.chain.find(({ state }) => state === 'broken');

const columns: readonly CsvColumn<Row>[] = [
  ['run', ({ run }) => run],
  ['simulated', ({ simulated }) => simulated],
  ['execution', ({ id }) => id],
  ['scenario', ({ scenario }) => scenario],
  ['initiator', ({ initiator }) => initiator],
  ['protocol', ({ protocol }) => protocol],
  ['variant', ({ variant }) => variant],
  ['profile', ({ profile }) => profile],
  ['control', ({ control }) => control],
  ['host.id', ({ host }) => host.id],
  ['host.name', ({ host }) => host.name],
  ['host.role', ({ host }) => host.role],
  ['client.ip', (execution) => clientAddress(execution)],
  ['sink.id', ({ sink }) => sink.id],
  ['destination.ip', ({ sink }) => sink.address],
  ['destination.port', ({ sink }) => sink.port],
  ['process.command_line', ({ commandLine }) => commandLine],
  ['process.pid', ({ pid }) => pid],
  ['startedAt', ({ startedAt }) => startedAt],
  ['endedAt', ({ endedAt }) => endedAt],
  ['exitCode', ({ exitCode }) => exitCode],
  ['outcome', ({ outcome }) => outcome],
  ['expected', ({ expected }) => expected],
  ['met', ({ met }) => met],
  ...legs.map((leg): CsvColumn<Row> => [`leg.${leg}`, (execution) => execution.legs[leg].state]),
  ['attribution', ({ attribution }) => attribution.grade],
  ['attribution.expected', ({ attribution }) => attribution.expectedGrade],
  ['volume', ({ volume }) => volume.grade],
  ['bytesOut', ({ volume }) => volume.bytesOut],
  ['bytesOut.truth', ({ volume }) => volume.truth],
  ['brokenLink', (execution) => brokenLink(execution)?.link ?? null],
  ['cause', (execution) => brokenLink(execution)?.cause ?? null],
  ['gaps', ({ gaps }) => [...new Set(gaps.map(({ cause }) => cause))].join(' ')],
  ['alerts', ({ alerts }) => alerts.length],
  ['timeToTelemetryMs', ({ timeToTelemetryMs }) => timeToTelemetryMs],
  ['timeToAlertMs', ({ timeToAlertMs }) => timeToAlertMs],
  ['incidentCategory', ({ incidentCategory }) => incidentCategory],
  ['errors', ({ errors }) => errors.map(({ where, message }) => `${where}: ${message}`).join('; ')],
];

/** One row per execution, in the order of the run. */
export const csvReporter: Reporter = {
  fileName: 'executions.csv',
  render: ({ run, executions }) =>
    csvTable(
      columns,
      executions.map((execution) => ({ ...execution, run: run.id, simulated: run.simulated })),
    ),
};
