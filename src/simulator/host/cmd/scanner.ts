/** `> file`, `2>&1`, `< file`. `to` is a file name without quotes, or `&n`. */
export interface Redirection {
  readonly handle: 0 | 1 | 2;
  readonly mode: 'read' | 'write' | 'append' | 'duplicate';
  readonly to: string;
}

/** cmd.exe's answer to a line that it cannot parse. */
export class CmdSyntaxError extends Error {
  constructor(rest: string) {
    const token = /^(&&|\|\||[&|<>()]|\S+)/.exec(rest.trimStart())?.[1];
    super(
      token === undefined
        ? 'The syntax of the command is incorrect.'
        : `${token} was unexpected at this time.`,
    );
    this.name = 'CmdSyntaxError';
  }
}

const blank = /[\s,;=]/;
const special = /[&|<>]/;

/** Reads a command line character by character: quotes switch special characters off, a caret takes the next one as it is. */
export class Scanner {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  rest(): string {
    return this.#line.slice(this.#at);
  }

  #skip(): void {
    while (this.#at < this.#line.length && blank.test(this.#line.charAt(this.#at))) this.#at += 1;
  }

  atEnd(): boolean {
    this.#skip();
    return this.#at >= this.#line.length;
  }

  sees(token: string): boolean {
    this.#skip();
    return this.rest().startsWith(token);
  }

  /** Takes an operator; `&` is not taken where `&&` stands, nor `|` where `||` does. */
  take(token: string): boolean {
    if (!this.sees(token)) return false;
    if (/^[&|]$/.test(token) && this.rest().startsWith(token + token)) return false;
    this.#at += token.length;
    return true;
  }

  /** Takes a keyword that white space or a parenthesis ends. */
  takeWord(word: string): boolean {
    this.#skip();
    const rest = this.rest();
    const ends = /^$|^[\s("]/.test(rest.slice(word.length));
    if (!ends || rest.slice(0, word.length).toLowerCase() !== word) return false;
    this.#at += word.length;
    return true;
  }

  takeEquals(): boolean {
    const [whole] = /^\s*==/.exec(this.rest()) ?? [];
    if (whole === undefined) return false;
    this.#at += whole.length;
    return true;
  }

  /** A word up to white space, an operator or `==`, quotes included. */
  word(): string {
    this.#skip();
    let quoted = false;
    let word = '';
    for (; this.#at < this.#line.length; this.#at += 1) {
      const character = this.#line.charAt(this.#at);
      if (character === '"') quoted = !quoted;
      if (!quoted && (/[\s()]/.test(character) || special.test(character) || this.rest().startsWith('==')))
        break;
      word += character;
    }
    if (word === '') throw new CmdSyntaxError(this.rest());
    return word;
  }

  /** What stands in parentheses, quotes included. */
  parenthesised(): string {
    this.#skip();
    const [whole, inside] = /^\(((?:"[^"]*"|[^")])*)\)/.exec(this.rest()) ?? [];
    if (whole === undefined) throw new CmdSyntaxError(this.rest());
    this.#at += whole.length;
    return inside ?? '';
  }

  /** The text of one command up to an operator, and its redirections, which may stand anywhere in it. */
  command(inGroup: boolean): { text: string; redirections: Redirection[] } {
    this.#skip();
    let quoted = false;
    let text = '';
    const redirections: Redirection[] = [];
    while (this.#at < this.#line.length) {
      const character = this.#line.charAt(this.#at);
      if (!quoted && (character === '&' || character === '|' || (inGroup && character === ')'))) break;
      if (!quoted && (character === '<' || character === '>')) {
        const [, before = '', digit] = /^(.*?)(?:(?<![^\s])([0-2]))?$/s.exec(text) ?? [];
        text = before;
        redirections.push(this.#redirection(digit));
        continue;
      }
      if (!quoted && character === '^') {
        this.#at += 1;
        text += this.#line.charAt(this.#at);
      } else {
        if (character === '"') quoted = !quoted;
        text += character;
      }
      this.#at += 1;
    }
    return { text, redirections };
  }

  /** Redirections after a group. */
  redirections(): Redirection[] {
    const found: Redirection[] = [];
    for (;;) {
      const [whole, digit] = /^\s*([0-2])?(?=[<>])/.exec(this.rest()) ?? [];
      if (whole === undefined) return found;
      this.#at += whole.length;
      found.push(this.#redirection(digit));
    }
  }

  #redirection(digit: string | undefined): Redirection {
    const read = this.take('<');
    const append = !read && this.take('>>');
    if (!read && !append) this.take('>');
    const handle = digit === undefined ? (read ? 0 : 1) : digit === '0' ? 0 : digit === '2' ? 2 : 1;
    const [duplicate, number = ''] = /^\s*&\s*([0-2])/.exec(this.rest()) ?? [];
    if (duplicate !== undefined) {
      this.#at += duplicate.length;
      return { handle, mode: 'duplicate', to: number };
    }
    const to = this.word().replaceAll('"', '');
    return { handle, mode: read ? 'read' : append ? 'append' : 'write', to };
  }
}
