import { CommanderError } from 'commander';
import { DyetraceError, exitCodes, messageOf, type ExitCode } from '../core/index.js';
import type { Terminal } from './terminal.js';

/** Prints an error once, with its next step, and gives the exit code. A defect of ours shows its stack. */
export function handleError(error: unknown, terminal: Terminal): ExitCode {
  // Commander has printed its own message by now; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
  if (error instanceof DyetraceError) {
    terminal.err(`error: ${error.message}`);
    if (error.remedy !== undefined) terminal.err(`  ${error.remedy}`);
    return error.exitCode;
  }
  terminal.err(`error: ${messageOf(error)}`);
  if (error instanceof Error && error.stack !== undefined) terminal.err(error.stack);
  terminal.err('This is a defect of Dyetrace: please report it.');
  return exitCodes.labFailed;
}
