/**
 * A Windows command line cut into the program's name and the raw rest: the name ends at white space outside quotes, and a quote in
 * it is a delimiter only (CommandLineToArgvW, Microsoft Learn: the first argument has rules of its own).
 */
export function splitProgram(commandLine: string): { readonly program: string; readonly tail: string } {
  const text = commandLine.trimStart();
  const [whole = '', quoted, bare] = /^(?:"([^"]*)"?|([^ \t]*))/.exec(text) ?? [];
  return { program: quoted ?? bare ?? '', tail: text.slice(whole.length).trimStart() };
}
