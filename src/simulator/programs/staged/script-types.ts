import type { ProgramContext } from '../../host/types.js';

/** A refusal to move what is no tracer: exit code 2 of the scripts. */
export class NotATracer extends Error {}

export interface ScriptContext extends ProgramContext {
  /** Reports a cmdlet that the script invokes (4103). */
  invoked(command: string, parameters: Readonly<Record<string, string>>): void;
  /** Counts a file that was moved whole. */
  moved(bytes: number): void;
}

export interface ScriptParameter {
  /** Null: mandatory. */
  readonly fallback: string | null;
  /** What its validation attribute or type takes; absent: anything. */
  readonly valid?: RegExp;
}

/** What a staged script does on Windows, done here. Parameters are those of its `param` block, in its order. */
export interface StagedScript<Name extends string = string> {
  readonly parameters: Readonly<Record<Name, ScriptParameter>>;
  /** @throws NotATracer, or what made the transfer fail */
  run(context: ScriptContext, values: Readonly<Record<Name, string>>): Promise<void>;
}

export const mandatory: ScriptParameter = { fallback: null };

/** -PauseMilliseconds, as every script that sends has it. */
export const pauseParameter: ScriptParameter = { fallback: '0', valid: /^\d{1,7}$/ };

/** A `ValidateSet`: the first of the words is the default. */
export function oneOf(fallback: string, ...others: readonly string[]): ScriptParameter {
  return { fallback, valid: new RegExp(`^(?:${[fallback, ...others].join('|')})$`, 'i') };
}
