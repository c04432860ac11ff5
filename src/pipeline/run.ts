import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecret, resolveLab, type Lab, type ResolvedLab } from '../config/index.js';
import {
  DurableLog,
  InputError,
  LabError,
  runId,
  Secret,
  systemClock,
  waitFor,
  writeWhole,
  type Clock,
} from '../core/index.js';
import type { RunResult } from '../coverage/index.js';
import { createExecutor, type Executor } from '../executors/index.js';
import {
  executePlan,
  openJournal,
  planRun,
  type Journal,
  type Plan,
  type RunListener,
} from '../runner/index.js';
import { scopeOf } from '../safety/index.js';
import { loadScenarios, type Selection } from '../scenario/index.js';
import { filesSiem, type Siem, type TimeWindow } from '../siem/index.js';

import { loadAssets, type Assets } from './assets.js';
import { collectHosts, collectSiem, writeCollection } from './collect.js';
import { startEmbeddedLab } from './embedded-lab.js';
import { sinkCertificates } from './certificates.js';
import { chooseRun } from './choose.js';
import { judgeFolder } from './judge.js';
import { createRunFolder, type RunFolder } from './run-folder.js';
import { startSinks, type RunningSinks } from './sinks.js';
import { version } from './version.js';

/** What to run: a suite of the lab by its name, and what narrows it further. Empty: the whole library, each default profile. */
export interface RunSelection extends Selection {
  readonly suite?: string | undefined;
}

export interface RunSettings {
  /** A lab file's content, or the embedded lab with the faults that it is given. */
  readonly lab:
    | Lab
    | { readonly embedded: true; readonly faults: readonly string[]; readonly backgroundEvents: number };
  readonly selection: RunSelection;
  /** Absent: by chance; it then stands in plan.json, and another run with it is the same. */
  readonly seed?: string;
  readonly reports: string;
  readonly listener: RunListener;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** Steps to be undone at the end, the latest first. Queued before what they undo, so that a half-done start is undone too. */
class Teardown {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.unshift(step);
  }

  /** Runs every step, also when one fails; then throws the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.splice(0)) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

/** What surrounds a run: the lab, its SIEM, and where the sinks' own logs go. */
interface Environment {
  readonly lab: ResolvedLab;
  readonly siem: Siem;
  readonly gatewayLog: (record: Readonly<Record<string, unknown>>) => void;
  /** Why no execution over SMB can run; null where they can. */
  readonly smbHindrance: LabError | null;
}

async function prepare(
  settings: RunSettings,
  seed: string,
  directory: string,
  gatewayFile: string,
  clock: Clock,
  teardown: Teardown,
): Promise<Environment> {
  if (!('embedded' in settings.lab)) {
    const lab = await resolveLab(settings.lab);
    if (lab.siem.kind !== 'files') {
      throw new InputError({
        code: 'siem-not-supported',
        message: `siem.kind "${lab.siem.kind}" holds no telemetry of real hosts`,
        where: { path: 'siem.kind' },
        remedy: 'set siem.kind to files, or run with --embedded',
      });
    }
    const siem = filesSiem(lab.siem.folder);
    await siem.probe();
    // For whoever ships it: what a gateway log would hold.
    const log = new DurableLog(gatewayFile);
    teardown.add(() => log.close());
    return { lab, siem, gatewayLog: (record) => void log.append(record), smbHindrance: null };
  }
  const embedded = await startEmbeddedLab({
    directory,
    seed,
    clock,
    faults: settings.lab.faults,
    backgroundEvents: settings.lab.backgroundEvents,
  });
  teardown.add(embedded.stop);
  const { siem, gatewayLog, smbHindrance } = embedded;
  return { lab: await resolveLab(embedded.lab), siem, gatewayLog, smbHindrance };
}

/** A connection maker that reaches the lab's hosts and nothing else. */
export function connector(lab: ResolvedLab, listener: RunListener): (host: string) => Promise<Executor> {
  const scope = scopeOf(lab);
  return (id) => {
    scope.host(id);
    const host = lab.hosts.find((candidate) => candidate.id === id);
    if (host === undefined)
      throw new InputError({ code: 'unknown-host', message: `lab.yaml has no host "${id}"` });
    return createExecutor(host, {
      secret: (reference) => readSecret(reference),
      onRetry: (attempt, error) =>
        listener({ kind: 'connect-retry', host: id, attempt, error: error.message }),
    });
  };
}

async function sharePasswordOf(lab: ResolvedLab): Promise<Secret> {
  const reference = lab.sinks.find((sink) => sink.protocol === 'smb')?.password;
  return reference === undefined ? new Secret(randomBytes(18).toString('base64url')) : readSecret(reference);
}

interface Running {
  readonly folder: RunFolder;
  readonly plan: Plan;
  readonly environment: Environment;
  readonly settings: RunSettings;
  readonly clock: Clock;
  readonly connect: (host: string) => Promise<Executor>;
}

/** Polls the SIEM until every expectation is met or the deadline passes, and judges what is there. */
async function collectAndJudge(running: Running, from: number): Promise<RunResult> {
  const { folder, plan, environment, settings, clock, connect } = running;
  const { deadline, hostChannels } = environment.lab.collect;
  const until = clock.now() + deadline;
  const windowNow = (): TimeWindow => ({ from, until: clock.now() });
  settings.listener({
    kind: 'phase',
    phase: 'collect',
    text: 'reading the hosts’ own channels and the SIEM',
  });
  const host =
    hostChannels && !settings.signal.aborted
      ? await collectHosts(plan, connect, windowNow(), folder.telemetry)
      : [];

  const poll = async () => {
    const window = windowNow();
    const parts = await collectSiem(plan, environment.siem, window, folder.telemetry);
    await writeCollection({ ...parts, host }, window, clock.now(), folder.telemetry);
    return judgeFolder(folder, {
      telemetry: folder.telemetry,
      clock,
      interrupted: settings.signal.aborted,
      faults: faultsOf(settings),
    });
  };
  let result = await poll();
  const satisfied = () =>
    result.executions.every(({ met, gaps, outcome }) => (met && gaps.length === 0) || outcome === 'error');
  await waitFor(
    async () => {
      if (satisfied() || settings.signal.aborted) return true;
      settings.listener({
        kind: 'waiting',
        text: `${result.executions.filter((execution) => !execution.met).length} executions are not yet as expected`,
      });
      result = await poll();
      return satisfied();
    },
    { timeoutMs: until - clock.now(), intervalMs: 500, signal: settings.signal },
  );
  return result;
}

async function execute(
  running: Running,
  journal: Journal,
  sinks: RunningSinks,
  assets: Assets,
  sharePassword: Secret,
): Promise<void> {
  const { plan, environment, settings, connect } = running;
  const markers = new Map(environment.lab.hosts.map((host) => [host.id, host.marker]));
  settings.listener({
    kind: 'phase',
    phase: 'execute',
    text: `${plan.executions.length} executions, ${plan.limits.totalBytes} bytes`,
  });
  await executePlan(plan, {
    journal,
    connect,
    marker: (host) => markers.get(host) ?? '',
    scripts: assets.scripts,
    dll: assets.dll,
    sharePassword,
    received: (execution) => sinks.received(execution),
    hindrance: ({ sink, files, protocol }) => {
      if (protocol === 'smb' && environment.smbHindrance !== null) return environment.smbHindrance;
      if (files.some((file) => file.kind === 'dll') && !assets.dllBuilt && !plan.run.simulated) {
        return new LabError({
          code: 'dll-not-built',
          message: 'the tracer DLL has not been built',
          remedy: 'npm run build:dll (needs mingw-w64)',
        });
      }
      return sinks.failed.get(sink.id);
    },
    receiptTimeoutMs: 5000,
    listener: settings.listener,
    signal: settings.signal,
  });
}

/**
 * Plan, execute, collect, verify. Writes the run's folder; reports are rendered from it afterwards.
 * @returns the result and where it lies. Clean-up has been done by then, also after an abort.
 */
export async function run(settings: RunSettings): Promise<{ result: RunResult; folder: RunFolder }> {
  const clock = settings.clock ?? systemClock;
  const startedAt = clock.now();
  const seed = settings.seed ?? randomBytes(8).toString('hex');
  const id = runId(startedAt, randomBytes(16).toString('hex'));
  const library = await loadScenarios();
  const assets = await loadAssets();
  const folder = await createRunFolder(settings.reports, id);
  const journal = openJournal(folder.journal, clock);
  const teardown = new Teardown();
  teardown.add(() => journal.close());
  const { listener } = settings;

  try {
    listener({ kind: 'phase', phase: 'prepare', text: `run ${id}` });
    const state = join(tmpdir(), `dyetrace-${id}`);
    const stateId = await journal.intent({ kind: 'local-directory', path: state }, null);
    teardown.add(async () => {
      await rm(state, { recursive: true, force: true });
      await journal.undone(stateId);
    });
    await mkdir(state, { mode: 0o700 });
    await journal.done(stateId);

    const environment = await prepare(
      settings,
      seed,
      state,
      join(folder.path, 'gateway.ndjson'),
      clock,
      teardown,
    );
    const { lab } = environment;
    const { leftOut, ...chosen } = chooseRun(library, lab, settings.selection);
    const planned = planRun({
      lab,
      ...chosen,
      runId: id,
      seed,
      now: startedAt,
      version,
      simulated: 'embedded' in settings.lab,
      certificates: await sinkCertificates(lab),
      ...assets,
    });
    const plan = { ...planned, leftOut: [...leftOut, ...planned.leftOut] };
    await writeWhole(folder.plan, `${JSON.stringify(plan, null, 2)}\n`);

    const sharePassword = await sharePasswordOf(lab);
    const sinks = await startSinks({
      plan,
      lab,
      journal,
      receiptsFile: folder.receipts,
      refusalsFile: folder.refusals,
      stateDirectory: join(state, 'sinks'),
      sharePassword,
      clock,
      listener,
      onLog: environment.gatewayLog,
    });
    teardown.add(() => sinks.stop());
    const running: Running = {
      folder,
      plan,
      environment,
      settings,
      clock,
      connect: connector(lab, listener),
    };
    await execute(running, journal, sinks, assets, sharePassword);
    // Sessions that are still open end now, so that their receipts are final before anything is compared with them.
    await sinks.stop();
    const judged = await collectAndJudge(running, startedAt - 60_000);
    listener({ kind: 'phase', phase: 'clean-up', text: 'ending the lab' });
    await teardown.run();
    // Judged once more: the journal now tells the whole clean-up, and the result says so.
    const result = await judgeFolder(folder, {
      telemetry: folder.telemetry,
      clock: { now: () => Date.parse(judged.run.endedAt) },
      interrupted: settings.signal.aborted,
      faults: faultsOf(settings),
    });
    await writeWhole(folder.result, `${JSON.stringify(result, null, 2)}\n`);
    return { result, folder };
  } finally {
    await teardown.run();
  }
}

function faultsOf(settings: RunSettings): readonly string[] {
  return 'embedded' in settings.lab ? settings.lab.faults : [];
}
