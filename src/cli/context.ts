import type { Command } from 'commander';
import type { ExitCode } from '../core/index.js';
import type { Terminal } from './terminal.js';

export interface CommandContext {
  readonly terminal: Terminal;
  /** Sets the exit code; without it the command ends with 0. */
  readonly finish: (code: ExitCode) => void;
}

/** Declares one command on the program. */
export type CommandDeclaration = (program: Command, context: CommandContext) => void;

/** Collects a repeatable option, whose values may also be separated by commas. */
export function list(value: string, previous: readonly string[]): string[] {
  return [
    ...previous,
    ...value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ];
}
