import { encodeArguments } from './quoting-argument.js';
import type { CommandStep } from './quoting.js';

/** White space, quotes, nothing at all, and what means something to cmd.exe outside of quotes. */
const needsQuotes = /[\s"&|<>()^@!]|^$/;

/**
 * Carets before what cmd.exe would act on. Inside quotes (by its own count, which knows no backslash) everything is literal.
 * What cmd.exe hands on is then the line itself.
 */
function escapeForCmd(line: string): string {
  let inQuotes = false;
  let escaped = '';
  for (const character of line) {
    if (character === '"') inQuotes = !inQuotes;
    escaped += !inQuotes && /[&|<>()^]/.test(character) ? `^${character}` : character;
  }
  return escaped;
}

/** The text that cmd.exe as DefaultShell hands on to the program, or to the inner cmd.exe, unaltered. */
export function cmdCommand(step: CommandStep, refuse: (reason: string, remedy?: string) => never): string {
  const line =
    'cmd' in step
      ? `cmd.exe /d /c "${step.cmd}"`
      : [
          // A name with anything but the plainest characters is quoted, so that cmd.exe does not end it there.
          /^[\w.:\\~-]+$/.test(step.program) ? step.program : `"${step.program}"`,
          ...encodeArguments(step, needsQuotes),
        ].join(' ');
  const variable = /%[^%]+%/.exec(line)?.[0];
  if (variable !== undefined)
    refuse(
      `cmd.exe would put the value of a variable in place of ${variable}, and has no escape for that on a command line`,
      'write the value itself, or stage a file that holds it',
    );
  return escapeForCmd(line);
}
