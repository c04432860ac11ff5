/**
 * Models of what stands between an SSH command and a program's arguments, written from the documents alone and sharing no code
 * with the product. cmd.exe: `cmd /?` and the phases of a command line (percent expansion, then special characters).
 * CommandLineToArgvW: the C runtime's documented rules. PowerShell: about_Quoting_Rules, about_Parsing.
 */

/** How cmd.exe takes `/c <rest>`: which quotes it strips (the text of `cmd /?`; no file is named like any of our commands). */
export function cmdStrip(rest: string): string {
  if (!rest.startsWith('"')) return rest;
  const last = rest.lastIndexOf('"');
  return last === 0 ? rest.slice(1) : rest.slice(1, last) + rest.slice(last + 1);
}

export interface CmdReading {
  /** What the program is started with. */
  readonly line: string;
  /** Special characters that cmd.exe acted on: `&`, `|`, `<`, `>`, brackets. */
  readonly actedOn: string[];
}

/** One simple command on a command line, with these variables set. Delayed expansion is off. */
export function cmdRead(text: string, variables: Readonly<Record<string, string>>): CmdReading {
  const expanded = text.replaceAll(
    /%([^%]+)%/g,
    (whole, name: string) => variables[name.toUpperCase()] ?? whole,
  );
  let line = '';
  const actedOn: string[] = [];
  let quoted = false;
  for (let index = 0; index < expanded.length; index++) {
    const character = expanded.charAt(index);
    if (character === '"') quoted = !quoted;
    if (quoted || character === '"') line += character;
    else if (character === '^') line += expanded.charAt(++index);
    else if ('&|<>()\n\r'.includes(character)) actedOn.push(character);
    else line += character;
  }
  return { line, actedOn };
}

/** Parameters after the program's name, by the C runtime's rules (2n and 2n+1 backslashes before a quote). */
export function runtimeArguments(line: string): string[] {
  const words: string[] = [];
  const text = line.replace(/^("[^"]*"|[^\s"]+)/, '');
  let [word, open, started] = ['', false, false];
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (c === undefined || (!open && (c === ' ' || c === '\t'))) {
      if (started) words.push(word);
      [word, started] = ['', false];
    } else if (c === '\\') {
      let n = 0;
      while (text[i + n] === '\\') n++;
      const quote = text[i + n] === '"';
      word += '\\'.repeat(quote ? n >> 1 : n);
      if (quote && n % 2 === 1) word += '"';
      i += quote && n % 2 === 1 ? n : n - 1;
      started = true;
    } else if (c === '"') {
      open = !open;
      started = true;
    } else {
      word += c;
      started = true;
    }
  }
  return words;
}

/** A single-quoted PowerShell text at the start of `text`: its value and its length. */
function singleQuoted(text: string): { value: string; length: number } {
  const isQuote = (c: string | undefined) => c !== undefined && "'\u2018\u2019\u201a\u201b".includes(c);
  let value = '';
  let i = 1;
  for (; i < text.length; i++) {
    if (!isQuote(text[i])) value += text[i] ?? '';
    else if (isQuote(text[i + 1])) value += text[++i] ?? '';
    else return { value, length: i + 1 };
  }
  throw new Error(`unclosed: ${text}`);
}

/** Words of a command in argument mode. Only bare words and single-quoted ones are known to this model. */
export function powershellWords(text: string): { words: string[]; rest: string } {
  const words: string[] = [];
  let left = text;
  while (left !== '' && !left.startsWith(';')) {
    if (left.startsWith(' ')) left = left.slice(1);
    else if (left.startsWith("'")) {
      const { value, length } = singleQuoted(left);
      words.push(value);
      left = left.slice(length);
      if (!/^( |;|$)/.test(left)) throw new Error(`joined words: ${left}`);
    } else {
      const bare = /^[^ ;]+/.exec(left)?.[0] ?? '';
      if (!/^[A-Za-z\\/&-][A-Za-z0-9_.:=\\/-]*$/.test(bare)) throw new Error(`not plain: ${bare}`);
      words.push(bare);
      left = left.slice(bare.length);
    }
  }
  return { words, rest: left };
}

/** How Windows PowerShell 5.1 makes a command line for a native program: white space is quoted, nothing is escaped, "" is lost. */
export function nativeLine(words: readonly string[]): string {
  const [program = '', ...rest] = words;
  const quote = (word: string) => (/\s/.test(word) ? `"${word}"` : word);
  return [quote(program), ...rest.filter((word) => word !== '').map(quote)].join(' ');
}

/** `FileName` and `Arguments` of a ProcessStartInfo that is written in our command. */
export function startInfo(text: string): { fileName: string; parameters: string } {
  const name = /FileName=(?='|\u2018)/.exec(text);
  const values = /; Arguments=(\()?(?=')/.exec(text);
  if (name === null || values === null) throw new Error(`no start info: ${text}`);
  const fileName = singleQuoted(text.slice(name.index + name[0].length)).value;
  const template = singleQuoted(text.slice(values.index + values[0].length));
  if (values[1] === undefined) return { fileName, parameters: template.value };
  const after = text.slice(values.index + values[0].length + template.length);
  if (!after.startsWith(' -f [char]34)')) throw new Error(`no format: ${after}`);
  // String.Format: {{ and }} are brackets, {0} is the argument.
  const parameters = template.value.replaceAll(/\{\{|\}\}|\{0\}/g, (found) =>
    found === '{0}' ? '"' : found.charAt(0),
  );
  return { fileName, parameters };
}
