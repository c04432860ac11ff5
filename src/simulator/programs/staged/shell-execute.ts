import { splitProgram } from '../../host/command-line.js';
import { discard, emptyInput } from '../../host/streams.js';
import type { ProgramContext } from '../../host/types.js';

/** ShellExec_RunDLL: starts the program and returns at once; the child goes on, without our standard handles. */
export async function shellExecute(context: ProgramContext, rest: string): Promise<void> {
  const { machine, process, environment, logon } = context;
  const { program, tail } = splitProgram(rest);
  const image = await machine.findProgram(program, process.currentDirectory, environment);
  if (image === null) return;
  await machine.launch({
    parent: process,
    image,
    commandLine: `"${image}" ${tail}`.trimEnd(),
    directory: process.currentDirectory,
    environment,
    logon,
    stdin: emptyInput,
    stdout: discard,
    stderr: discard,
  });
}
