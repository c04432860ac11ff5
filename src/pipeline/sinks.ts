import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readSecret, type LabSink, type ResolvedLab } from '../config/index.js';
import { DurableLog, type Clock, type Secret } from '../core/index.js';
import {
  tracerSpec,
  type Journal,
  type Plan,
  type PlannedExecution,
  type RunListener,
} from '../runner/index.js';
import { scopeOf } from '../safety/index.js';
import {
  defaultSinkLimits,
  sinkFactories,
  type ExpectedTransfer,
  type Receipt,
  type Refusal,
  type Sink,
  type SinkOptions,
} from '../sinks/index.js';
import { tracerContent } from '../tracer/index.js';

export interface SinkStart {
  readonly plan: Plan;
  readonly lab: ResolvedLab;
  readonly journal: Journal;
  readonly receiptsFile: string;
  readonly refusalsFile: string;
  readonly stateDirectory: string;
  readonly sharePassword: Secret;
  readonly clock: Clock;
  readonly listener: RunListener;
  /** The servers' own logs, on their way to the SIEM. */
  readonly onLog: (record: Readonly<Record<string, unknown>>) => void;
}

/** The sinks of a run while they stand. */
export interface RunningSinks {
  readonly refusals: readonly Refusal[];
  /** Sinks that could not be started, by id: their executions are errors with this cause. */
  readonly failed: ReadonlyMap<string, unknown>;
  /** Whether there are receipts of every tracer of an execution. */
  received(execution: PlannedExecution): boolean;
  stop(): Promise<void>;
}

/** What a sink shows to clients that ask for encryption, or demands of them. */
async function securityOf({ tls, encrypt }: LabSink): Promise<Pick<SinkOptions, 'tls' | 'encrypt'>> {
  return {
    ...(encrypt === undefined ? {} : { encrypt }),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            certificate: await readFile(tls.certificate, 'utf8'),
            key: await readSecret(`file:${tls.key}`),
          },
        }),
  };
}

function expectedTransfers(execution: PlannedExecution, plan: Plan): ExpectedTransfer[] {
  return execution.tracers.map((tracer) => ({
    executionId: execution.id,
    direction: execution.direction,
    fileName: tracer.fileName,
    size: tracer.size,
    times: 1,
    ...(execution.serverNames ? { serverNames: true } : {}),
    ...(execution.direction === 'download'
      ? { content: () => tracerContent(tracerSpec(plan, execution, tracer)) }
      : {}),
  }));
}

/** Starts the sinks that a plan uses. One that cannot be started does not keep the others down: it is in `failed`. */
export async function startSinks(options: SinkStart): Promise<RunningSinks> {
  const { plan, lab, journal, listener } = options;
  const scope = scopeOf(lab);
  const receiptLog = new DurableLog(options.receiptsFile);
  const refusalLog = new DurableLog(options.refusalsFile);
  /** Receipts of each execution, by id: a repeated one supersedes. */
  const received = new Map<string, Set<string>>();
  const refusals: Refusal[] = [];
  const failed = new Map<string, unknown>();
  const running: { sink: Sink; journalId: number; directory: string }[] = [];

  const onReceipt = async (receipt: Receipt) => {
    await receiptLog.append(receipt);
    if (receipt.executionId !== null)
      received.set(
        receipt.executionId,
        (received.get(receipt.executionId) ?? new Set<string>()).add(receipt.id),
      );
    listener({ kind: 'receipt', receipt });
  };

  const startOne = async (settings: LabSink, executions: readonly PlannedExecution[]) => {
    scope.sink(settings.address, settings.port);
    const directory = join(options.stateDirectory, settings.id);
    const journalId = await journal.intent({ kind: 'sink', sink: settings.id, directory }, null);
    try {
      await mkdir(directory, { recursive: true });
      const rate = lab.scope.maxBytesPerSecond;
      const sink = sinkFactories.get(settings.protocol)({
        id: settings.id,
        address: settings.address,
        port: settings.port,
        ...(settings.passivePorts === undefined ? {} : { passivePorts: settings.passivePorts }),
        clients: [...new Set(executions.map(({ host }) => host.address))],
        account: {
          user: plan.account.user,
          password: settings.protocol === 'smb' ? options.sharePassword.reveal() : plan.account.password,
        },
        share: settings.share,
        ...(await securityOf(settings)),
        expected: executions.flatMap((execution) => expectedTransfers(execution, plan)),
        limits: { ...defaultSinkLimits, ...(rate === undefined ? {} : { maxBytesPerSecond: rate }) },
        directory,
        onReceipt,
        onRefusal: (refusal) => {
          refusals.push(refusal);
          void refusalLog.append(refusal);
          listener({ kind: 'refusal', refusal });
        },
        onLog: options.onLog,
        clock: options.clock,
      });
      running.push({ sink, journalId, directory });
      await sink.start();
      await journal.done(journalId);
    } catch (error) {
      failed.set(settings.id, error);
      await journal.done(journalId);
    }
  };

  for (const settings of lab.sinks) {
    const executions = plan.executions.filter(({ sink }) => sink.id === settings.id);
    if (executions.length > 0) await startOne(settings, executions);
  }
  return {
    refusals,
    failed,
    received: ({ id, tracers }) => (received.get(id)?.size ?? 0) >= tracers.length,
    stop: async () => {
      for (const { sink, journalId, directory } of running.splice(0)) {
        await sink.stop();
        await rm(directory, { recursive: true, force: true });
        await journal.undone(journalId);
      }
      await receiptLog.close();
      await refusalLog.close();
    },
  };
}
