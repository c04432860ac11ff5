import type { Opener } from '../files.js';
import type { Environment } from '../environment.js';
import type { StandardStreams } from '../types.js';

/** The state of one running cmd.exe. */
export interface CmdShell extends Opener {
  readonly environment: Environment;
  directory: string;
  errorLevel: number;
  /** Set by `exit`: nothing further is run. */
  exitCode: number | null;
}

/** A command of cmd.exe's own. `rest` is the text after its name. @returns the error level */
export type Builtin = (shell: CmdShell, rest: string, streams: StandardStreams) => Promise<number>;

/** Words of a built-in's arguments: white space divides, quotes hold together and go, a switch may follow without white space. */
export function builtinArguments(rest: string): {
  readonly switches: readonly string[];
  readonly words: readonly string[];
} {
  const switches: string[] = [];
  const words: string[] = [];
  for (const [token] of rest.matchAll(/(?:"[^"]*"?|[^\s,;="])+/g)) {
    if (/^\/[^\s/\\]+$/.test(token)) switches.push(token.toLowerCase());
    else words.push(token.replaceAll('"', ''));
  }
  return { switches, words };
}
