import type { CommandStep } from './quoting.js';

/** Wraps a text in quotes by CommandLineToArgvW's rules: backslashes double where a quote follows, quotes get one. */
export function quoteArgument(text: string): string {
  return `"${text.replaceAll(/(\\*)("|$)/g, (_, backslashes: string, quote: string) => backslashes.repeat(2) + (quote && '\\"'))}"`;
}

/** Rundll32 looks for the end of the file name itself: `"C:\a b\x.dll",Entry`, with the quotes around the path alone. */
function rundllArgument(argument: string, needsQuotes: RegExp): string | undefined {
  const [, path, entry] = /^(.+)(,[^,\s"\\]+)$/.exec(argument) ?? [];
  if (path === undefined || entry === undefined || path.includes('"') || needsQuotes.test(entry))
    return undefined;
  return needsQuotes.test(path) ? quoteArgument(path) + entry : path + entry;
}

/**
 * The arguments of a program as one command line, in pieces, that CommandLineToArgvW splits into exactly them.
 * @param needsQuotes what makes an argument be quoted; must match white space, quotes and the empty text
 */
export function encodeArguments(
  step: Extract<CommandStep, { program: string }>,
  needsQuotes: RegExp,
): string[] {
  const rundll = /(^|[\\/])rundll32(\.exe)?$/i.test(step.program);
  return step.args.map((argument, index) => {
    const special = rundll && index === 0 ? rundllArgument(argument, needsQuotes) : undefined;
    return special ?? (needsQuotes.test(argument) ? quoteArgument(argument) : argument);
  });
}
