/** A query that the event log does not take: ERROR_EVT_INVALID_QUERY, 15001. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'symbol';
  readonly text: string;
}

const pattern =
  /\s*(?:'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_][\w.-]*)|(?<symbol><=|>=|!=|[[\]()@*/.,=<>]))/y;

/** @throws QueryError at what is no token. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  const text = query.trimEnd();
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) throw new QueryError(`unexpected "${text.slice(at).trim().slice(0, 1)}"`);
    const quoted = groups['single'] ?? groups['double'];
    if (quoted !== undefined) tokens.push({ kind: 'string', text: quoted });
    else if (groups['number'] !== undefined) tokens.push({ kind: 'number', text: groups['number'] });
    else if (groups['name'] !== undefined) tokens.push({ kind: 'name', text: groups['name'] });
    else tokens.push({ kind: 'symbol', text: groups['symbol'] ?? '' });
  }
  return tokens;
}
