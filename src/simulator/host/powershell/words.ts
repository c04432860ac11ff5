/** A word of a PowerShell command: its text, and whether it stood in quotes. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

export type Lookup = (variable: string) => string | undefined;

// PowerShell takes typographic quotes for quotes (about_Quoting_Rules).
const single = /['\u2018-\u201b]/;
const double = /["\u201c-\u201e]/;

/** Cuts a script into statements at line breaks and semicolons that stand in no quotes, braces or parentheses. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let current = '';
  let depth = 0;
  let quote: RegExp | null = null;
  const finish = (): void => {
    if (current.trim() !== '') statements.push(current.trim());
    current = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote !== null) {
      if (quote.test(character)) quote = null;
    } else if (single.test(character)) quote = single;
    else if (double.test(character)) quote = double;
    else if ('({'.includes(character)) depth += 1;
    else if (')}'.includes(character)) depth -= 1;
    if (character === '`' && quote !== single) {
      current += character + text.charAt(at + 1);
      at += 1;
    } else if (quote === null && depth === 0 && /[;\n]/.test(character)) finish();
    else current += character;
  }
  finish();
  return statements;
}

/** Puts values in place of `$name` and `$env:name`; what is not defined is nothing, as without strict mode. */
function expand(text: string, lookup: Lookup): string {
  return text.replaceAll(
    /`(.)|\$(?:\{([^}]+)\}|((?:env:)?\w+))/gs,
    (_, escaped?: string, braced?: string, name?: string) => {
      if (escaped !== undefined) return { n: '\n', r: '\r', t: '\t', '0': '\0' }[escaped] ?? escaped;
      return lookup(braced ?? name ?? '') ?? '';
    },
  );
}

/** Splits one statement into words: single quotes are literal, double quotes expand, `--%` takes the rest as it is. */
export function splitWords(statement: string, lookup: Lookup): Word[] {
  const words: Word[] = [];
  let rest = statement.trimStart();
  while (rest !== '') {
    const [stop, verbatim] = /^--%\s+(.*)$/s.exec(rest) ?? [];
    if (stop !== undefined) {
      words.push({ text: verbatim ?? '', quoted: true });
      return words;
    }
    let text = '';
    let quoted = false;
    while (rest !== '' && !/^\s/.test(rest)) {
      const [whole, literal, expandable, plain] =
        /^['\u2018-\u201b]((?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*)['\u2018-\u201b]|^["\u201c-\u201e]((?:[^"`\u201c-\u201e]|`.|["\u201c-\u201e]{2})*)["\u201c-\u201e]|^((?:[^\s`'"\u2018-\u201f]|`.)+)/s.exec(
          rest,
        ) ?? [];
      if (whole === undefined) return [...words, { text: text + rest, quoted }];
      if (literal !== undefined) text += literal.replaceAll(/(['\u2018-\u201b])['\u2018-\u201b]/g, '$1');
      else text += expand((expandable ?? plain ?? '').replaceAll('""', '`"'), lookup);
      quoted ||= plain === undefined;
      rest = rest.slice(whole.length);
    }
    words.push({ text, quoted });
    rest = rest.trimStart();
  }
  return words;
}

/** A text expression: a literal, or `('…{0}…' -f [char]34)`, which is how a command line gets its double quotes in. */
export function textExpression(expression: string): string | null {
  const [, format] = /^\(\s*(['"\u2018-\u201b].*)\s+-f\s+\[char\]34\s*\)$/s.exec(expression.trim()) ?? [];
  const words = splitWords(format ?? expression, () => undefined);
  const [only] = words;
  if (only === undefined || words.length > 1 || !only.quoted) return null;
  if (format === undefined) return only.text;
  return only.text.replaceAll(/\{\{|\}\}|\{0\}/g, (found) => (found === '{0}' ? '"' : found.charAt(0)));
}

/** The command line that Windows PowerShell 5.1 makes for a native program: white space brings quotes, nothing is left out. */
export function nativeCommandLine(image: string, words: readonly Word[]): string {
  const args = words
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .map((text) =>
      /\s/.test(text) && !text.includes('"') ? `"${text}${text.endsWith('\\') ? '\\' : ''}"` : text,
    );
  return [`"${image}"`, ...args].join(' ');
}
