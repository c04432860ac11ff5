import { exitCodes, type ExitCode } from '../core/index.js';
import type { RunResult } from './run-schema.js';

export const failOnNames = ['unmet', 'gaps', 'never'] as const;
export type FailOn = (typeof failOnNames)[number];

/**
 * The exit code of a run (decision 25): 3 where an execution, the SIEM or the lab is in error, which wins over 1, whatever
 * `failOn` says: what could not be judged has not passed. Else 1 where an expectation is unmet, or under `gaps` where a gap was found.
 */
export function judge(result: RunResult, failOn: FailOn): ExitCode {
  if (result.errors.length > 0 || result.executions.some(({ outcome }) => outcome === 'error'))
    return exitCodes.labFailed;
  if (failOn === 'never') return exitCodes.ok;
  if (result.executions.some(({ met }) => !met)) return exitCodes.found;
  const gaps = result.executions.some((execution) => execution.gaps.length > 0);
  return failOn === 'gaps' && gaps ? exitCodes.found : exitCodes.ok;
}
