import type { CauseCode } from '../causes/index.js';
import type { Evidence } from './context.js';
import type { ChainEntry, ErrorEntry } from './result-schema.js';
import type { PreventionRow } from './rows.js';

export interface Delivery {
  readonly execute: ChainEntry;
  readonly deliver: ChainEntry;
  /** Something stopped the transfer, and a record says so. */
  readonly blocked: boolean;
  /** The tool or the lab failed, so that there is nothing to be judged. */
  readonly error: ErrorEntry | null;
}

function entry(
  link: 'execute' | 'deliver',
  state: ChainEntry['state'],
  text: string,
  cause: CauseCode | null = null,
  evidence: readonly string[] = [],
): ChainEntry {
  return { link, state, legs: [], cause, evidence: [...evidence], text };
}

const isDefender = (row: PreventionRow) =>
  row.module === 'defender' || row.code === '1116' || row.code === '1117';

function preventionsOf(evidence: Evidence): PreventionRow[] {
  const rows = [...evidence.host.preventions, ...evidence.siem.preventions];
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

interface ExecutorFailure {
  readonly cause: CauseCode;
  /** The error's own code, where it has one that says more than the cause. */
  readonly code?: string;
  readonly message: string;
  readonly remedy: string | null;
}

/** The executor's side of it: what the journal says that went wrong; null where every command ended by itself. */
function failureOf(evidence: Evidence): ExecutorFailure | null {
  const { facts } = evidence;
  const { complete } = facts;
  if (!facts.started) return { cause: 'not-run', message: 'the journal holds no start of it', remedy: null };
  if (facts.failure !== null) {
    const { code, message, remedy } = facts.failure;
    return { cause: 'executor-failed', code, message, remedy };
  }
  const broken = facts.commands.find((command) => command.ended !== 'exit');
  if (broken !== undefined) {
    const what = { timeout: 'ran out of time', aborted: 'was aborted', lost: 'lost its session', exit: '' }[
      broken.ended
    ];
    const cause =
      broken.ended === 'timeout'
        ? 'command-timed-out'
        : broken.ended === 'aborted'
          ? 'run-interrupted'
          : 'executor-failed';
    return { cause, message: `the command ${what}: ${broken.commandLine}`, remedy: null };
  }
  if (!facts.ended)
    return { cause: 'run-interrupted', message: 'the journal holds no end of it', remedy: null };
  const failed = facts.commands.find((command) => command.exitCode !== 0);
  // Exit codes of ftp.exe, rundll32 and robocopy say little: with a complete receipt the transfer has succeeded.
  if (complete === null && facts.receipts.length === 0 && failed !== undefined) {
    const said = (failed.stderr || failed.stdout).trim().split(/\r?\n/).at(-1) ?? '';
    return {
      cause: 'command-failed',
      message: `exit code ${failed.exitCode ?? 'none'}${said === '' ? '' : `: ${said.slice(0, 200)}`}`,
      remedy: null,
    };
  }
  return null;
}

/** Bytes of content that arrived whole. */
function arrived({ facts }: Evidence): number {
  return (facts.complete ?? []).reduce((sum, { size }) => sum + size, 0);
}

function receiptFault(evidence: Evidence): { cause: CauseCode; text: string } | null {
  const { complete, receipts, planned } = evidence.facts;
  const wanted = planned.tracers;
  const bytes = wanted.reduce((sum, { size }) => sum + size, 0);
  if (complete === null) {
    const broken = receipts.find((receipt) => !receipt.complete);
    return {
      cause: 'transfer-failed',
      text:
        broken === undefined
          ? receipts.length === 0
            ? 'no sink has a receipt'
            : `the sinks have receipts of ${receipts.length} of ${wanted.length} pieces`
          : `the receipt is broken off: ${broken.error ?? 'no reason given'} (${broken.size} of ${wanted[0]?.size ?? 0} bytes)`,
    };
  }
  const hashes = new Set(complete.map(({ sha256 }) => sha256));
  if (wanted.some(({ sha256 }) => !hashes.has(sha256)))
    return {
      cause: 'transfer-altered',
      text: `the receipt's SHA-256 or size (${arrived(evidence)} of ${bytes} bytes) is not the tracer's`,
    };
  return null;
}

/**
 * The links execute and deliver. A transfer that did not complete was blocked if a record says who stopped it (Defender, the
 * host's firewall, a proxy, the sink's policy), else it is an error of tool or lab (decision 23). Prevention records of a transfer
 * that did complete stopped something else.
 */
export function deliveryOf(evidence: Evidence): Delivery {
  const { facts } = evidence;
  const failure = failureOf(evidence);
  const fault = receiptFault(evidence);
  const ids = facts.receipts.map((receipt) => receipt.id);
  const where = `execution ${facts.planned.id} (${facts.planned.scenario})`;
  const error = (code: string, message: string, remedy: string | null): ErrorEntry => ({
    where,
    code,
    message,
    remedy,
  });

  if (facts.complete === null && facts.started) {
    const rows = preventionsOf(evidence);
    const defender = rows.filter(isDefender);
    const walls = rows.filter((row) => !isDefender(row));
    const reasonOf = (row: PreventionRow | undefined) =>
      row?.reason ?? row?.filePath ?? `${row?.module ?? ''} ${row?.code ?? ''}`;
    if (defender.length > 0) {
      return {
        execute: entry(
          'execute',
          'broken',
          `Defender: ${reasonOf(defender[0])}`,
          'blocked-by-defender',
          defender.map((row) => row.id),
        ),
        deliver: entry('deliver', 'not-applicable', 'nothing was sent'),
        blocked: true,
        error: null,
      };
    }
    const stopped =
      walls.length > 0
        ? ({
            cause: 'blocked-by-firewall',
            text: reasonOf(walls[0]),
            evidence: walls.map((row) => row.id),
          } as const)
        : facts.refusals.length > 0
          ? ({
              cause: 'sink-refused',
              text: facts.refusals.map((each) => `${each.what}: ${each.reason}`).join('; '),
              evidence: [] as string[],
            } as const)
          : null;
    if (stopped !== null) {
      return {
        execute: entry('execute', 'ok', commandText(evidence)),
        deliver: entry('deliver', 'broken', stopped.text, stopped.cause, stopped.evidence),
        blocked: true,
        error: null,
      };
    }
  }
  if (failure !== null) {
    return {
      execute: entry('execute', 'broken', failure.message, failure.cause),
      deliver:
        fault === null
          ? entry('deliver', 'ok', `${arrived(evidence)} bytes arrived`, null, ids)
          : entry(
              'deliver',
              facts.receipts.length > 0 ? 'broken' : 'unknown',
              fault.text,
              facts.receipts.length > 0 ? fault.cause : null,
              ids,
            ),
      blocked: false,
      error: error(failure.code ?? failure.cause, failure.message, failure.remedy),
    };
  }
  if (fault !== null) {
    return {
      execute: entry('execute', 'ok', commandText(evidence)),
      deliver: entry('deliver', 'broken', fault.text, fault.cause, ids),
      blocked: false,
      error: error(fault.cause, fault.text, null),
    };
  }
  return {
    execute: entry('execute', 'ok', commandText(evidence)),
    deliver: entry('deliver', 'ok', `${arrived(evidence)} bytes, SHA-256 as planned`, null, ids),
    blocked: false,
    error: null,
  };
}

function commandText(evidence: Evidence): string {
  const codes = evidence.facts.commands.map((command) => command.exitCode ?? 'none');
  return codes.length === 0 ? 'started' : `exit code${codes.length > 1 ? 's' : ''} ${codes.join(', ')}`;
}
