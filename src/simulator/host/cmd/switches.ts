/** What cmd.exe makes of its own command line. */
export interface CmdInvocation {
  /** Text after /c or /k, or null where there is neither. */
  readonly command: string | null;
  /** /s: quotes are stripped whatever stands between them. */
  readonly alwaysStrip: boolean;
}

/** Reads the switches (`cmd /?`): letters after slashes, in any case; /c or /k takes the rest of the line as it is. */
export function readSwitches(tail: string): CmdInvocation {
  let alwaysStrip = false;
  let rest = tail;
  for (;;) {
    const [whole, letter = ''] = /^\s*\/([a-z])(?::(?:on|off))?/i.exec(rest) ?? [];
    if (whole === undefined) return { command: null, alwaysStrip };
    rest = rest.slice(whole.length);
    if (/[ck]/i.test(letter)) return { command: rest.trimStart(), alwaysStrip };
    if (/s/i.test(letter)) alwaysStrip = true;
  }
}

/**
 * The rule of `cmd /?` for quotes after /c: they stay where there are exactly two, without special characters and with white space
 * between them, around the name of an executable file; else a leading quote goes, and with it the last one on the line.
 */
export async function stripQuotes(
  invocation: CmdInvocation & { readonly command: string },
  isExecutable: (name: string) => Promise<boolean>,
): Promise<string> {
  const { command } = invocation;
  if (!command.startsWith('"')) return command;
  const parts = command.split('"');
  const inside = parts[1] ?? '';
  const keeps =
    !invocation.alwaysStrip &&
    parts.length === 3 &&
    !/[&<>()@^|]/.test(inside) &&
    /\s/.test(inside) &&
    (await isExecutable(inside));
  if (keeps) return command;
  const last = command.lastIndexOf('"');
  return last === 0 ? command.slice(1) : command.slice(1, last) + command.slice(last + 1);
}
