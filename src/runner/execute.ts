import { InputError, LabError, messageOf, rfc3339, waitFor, type Secret } from '../core/index.js';
import type { CommandResult, Executor } from '../executors/index.js';
import { markerNames } from '../safety/index.js';
import { tracerContent } from '../tracer/index.js';
import { cleanUp, type CleanUpResult, type CleanUpTools, type OpenEffect } from './clean-up.js';
import type { RunListener } from './events.js';
import type { Journal } from './journal.js';
import type { CommandRecord, Effect } from './journal-schema.js';
import type { Plan, PlannedExecution, PlannedFile } from './plan-schema.js';
import { tracerSpec } from './tracer-spec.js';

export interface ExecuteTools {
  readonly journal: Journal;
  /** A new session on a host of the plan: one per execution. */
  readonly connect: (host: string) => Promise<Executor>;
  /** Path of the lab marker file on a host. */
  readonly marker: (host: string) => string;
  readonly scripts: ReadonlyMap<string, Buffer>;
  readonly dll: Buffer;
  /** Password of the SMB share's account. */
  readonly sharePassword: Secret;
  /** Why an execution cannot run at all, for example a sink that did not start; undefined where it can. */
  readonly hindrance: (execution: PlannedExecution) => unknown;
  /** Whether the sinks have a receipt of every tracer of this execution. */
  readonly received: (execution: PlannedExecution) => boolean;
  /** How long a receipt is waited for after the last command, in ms: children may outlive the command. */
  readonly receiptTimeoutMs: number;
  readonly listener: RunListener;
  readonly signal: AbortSignal;
}

const keptOutput = 4096;

function recordOf(result: CommandResult): CommandRecord {
  return {
    exitCode: result.exitCode,
    ended: result.ended,
    startedAt: rfc3339(result.startedAt),
    endedAt: rfc3339(result.endedAt),
    pid: result.pid ?? null,
    stdout: result.stdout.slice(0, keptOutput),
    stderr: result.stderr.slice(0, keptOutput),
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a generator that awaits nothing is still an AsyncIterable
async function* whole(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

/** How long a receipt is waited for: children of a command that returned at once may take as long as the command might have. */
function waitingTime({ detached, steps }: PlannedExecution, usual: number): number {
  return detached ? Math.max(usual, ...steps.map(({ timeoutMs }) => timeoutMs)) : usual;
}

/** The content of a file to be staged. @throws InputError where the library lacks it */
function contentOf(
  file: PlannedFile,
  execution: PlannedExecution,
  plan: Plan,
  tools: ExecuteTools,
): () => AsyncIterable<Buffer> {
  switch (file.kind) {
    case 'tracer': {
      const tracer = execution.tracers.find(({ fileName }) => file.path.endsWith(`\\${fileName}`));
      if (tracer === undefined) throw new TypeError(`${file.path} is no tracer of ${execution.id}`);
      return () => tracerContent(tracerSpec(plan, execution, tracer));
    }
    case 'dll':
      return () => whole(tools.dll);
    case 'script': {
      const script = tools.scripts.get(file.source ?? '');
      if (script === undefined)
        throw new InputError({
          code: 'unknown-script',
          message: `the library has no ${file.source ?? 'script'}`,
        });
      return () => whole(script);
    }
    default:
      return () => whole(Buffer.from(file.source ?? ''));
  }
}

/** The host is the lab's: its marker file names the lab, and its shell is the one that commands were quoted for. */
async function checkHost(
  executor: Executor,
  execution: PlannedExecution,
  plan: Plan,
  markerPath: string,
): Promise<void> {
  const { host } = execution;
  let marker: Buffer;
  try {
    marker = await executor.read(markerPath, keptOutput);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new LabError({
      code: 'no-lab-marker',
      message: `host ${host.id} has no lab marker at ${markerPath}`,
      remedy: `on a lab host, write the line "dyetrace-lab: ${plan.run.lab}" into ${markerPath}`,
      cause: error,
    });
  }
  if (!markerNames(marker, plan.run.lab)) {
    throw new LabError({
      code: 'wrong-lab-marker',
      message: `the lab marker of host ${host.id} names another lab`,
      remedy: `if the host belongs to lab ${plan.run.lab}, write the line "dyetrace-lab: ${plan.run.lab}" into ${markerPath}`,
    });
  }
  const { shell } = await executor.describe();
  if (shell !== host.shell) {
    throw new LabError({
      code: 'shell-differs',
      message: `host ${host.id} has ${shell} as DefaultShell, lab.yaml says ${host.shell}`,
      remedy: `set hosts[].shell of ${host.id} to ${shell}`,
    });
  }
}

async function runExecution(
  execution: PlannedExecution,
  plan: Plan,
  tools: ExecuteTools,
): Promise<CleanUpResult> {
  const { journal, signal } = tools;
  const host = execution.host.id;
  const undoLater: OpenEffect[] = [];
  const exited: OpenEffect[] = [];
  let executor: Executor | undefined;

  /** Journal before effect. The undoing is queued before the effect as well: a half-done effect is undone too. */
  const effect = async <T>(
    description: Effect,
    act: () => Promise<T>,
    record?: (value: T) => CommandRecord,
  ): Promise<T> => {
    const id = await journal.intent(description, execution.id);
    undoLater.unshift({ id, effect: description });
    try {
      const value = await act();
      await journal.done(id, record?.(value));
      return value;
    } catch (error) {
      await journal.failed(id, error);
      // A failed stage leaves nothing behind, and a file that was there already is not ours to remove.
      if (description.kind !== 'command')
        undoLater.splice(
          undoLater.findIndex((one) => one.id === id),
          1,
        );
      throw error;
    }
  };

  await journal.executionStarted(execution.id);
  tools.listener({ kind: 'execution-started', execution: execution.id, scenario: execution.scenario, host });
  let failure: unknown;
  try {
    const hindrance = tools.hindrance(execution);
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- it is whatever the sink's start threw
    if (hindrance !== undefined) throw hindrance;
    const session = await tools.connect(host);
    executor = session;
    await checkHost(session, execution, plan, tools.marker(host));

    const parent = execution.directory.slice(0, execution.directory.lastIndexOf('\\'));
    for (const path of [parent, execution.directory]) {
      // A directory that was there already is not ours: it is noted as undone at once.
      const made = await effect({ kind: 'make-directory', host, path }, () => session.makeDirectory(path));
      const last = undoLater[0];
      if (!made && last !== undefined) {
        undoLater.shift();
        await journal.undone(last.id);
      }
    }
    for (const file of execution.files) {
      await effect({ kind: 'stage', host, path: file.path }, async () => {
        if (!['result', 'download', 'copy'].includes(file.kind))
          await session.stage({ path: file.path, content: contentOf(file, execution, plan, tools) });
      });
    }
    for (const commandLine of execution.cleanup) {
      await effect({ kind: 'undo-command', host, commandLine }, () => Promise.resolve());
    }
    for (const step of execution.steps) {
      signal.throwIfAborted();
      const result = await effect(
        { kind: 'command', host, commandLine: step.commandLine, marker: step.marker },
        () =>
          session.run(step.commandLine, {
            timeoutMs: step.timeoutMs,
            marker: step.marker,
            signal,
            ...(step.stdin === null ? {} : { stdin: tools.sharePassword }),
          }),
        recordOf,
      );
      const command = undoLater[0];
      if (result.ended === 'exit' && command !== undefined) exited.push(command);
      if (result.ended !== 'exit' || !step.successExitCodes.includes(result.exitCode ?? -1)) break;
    }
    const received = await waitFor(() => tools.received(execution), {
      timeoutMs: waitingTime(execution, tools.receiptTimeoutMs),
      signal,
    });
    // Commands that exited and whose tracer arrived have left nothing running; otherwise a child may live on.
    for (const command of received === true ? exited : []) {
      undoLater.splice(undoLater.indexOf(command), 1);
      await journal.undone(command.id);
    }
  } catch (error) {
    failure = error;
  }

  const cleanUpTools: CleanUpTools = {
    executor: async () => executor ?? tools.connect(host),
    endLeftServer: () => Promise.resolve(false),
  };
  const result = await cleanUp(undoLater, journal, cleanUpTools);
  await executor?.close().catch(() => undefined);
  await journal.executionEnded(execution.id, failure);
  tools.listener({
    kind: 'execution-ended',
    execution: execution.id,
    scenario: execution.scenario,
    host,
    error: failure === undefined ? null : messageOf(failure),
  });
  return result;
}

async function runHost(
  executions: readonly PlannedExecution[],
  plan: Plan,
  tools: ExecuteTools,
): Promise<CleanUpResult[]> {
  const results: CleanUpResult[] = [];
  for (const execution of executions) {
    if (tools.signal.aborted) break;
    results.push(await runExecution(execution, plan, tools));
  }
  return results;
}

/**
 * Executes a plan and nothing else: one execution after the other on each host, hosts side by side. An execution that fails is
 * journalled as such and the others go on. Each cleans up after itself.
 */
export async function executePlan(plan: Plan, tools: ExecuteTools): Promise<CleanUpResult> {
  const hosts = [...new Set(plan.executions.map((execution) => execution.host.id))];
  const results = await Promise.all(
    hosts.map((host) =>
      runHost(
        plan.executions.filter((execution) => execution.host.id === host),
        plan,
        tools,
      ),
    ),
  );
  const all = results.flat();
  return {
    done: all.reduce((sum, result) => sum + result.done, 0),
    left: all.flatMap((result) => result.left),
  };
}
