/**
 * Splits a command line as CommandLineToArgvW does: the program's name by its own simpler rule (no backslash escapes), then
 * arguments with `2n` backslashes before a quote meaning n, and `2n+1` meaning n and a literal quote. A quote directly after a
 * closing one is literal. https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
 * @returns the program and its arguments; an empty line gives an empty list (Windows would put the caller's own name there)
 */
export function windowsArgv(commandLine: string): string[] {
  if (commandLine === '') return [];
  const quoted = /^"([^"]*)"?/.exec(commandLine);
  // Everything up to and including the space counts as a separator after the name, only space and tab after that.
  const name = quoted ?? /^[^\0-\x20]*/.exec(commandLine);
  const words = [quoted?.[1] ?? name?.[0] ?? ''];
  let at = name?.[0].length ?? 0;
  let word = '';
  let inWord = false;
  // Open quotes, counted as CommandLineToArgvW counts them: the third of a row is literal and closes.
  let quotes = 0;
  while (at < commandLine.length) {
    const character = commandLine.charAt(at);
    if ((character === ' ' || character === '\t') && quotes === 0) {
      if (inWord) words.push(word);
      [word, inWord] = ['', false];
      at++;
      continue;
    }
    inWord = true;
    const backslashes = /^\\*/.exec(commandLine.slice(at))?.[0].length ?? 0;
    if (commandLine.charAt(at + backslashes) !== '"') {
      word += backslashes > 0 ? '\\'.repeat(backslashes) : character;
      at += Math.max(backslashes, 1);
      continue;
    }
    word += '\\'.repeat(Math.floor(backslashes / 2));
    at += backslashes + 1;
    if (backslashes % 2 === 1) word += '"';
    else quotes++;
    for (; commandLine.charAt(at) === '"'; at++) {
      if (++quotes === 3) {
        word += '"';
        quotes = 0;
      }
    }
    if (quotes === 2) quotes = 0;
  }
  if (inWord) words.push(word);
  return words;
}

export { windowsArgv as parseWindowsCommandLine };
