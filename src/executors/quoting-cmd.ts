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

/**
 * A literal quote would leave cmd.exe's count of quotes odd for what follows, so in such an argument cmd.exe gets to see none:
 * all of them have carets. Any other is plain, or in quotes as a whole.
 */
function escapeArgument(piece: string, argument: string): string {
  return argument.includes('"') ? piece.replaceAll(/[&|<>()^"]/g, '^$&') : piece;
}

/** The text that cmd.exe as DefaultShell hands on to the program, or to the inner cmd.exe, unaltered. */
export function cmdCommand(step: CommandStep, refuse: (reason: string, remedy?: string) => never): string {
  // A name with anything but the plainest characters is quoted, so that cmd.exe does not end it there.
  const program = (name: string) => (/^[\w.:\\~-]+$/.test(name) ? name : `"${name}"`);
  const text =
    'cmd' in step
      ? escapeForCmd(`cmd.exe /d /c "${step.cmd}"`)
      : [
          program(step.program),
          ...encodeArguments(step, needsQuotes).map((piece, index) =>
            escapeArgument(piece, step.args[index] ?? ''),
          ),
        ].join(' ');
  // Variables are expanded before anything else; a caret within one would only change its name.
  const variable = /%[^%]+%/.exec(text)?.[0];
  if (variable !== undefined)
    refuse(
      `cmd.exe would put the value of a variable in place of ${variable}, and has no escape for that on a command line`,
      'write the value itself, or stage a file that holds it',
    );
  return text;
}
