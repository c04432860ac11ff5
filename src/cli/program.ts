import { Command } from 'commander';
import { exitCodes, type ExitCode } from '../core/index.js';
import { version } from '../pipeline/index.js';
import { cleanupCommand } from './commands/cleanup.js';
import { doctorCommand } from './commands/doctor.js';
import { explainCommand } from './commands/explain.js';
import { huntCommand } from './commands/hunt.js';
import { initCommand } from './commands/init.js';
import { planCommand } from './commands/plan.js';
import { reportCommand } from './commands/report.js';
import { runCommand } from './commands/run.js';
import { scenariosCommand } from './commands/scenarios.js';
import { verifyCommand } from './commands/verify.js';
import type { CommandContext } from './context.js';
import { handleError } from './handle-error.js';
import { processTerminal } from './terminal.js';

const commands = [
  initCommand,
  doctorCommand,
  scenariosCommand,
  planCommand,
  runCommand,
  verifyCommand,
  explainCommand,
  reportCommand,
  huntCommand,
  cleanupCommand,
];

/** Parses the arguments, runs the command, and gives the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const terminal = processTerminal();
  let exitCode: ExitCode = exitCodes.ok;
  const context: CommandContext = {
    terminal,
    finish: (code) => {
      exitCode = code;
    },
  };
  const program = new Command('dyetrace')
    .description(
      'Pours marked, harmless files out of lab Windows hosts over FTP, SMB and TFTP, and says which link of the detection chain missed them (ATT&CK analytic AN1169).',
    )
    .version(version)
    .showHelpAfterError('(dyetrace --help shows the commands)')
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 ok · 1 found what --fail-on names · 2 bad input · 3 the lab or the SIEM failed · 130 interrupted',
    );
  for (const command of commands) command(program, context);
  for (const command of program.commands) {
    command.exitOverride();
    for (const sub of command.commands) sub.exitOverride();
  }
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    return handleError(error, terminal);
  }
}
