import { expandVariables } from '../host/cmd/expand.js';
import { runLine } from '../host/cmd/interpret.js';
import type { CmdShell } from '../host/cmd/shell.js';
import { readSwitches, stripQuotes } from '../host/cmd/switches.js';
import type { Program } from '../host/types.js';

/** cmd.exe: `/c` with the rest of the command line, or lines from standard input. */
export const cmd: Program = {
  file: 'cmd.exe',
  originalFileName: 'Cmd.Exe',
  async run(context) {
    const { machine, process, environment, stdin, stdout, stderr } = context;
    const shell: CmdShell = {
      machine,
      process,
      logon: context.logon,
      environment,
      directory: process.currentDirectory.replace(/(.:.+)\\$/, '$1'),
      errorLevel: 0,
      exitCode: null,
      signal: context.signal,
    };
    const streams = { stdin, stdout, stderr };
    const invocation = readSwitches(context.tail);
    const { command } = invocation;
    if (command !== null) {
      const isExecutable = async (name: string): Promise<boolean> => {
        const expanded = expandVariables(name, (variable) => environment.get(variable));
        return (await machine.findProgram(expanded, shell.directory, environment)) !== null;
      };
      const line = await stripQuotes({ ...invocation, command }, isExecutable);
      const level = await runLine(shell, line, streams);
      return shell.exitCode ?? level;
    }
    for (let line = await stdin.readLine(); line !== null; line = await stdin.readLine()) {
      await runLine(shell, line, streams);
      if (shell.exitCode !== null) return shell.exitCode;
    }
    return shell.errorLevel;
  },
};
