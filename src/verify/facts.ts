import type { Endpoint } from '../core/index.js';
import type { CommandRecord, JournalLine, Plan, PlannedExecution } from '../runner/index.js';
import type { Receipt, Refusal, SocketRecord } from '../sinks/index.js';
import { executionIdIn } from '../tracer/index.js';

/** One socket of an execution, with its ends named by who they are and not by who opened it. */
export interface SocketFact {
  readonly index: number;
  readonly role: SocketRecord['role'];
  readonly transport: SocketRecord['transport'];
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly bytesFromClient: number;
  readonly bytesToClient: number;
  /** An earlier execution's receipt has the same socket: Windows reuses its SMB connection (trap 13). */
  readonly reused: boolean;
  /** Another execution's receipt, earlier or later, has the same socket: one flow record covers both. */
  readonly shared: boolean;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}

/** What is known of an execution without any telemetry: the plan, the executor's record, the receipts. Times: ms since the epoch. */
export interface ExecutionFacts {
  readonly planned: PlannedExecution;
  readonly started: boolean;
  readonly ended: boolean;
  readonly failure: Failure | null;
  readonly commands: readonly (CommandRecord & { readonly commandLine: string })[];
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly receipts: readonly Receipt[];
  /** The complete receipts, where there is one for each tracer; else null. */
  readonly complete: readonly Receipt[] | null;
  readonly refusals: readonly Refusal[];
  readonly sockets: readonly SocketFact[];
  /** Last byte of content that a sink saw. */
  readonly transferEnd: number | null;
  /** When any of its records can have come to be, by the control host's clock. */
  readonly from: number;
  readonly until: number;
  /** Payload bytes that the monitored host sent over all sockets; null without a receipt. */
  readonly truth: number | null;
}

/** Of several lines with one id the last holds: a session's end completes its counts. */
export function latestReceipts(receipts: readonly Receipt[]): Receipt[] {
  return [...new Map(receipts.map((receipt) => [receipt.id, receipt])).values()];
}

export function executionOfReceipt(receipt: Receipt): string | null {
  return receipt.executionId ?? executionIdIn(receipt.fileName);
}

const tupleOf = (socket: {
  readonly transport: string;
  readonly client: Endpoint;
  readonly server: Endpoint;
}) =>
  [socket.transport, socket.client.ip, socket.client.port, socket.server.ip, socket.server.port].join(' ');

function endsOf(socket: SocketRecord): { client: Endpoint; server: Endpoint } {
  return socket.openedBy === 'client'
    ? { client: socket.source, server: socket.destination }
    : { client: socket.destination, server: socket.source };
}

const parse = (time: string | null) => (time === null ? null : Date.parse(time));
const known = (times: readonly (number | null)[]) => times.filter((time) => time !== null);
const least = (times: readonly number[]) => (times.length === 0 ? null : Math.min(...times));
const greatest = (times: readonly number[]) => (times.length === 0 ? null : Math.max(...times));

interface Journalled {
  started: boolean;
  ended: boolean;
  startedAt: number | null;
  endedAt: number | null;
  failure: Failure | null;
  commands: (CommandRecord & { commandLine: string })[];
}

function readJournal(journal: readonly JournalLine[]): Map<string, Journalled> {
  const executions = new Map<string, Journalled>();
  const of = (id: string) => {
    const entry = executions.get(id) ?? {
      started: false,
      ended: false,
      startedAt: null,
      endedAt: null,
      failure: null,
      commands: [],
    };
    executions.set(id, entry);
    return entry;
  };
  const intents = new Map<number, { execution: string; commandLine: string | null }>();
  for (const line of journal) {
    switch (line.state) {
      case 'execution-started':
        Object.assign(of(line.execution), { started: true, startedAt: Date.parse(line.at) });
        break;
      case 'execution-ended': {
        const entry = of(line.execution);
        Object.assign(entry, {
          ended: true,
          endedAt: Date.parse(line.at),
          failure: line.error ?? entry.failure,
        });
        break;
      }
      case 'intent':
        if (line.execution !== null) {
          const commandLine = line.effect.kind === 'command' ? line.effect.commandLine : null;
          intents.set(line.id, { execution: line.execution, commandLine });
        }
        break;
      case 'done': {
        const intent = intents.get(line.id);
        if (intent?.commandLine != null && line.command !== null)
          of(intent.execution).commands.push({ ...line.command, commandLine: intent.commandLine });
        break;
      }
      case 'failed': {
        const intent = intents.get(line.id);
        if (intent !== undefined) of(intent.execution).failure ??= line.error;
        break;
      }
      default:
    }
  }
  return executions;
}

/**
 * Sockets of one execution, each once. Transfers of one FTP session each name the whole of the same control connection; files over
 * one SMB connection each have their own part of it.
 */
function socketsOf(
  receipts: readonly Receipt[],
): Map<string, Omit<SocketFact, 'index' | 'reused' | 'shared'>> {
  const sockets = new Map<string, Omit<SocketFact, 'index' | 'reused' | 'shared'>>();
  for (const socket of receipts.flatMap((receipt) => receipt.sockets)) {
    const { role, transport, bytesFromClient, bytesToClient } = socket;
    const fact = { role, transport, ...endsOf(socket), bytesFromClient, bytesToClient };
    const before = sockets.get(tupleOf(fact));
    const both = (one: number, other = 0): number =>
      role === 'control' ? Math.max(one, other) : one + other;
    sockets.set(tupleOf(fact), {
      ...fact,
      bytesFromClient: both(bytesFromClient, before?.bytesFromClient),
      bytesToClient: both(bytesToClient, before?.bytesToClient),
    });
  }
  return sockets;
}

function completeOf(receipts: readonly Receipt[], planned: PlannedExecution): Receipt[] | null {
  const complete = receipts.filter((receipt) => receipt.complete);
  return complete.length >= planned.tracers.length ? complete : null;
}

const slackMs = 5000;

/** The facts of every planned execution, in the plan's order. */
export function factsOf(
  plan: Plan,
  journal: readonly JournalLine[],
  receipts: readonly Receipt[],
  refusals: readonly Refusal[],
): ExecutionFacts[] {
  const journalled = readJournal(journal);
  const latest = latestReceipts(receipts);
  const byExecution = new Map<string, Receipt[]>();
  for (const receipt of latest) {
    const execution = executionOfReceipt(receipt);
    if (execution !== null) byExecution.set(execution, [...(byExecution.get(execution) ?? []), receipt]);
  }
  const firstUse = new Map<string, { execution: string; at: number; users: number }>();
  for (const [execution, own] of byExecution) {
    const at = least(known(own.map((receipt) => parse(receipt.firstByteAt)))) ?? Infinity;
    for (const tuple of socketsOf(own).keys()) {
      const before = firstUse.get(tuple);
      const users = (before?.users ?? 0) + 1;
      firstUse.set(
        tuple,
        before !== undefined && before.at <= at ? { ...before, users } : { execution, at, users },
      );
    }
  }

  return plan.executions.map((planned) => {
    const entry = journalled.get(planned.id);
    const own = byExecution.get(planned.id) ?? [];
    const sockets = [...socketsOf(own)].map(([tuple, socket], index) => ({
      ...socket,
      index,
      reused: firstUse.get(tuple)?.execution !== planned.id,
      shared: (firstUse.get(tuple)?.users ?? 1) > 1,
    }));
    const bytes = known(own.flatMap((receipt) => [parse(receipt.firstByteAt), parse(receipt.lastByteAt)]));
    const commands = entry?.commands ?? [];
    const startedAt =
      least(commands.map((command) => Date.parse(command.startedAt))) ?? entry?.startedAt ?? null;
    const endedAt =
      greatest(commands.map((command) => Date.parse(command.endedAt))) ?? entry?.endedAt ?? null;
    const runStart = Date.parse(plan.run.plannedAt);
    const from = least(known([startedAt, ...bytes])) ?? runStart;
    const until = greatest(known([endedAt, ...bytes])) ?? from;
    return {
      planned,
      started: entry?.started ?? (commands.length > 0 || own.length > 0),
      ended: entry?.ended ?? false,
      failure: entry?.failure ?? null,
      commands,
      startedAt,
      endedAt,
      receipts: own,
      complete: completeOf(own, planned),
      refusals: refusals.filter(
        (refusal) =>
          refusal.sink === planned.sink.id &&
          refusal.client.ip === planned.host.address &&
          Date.parse(refusal.at) >= from - slackMs &&
          Date.parse(refusal.at) <= until + slackMs,
      ),
      sockets,
      transferEnd: greatest(known(own.map((receipt) => parse(receipt.lastByteAt)))),
      from: from - slackMs,
      until: until + slackMs,
      truth: own.length === 0 ? null : sockets.reduce((sum, socket) => sum + socket.bytesFromClient, 0),
    };
  });
}
