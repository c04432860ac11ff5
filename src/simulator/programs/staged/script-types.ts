import type { ProgramContext } from '../../host/types.js';

/** A refusal to move what is no tracer: exit code 2 of the scripts. */
export class NotATracer extends Error {}

export interface ScriptContext extends ProgramContext {
  /** Reports a cmdlet that the script invokes (4103). */
  invoked(command: string, parameters: Readonly<Record<string, string>>): void;
}

/** What a staged script does on Windows, done here. Parameter names are those of its `param` block, in its order. */
export interface StagedScript<Name extends string = string> {
  readonly parameters: readonly Name[];
  /** @returns bytes moved. @throws NotATracer, or what made the transfer fail */
  run(context: ScriptContext, values: Readonly<Record<Name, string>>): Promise<number>;
}
