import { readCondition, type Condition } from './condition.js';
import type { Loop } from './loop.js';
import { CmdSyntaxError, Scanner, type Redirection } from './scanner.js';

/** A command line as cmd.exe understands it. */
export type CmdNode =
  | { readonly kind: 'command'; readonly text: string; readonly redirections: readonly Redirection[] }
  | { readonly kind: 'group'; readonly body: CmdNode; readonly redirections: readonly Redirection[] }
  | {
      readonly kind: 'if';
      readonly condition: Condition;
      readonly then: CmdNode;
      readonly otherwise: CmdNode | null;
    }
  | { readonly kind: 'for'; readonly loop: Loop }
  | { readonly kind: 'pipe'; readonly left: CmdNode; readonly right: CmdNode }
  | {
      readonly kind: 'sequence';
      readonly operator: '&' | '&&' | '||';
      readonly left: CmdNode;
      readonly right: CmdNode;
    };

/**
 * Parses a line whose variables are expanded. `|` binds closest, then `&&`, `||`, `&`.
 * @returns null for an empty line. @throws CmdSyntaxError with cmd.exe's own words
 */
export function parseCmd(line: string): CmdNode | null {
  const scanner = new Scanner(line);
  if (scanner.atEnd()) return null;
  const node = sequence(scanner, 0);
  if (!scanner.atEnd()) throw new CmdSyntaxError(scanner.rest());
  return node;
}

function sequence(scanner: Scanner, depth: number): CmdNode {
  let left = chain(scanner, depth, '||');
  while (scanner.take('&')) {
    // A trailing & ends a line that is complete.
    if (scanner.atEnd() || (depth > 0 && scanner.sees(')'))) return left;
    left = { kind: 'sequence', operator: '&', left, right: chain(scanner, depth, '||') };
  }
  return left;
}

function chain(scanner: Scanner, depth: number, operator: '&&' | '||'): CmdNode {
  const below = (): CmdNode => (operator === '||' ? chain(scanner, depth, '&&') : pipeline(scanner, depth));
  let left = below();
  while (scanner.take(operator)) left = { kind: 'sequence', operator, left, right: below() };
  return left;
}

function pipeline(scanner: Scanner, depth: number): CmdNode {
  const left = command(scanner, depth);
  return scanner.take('|') ? { kind: 'pipe', left, right: pipeline(scanner, depth) } : left;
}

function group(scanner: Scanner, depth: number): CmdNode {
  const body = sequence(scanner, depth + 1);
  if (!scanner.take(')')) throw new CmdSyntaxError(scanner.rest());
  return { kind: 'group', body, redirections: scanner.redirections() };
}

function loop(scanner: Scanner, depth: number): CmdNode {
  const counts = scanner.takeWord('/l');
  const [, variable] = /^%([A-Za-z])$/.exec(scanner.word()) ?? [];
  if (variable === undefined || !scanner.takeWord('in')) throw new CmdSyntaxError(scanner.rest());
  const set = scanner.parenthesised();
  if (!scanner.takeWord('do')) throw new CmdSyntaxError(scanner.rest());
  const quiet = scanner.sees('@');
  const rest = scanner.rest();
  const body = sequence(scanner, depth);
  const text = rest.slice(0, rest.length - scanner.rest().length).trim();
  return { kind: 'for', loop: { variable, counts, set, body, text, quiet } };
}

function command(scanner: Scanner, depth: number): CmdNode {
  while (scanner.take('@'));
  if (scanner.take('(')) return group(scanner, depth);
  if (scanner.takeWord('if')) {
    const condition = readCondition(scanner);
    const then = scanner.take('(') ? group(scanner, depth) : sequence(scanner, depth);
    const otherwise = !scanner.takeWord('else')
      ? null
      : scanner.take('(')
        ? group(scanner, depth)
        : sequence(scanner, depth);
    return { kind: 'if', condition, then, otherwise };
  }
  if (scanner.takeWord('for')) return loop(scanner, depth);
  const { text, redirections } = scanner.command(depth > 0);
  if (text.trim() === '' && redirections.length === 0) throw new CmdSyntaxError(scanner.rest());
  return { kind: 'command', text, redirections };
}
