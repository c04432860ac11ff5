import type { Shell } from '../config/index.js';
import { InputError } from '../core/index.js';
import { cmdCommand } from './quoting-cmd.js';
import { powershellCommand } from './quoting-powershell.js';

/** One command: a program with its exact arguments, or the command line of an inner cmd.exe. */
export type CommandStep =
  | { readonly program: string; readonly args: readonly string[] }
  | { readonly cmd: string };

/** cmd.exe's own limit for a command line, its own name included. https://learn.microsoft.com/troubleshoot/windows-client/shell-experience/command-line-string-limitation */
const cmdLimit = 8191;
/** CreateProcess: 32,767 characters with the closing NUL. */
const processLimit = 32_766;

const limits: Readonly<Record<Shell, { readonly prefix: string; readonly characters: number }>> = {
  cmd: { prefix: '"c:\\windows\\system32\\cmd.exe" /c ""', characters: cmdLimit },
  powershell: {
    prefix: '"c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe" -c ""',
    characters: processLimit,
  },
};

function refuse(reason: string, remedy?: string): never {
  throw new InputError({
    code: 'not-quotable',
    message: `this command cannot be sent as it is: ${reason}`,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function checkText(text: string, what: string): void {
  if (/[\0-\x08\x0a-\x1f\x7f-\x9f]/.test(text))
    refuse(`${what} holds a line break or another control character, which ends a command line`);
  if (/\p{Surrogate}/u.test(text)) refuse(`${what} holds half of a surrogate pair, which UTF-8 cannot carry`);
}

function checkProgram(program: string): void {
  if (/["\t]/.test(program) || program.trim() !== program || program === '')
    refuse(`"${program}" is no name of a program`);
  if (/\.(bat|cmd)$/i.test(program))
    refuse(
      `${program} is a batch file, whose arguments cmd.exe takes apart a second time`,
      'write it as cmd: …',
    );
  if (!/\.(exe|com)$/i.test(program))
    refuse(
      `"${program}" has no .exe or .com, so that the shell may take it for a command or an alias of its own`,
      `write the file's full name, for example ${program}.exe, or use cmd: … for cmd.exe's own commands`,
    );
}

/**
 * The exact text to send over SSH, so that the host's DefaultShell (`cmd.exe /c "<text>"` or `powershell.exe -c "<text>"`) gives
 * the program exactly these arguments by CommandLineToArgvW's rules, or starts an inner `cmd.exe /d /c "<cmd>"` with exactly
 * this command line: its redirections are the inner shell's. Words that need no quoting stay as they are.
 * Holds with delayed expansion off (cmd's default). Checked against the documented rules and Wine's cmd.exe.
 * @throws InputError `not-quotable` for what no quoting can carry: control characters, `%name%` under cmd (a command line has no
 *   escape for it), batch files, names of shell-internal commands as a program, over-long lines
 */
export function renderCommand(step: CommandStep, shell: Shell): string {
  if ('cmd' in step) {
    checkText(step.cmd, 'the command line');
    if (step.cmd.trim() === '') refuse('the command line is empty');
    if (`cmd.exe /d /c "${step.cmd}"`.length > cmdLimit)
      refuse(`cmd.exe takes ${cmdLimit} characters at most`);
  } else {
    checkProgram(step.program);
    checkText(step.program, 'the name of the program');
    for (const argument of step.args) checkText(argument, 'an argument');
  }
  const text = shell === 'cmd' ? cmdCommand(step, refuse) : powershellCommand(step);
  const { prefix, characters } = limits[shell];
  if (prefix.length + text.length > characters)
    refuse(
      `it has ${prefix.length + text.length} characters, ${shell} takes ${characters} at most`,
      'stage a file that holds the long part',
    );
  return text;
}
