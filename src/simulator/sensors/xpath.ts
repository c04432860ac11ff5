import { QueryError, type Token, tokenize } from './xpath-lexer.js';

/** An element of an event, as far as queries look at it. */
export interface EventNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly EventNode[];
}

type Value = string | number;
/** What an expression is at a node: values to compare, or a truth. */
type Expression = (node: EventNode) => readonly Value[] | boolean;

const comparisons = ['=', '!=', '<', '<=', '>', '>='];

/** Times compare as times, numbers (hexadecimal ones too) as numbers, everything else as text. */
function comparable(value: Value): Value {
  if (typeof value === 'number') return value;
  if (/^(0x[0-9a-f]+|-?\d+(\.\d+)?)$/i.test(value)) return Number(value);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) {
    const time = Date.parse(value);
    if (Number.isNaN(time)) throw new QueryError(`no time: ${value}`);
    return time;
  }
  return value;
}

function compare(operator: string, left: Value, right: Value): boolean {
  const [a, b] = [comparable(left), comparable(right)];
  if (operator === '=') return a === b;
  if (operator === '!=') return a !== b;
  if (typeof a !== typeof b) throw new QueryError(`${left} and ${right} have no order`);
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

const isTrue = (value: readonly Value[] | boolean): boolean =>
  typeof value === 'boolean' ? value : value.length > 0;

const values = (value: readonly Value[] | boolean): readonly Value[] => {
  if (typeof value === 'boolean') throw new QueryError('a condition cannot be compared');
  return value;
};

/**
 * The part of XPath 1.0 that the Windows event log takes: steps, predicates, and, or, comparisons, `@attribute`, `.`, and
 * timediff(@SystemTime). https://learn.microsoft.com/windows/win32/wes/consuming-events
 * @param now for timediff: milliseconds since the epoch
 * @returns whether an event (its `Event` node) is wanted
 * @throws QueryError for everything else
 */
export function compileQuery(query: string, now: number): (event: EventNode) => boolean {
  const tokens = tokenize(query);
  let position = 0;
  const peek = (): Token | undefined => tokens[position];
  const isNext = (text: string) => peek()?.text === text && peek()?.kind !== 'string';
  const accept = (text: string): boolean => {
    if (!isNext(text)) return false;
    position += 1;
    return true;
  };
  const expect = (text: string): void => {
    if (!accept(text)) throw new QueryError(`expected "${text}", found "${peek()?.text ?? 'the end'}"`);
  };
  const name = (): string => {
    const token = peek();
    if (token?.kind !== 'name') throw new QueryError(`expected a name, found "${token?.text ?? 'the end'}"`);
    position += 1;
    return token.text;
  };

  function predicates(): Expression[] {
    const found: Expression[] = [];
    while (accept('[')) {
      found.push(or());
      expect(']');
    }
    return found;
  }

  const holds = (conditions: readonly Expression[], node: EventNode) =>
    conditions.every((condition) => isTrue(condition(node)));

  /** A relative path: `System/EventID`, `Data[@Name='x']`, `TimeCreated/@SystemTime`. */
  function path(): Expression {
    const steps: ((node: EventNode) => readonly EventNode[])[] = [];
    const ends = (node: EventNode): readonly EventNode[] =>
      steps.reduce<readonly EventNode[]>((nodes, step) => nodes.flatMap(step), [node]);
    do {
      if (accept('@')) {
        const attribute = name();
        return (node) => ends(node).flatMap((end) => end.attributes[attribute] ?? []);
      }
      const wanted = accept('*') ? null : name();
      const conditions = predicates();
      steps.push((node) =>
        node.children.filter(
          (child) => (wanted === null || child.name === wanted) && holds(conditions, child),
        ),
      );
    } while (accept('/'));
    return (node) => ends(node).map((end) => end.text);
  }

  function operand(): Expression {
    const token = peek();
    if (token === undefined) throw new QueryError('the query ends too early');
    if (token.kind === 'string' || token.kind === 'number') {
      position += 1;
      const literal = comparable(token.kind === 'string' ? token.text : Number(token.text));
      return () => [literal];
    }
    if (accept('(')) {
      const inner = or();
      expect(')');
      return inner;
    }
    if (accept('.')) return (node) => [node.text];
    if (token.kind === 'name' && tokens[position + 1]?.text === '(') {
      if (token.text !== 'timediff') throw new QueryError(`unknown function ${token.text}`);
      position += 2;
      const time = path();
      expect(')');
      return (node) => values(time(node)).map((value) => now - Date.parse(String(value)));
    }
    return path();
  }

  function comparison(): Expression {
    const left = operand();
    const operator = peek();
    if (operator?.kind !== 'symbol' || !comparisons.includes(operator.text)) return left;
    position += 1;
    const right = operand();
    return (node) => {
      const others = values(right(node));
      return values(left(node)).some((value) => others.some((other) => compare(operator.text, value, other)));
    };
  }

  function and(): Expression {
    const terms = [comparison()];
    while (accept('and')) terms.push(comparison());
    return terms.length === 1 ? (terms[0] ?? (() => true)) : (node) => holds(terms, node);
  }

  function or(): Expression {
    const terms = [and()];
    while (accept('or')) terms.push(and());
    if (terms.length === 1) return terms[0] ?? (() => true);
    return (node) => terms.some((term) => isTrue(term(node)));
  }

  if (!accept('*') && name() !== 'Event') throw new QueryError('a query begins with * or Event');
  const conditions = predicates();
  const rest = accept('/') ? path() : undefined;
  if (position < tokens.length) throw new QueryError(`unexpected "${peek()?.text ?? ''}"`);
  return (event) => holds(conditions, event) && (rest === undefined || isTrue(rest(event)));
}
