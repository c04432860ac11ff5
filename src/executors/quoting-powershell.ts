import { encodeArguments } from './quoting-argument.js';
import type { CommandStep } from './quoting.js';

const needsQuotes = /[\s"]|^$/;

/** What PowerShell takes as one plain word in argument position: no number, no list, no variable, no split at a dot. */
const plainWord = /^([A-Za-z\\/][A-Za-z0-9_.:=\\/-]*|--?[A-Za-z][A-Za-z0-9-]*)$/;

/** `powershell.exe -c` ends with 0 or 1, so the program's own exit code is handed on; 1 where it could not be started. */
const handOnExitCode = '; if (!$?) { if ($LASTEXITCODE) { exit $LASTEXITCODE } exit 1 }';

/** A single-quoted text. Typographic single quotes end one as well; each is doubled. about_Quoting_Rules */
function literal(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201b]/g, '$&$&')}'`;
}

/**
 * A text as an expression without any double quote, since what the SSH server makes of those inside `-c "…"` depends on its
 * version: they come in by the format operator.
 */
function expression(text: string): string {
  if (!text.includes('"')) return literal(text);
  return `(${literal(text.replaceAll(/[{}]/g, '$&$&').replaceAll('"', '{0}'))} -f [char]34)`;
}

/** Native command lines built by PowerShell differ by version where there are quotes or nothing, so .NET gets the whole line. */
function startProcess(program: string, commandLine: string): string {
  return (
    `$p = [Diagnostics.Process]::Start((New-Object Diagnostics.ProcessStartInfo -Property ` +
    `@{FileName=${literal(program)}; Arguments=${expression(commandLine)}; UseShellExecute=$false})); ` +
    `if (!$p) { exit 1 }; $p.WaitForExit(); exit $p.ExitCode`
  );
}

/** Windows PowerShell 5.1 and PowerShell 7 hand this on alike: as it is, or in plain quotes where it has white space. */
function handedOnAlike(piece: string, argument: string): boolean {
  return piece === argument || piece === `"${argument}"`;
}

/** The text that PowerShell as DefaultShell takes so that the program, or the inner cmd.exe, gets exactly what was asked. */
export function powershellCommand(step: CommandStep): string {
  if ('cmd' in step) {
    const { cmd } = step;
    // PowerShell puts quotes around what has white space and no quotes of its own.
    return /\s/.test(cmd) && !cmd.includes('"') && !cmd.endsWith('\\')
      ? `cmd.exe /d /c ${literal(cmd)}${handOnExitCode}`
      : startProcess('cmd.exe', `/d /c "${cmd}"`);
  }
  const pieces = encodeArguments(step, needsQuotes);
  const isAlike = pieces.every((piece, index) => {
    const argument = step.args[index] ?? '';
    return argument !== '' && !argument.includes('"') && handedOnAlike(piece, argument);
  });
  if (!isAlike) return startProcess(step.program, pieces.join(' '));
  const program = /^[A-Za-z][A-Za-z0-9_.:\\-]*$/.test(step.program)
    ? step.program
    : `& ${literal(step.program)}`;
  const words = step.args.map((argument) => (plainWord.test(argument) ? argument : literal(argument)));
  return [program, ...words].join(' ') + handOnExitCode;
}
