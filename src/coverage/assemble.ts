import { relative, sep } from 'node:path';
import { openEffects, type Effect, type JournalLine, type Plan } from '../runner/index.js';
import type { Collection, InputReport } from '../telemetry/index.js';
import type { ErrorEntry, VerifyResult } from '../verify/index.js';
import { coverage } from './coverage.js';
import { findings } from './findings.js';
import { runResultSchema, type RunResult } from './run-schema.js';

export interface AssembleInput {
  readonly plan: Plan;
  readonly journal: readonly JournalLine[];
  readonly verified: VerifyResult;
  readonly collection: Collection | null;
  /** What became of the files of `telemetry/siem` and `telemetry/host`. */
  readonly inputs: { readonly siem: readonly InputReport[]; readonly host: readonly InputReport[] };
  readonly telemetryFolder: string;
  readonly interrupted: boolean;
  readonly faults: readonly string[];
  /** ms since the epoch */
  readonly endedAt: number;
  /** What else failed in the lab. */
  readonly errors?: readonly ErrorEntry[];
}

function placeOf(effect: Effect): { what: string; where: string } {
  switch (effect.kind) {
    case 'make-directory':
    case 'stage':
      return { what: effect.path, where: `host ${effect.host}` };
    case 'command':
      return { what: `processes of ${effect.marker}`, where: `host ${effect.host}` };
    case 'undo-command':
      return { what: effect.commandLine, where: `host ${effect.host}` };
    case 'sink':
      return { what: effect.directory, where: 'control host' };
    case 'local-directory':
      return { what: effect.path, where: 'control host' };
  }
}

/** Clean-up as the journal tells it: what was undone, and what is still in the world. */
function cleanupOf(journal: readonly JournalLine[]): RunResult['cleanup'] {
  const reasons = new Map(
    journal.flatMap((line) => (line.state === 'left' ? [[line.id, line.why] as const] : [])),
  );
  return {
    done: new Set(journal.flatMap((line) => (line.state === 'undone' ? [line.id] : []))).size,
    left: openEffects(journal).map(({ id, effect }) => ({
      ...placeOf(effect),
      why: reasons.get(id) ?? 'not undone yet: dyetrace cleanup does it',
    })),
  };
}

type TelemetryEntry = RunResult['telemetry'][number];

/** One entry per source that was asked, with what its records came to; files of nobody who was asked have one of their own. */
function telemetryOf(input: AssembleInput): TelemetryEntry[] {
  const entries = new Map<string, TelemetryEntry>();
  const add = (entry: TelemetryEntry) => entries.set(`${entry.from} ${entry.source}`, entry);
  for (const { source, records, error } of input.collection?.siem ?? [])
    add({ from: 'siem', source, records, rejected: 0, error: error?.message ?? null });
  if (input.collection !== null) {
    const { records, error } = input.collection.alerts;
    add({ from: 'siem', source: 'alerts', records, rejected: 0, error: error?.message ?? null });
  }
  for (const { host, channel, records, error } of input.collection?.host ?? [])
    add({ from: 'host', source: `${host} ${channel}`, records, rejected: 0, error: error?.message ?? null });

  for (const from of ['siem', 'host'] as const) {
    for (const report of input.inputs[from]) {
      const [, folder = '', file = ''] = relative(input.telemetryFolder, report.path).split(sep);
      const source = from === 'siem' ? folder : `${file.replace(/\.[^.]*$/, '')} ${folder}`;
      const before = entries.get(`${from} ${source}`);
      const unread = report.reader === null && report.records > 0 ? 'no reader knows this file' : null;
      if (before === undefined)
        add({ from, source, records: report.records, rejected: report.rejected, error: unread });
      else add({ ...before, rejected: before.rejected + report.rejected, error: before.error ?? unread });
    }
  }
  return [...entries.values()];
}

/** The result of a run, checked against its schema. @throws ZodError where a part of it is not what run.json promises */
export function assembleRun(input: AssembleInput): RunResult {
  const { plan, verified } = input;
  const { id, lab, simulated, seed, version, plannedAt } = plan.run;
  return runResultSchema.parse({
    schema: 'dyetrace.run/1',
    run: {
      id,
      startedAt: plannedAt,
      endedAt: new Date(input.endedAt).toISOString(),
      lab,
      simulated,
      seed,
      version,
      interrupted: input.interrupted,
      faults: [...input.faults],
    },
    parameters: plan.parameters,
    executions: [...verified.executions],
    alerts: [...verified.alerts],
    coverage: coverage(verified.executions, plan),
    findings: findings(verified.executions),
    clockSkew: [...verified.clockSkew],
    falsePositives: [...verified.falsePositives],
    telemetry: telemetryOf(input),
    cleanup: cleanupOf(input.journal),
    errors: [...verified.errors, ...(input.errors ?? [])],
  } satisfies RunResult);
}
