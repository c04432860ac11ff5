import type { Clock } from '../../core/index.js';
import type { WindowsEvent } from '../types.js';
import type { EventLog } from './event-log.js';
import { eventNode } from './event-node.js';
import { eventXml } from './event-xml.js';
import { compileQuery } from './xpath.js';
import { QueryError } from './xpath-lexer.js';

export interface WevtutilResult {
  readonly stdout: string;
  readonly exitCode: number;
}

/** System error codes, which wevtutil exits with. https://learn.microsoft.com/windows/win32/debug/system-error-codes */
const errors = {
  notSupported: 50,
  invalidParameter: 87,
  invalidQuery: 15_001,
  channelNotFound: 15_007,
} as const;

const failure = (exitCode: number, ...lines: readonly string[]): WevtutilResult => ({
  stdout: lines.map((line) => `${line}\r\n`).join(''),
  exitCode,
});

interface Query {
  readonly query: string;
  readonly format: string;
  readonly count: number;
  readonly newestFirst: boolean;
  readonly root: string | null;
}

const longNames: Readonly<Record<string, string>> = {
  q: 'query',
  f: 'format',
  c: 'count',
  rd: 'reversedirection',
  e: 'element',
};

/** Options of `qe`: `/name:value`, short or long, any case. @throws QueryError for others. */
function options(args: readonly string[]): Query {
  const given = new Map<string, string>();
  for (const arg of args) {
    const match = /^[/-](\w+):([\s\S]*)$/.exec(arg);
    const short = (match?.[1] ?? '').toLowerCase();
    const name = longNames[short] ?? short;
    const value = match?.[2];
    if (value === undefined || !Object.values(longNames).includes(name)) throw new QueryError(arg);
    given.set(name, value);
  }
  const count = Number(given.get('count') ?? Infinity);
  if (Number.isNaN(count) || count < 0) throw new QueryError('/c');
  return {
    query: given.get('query') ?? '*',
    format: (given.get('format') ?? 'xml').toLowerCase(),
    count,
    newestFirst: given.get('reversedirection')?.toLowerCase() === 'true',
    root: given.get('element') ?? null,
  };
}

function select(events: readonly WindowsEvent[], { query, count, newestFirst }: Query, now: number) {
  const wanted = compileQuery(query, now);
  const ordered = newestFirst ? events.toReversed() : events;
  return ordered.filter((event) => wanted(eventNode(event))).slice(0, count);
}

function queryEvents(log: EventLog, clock: Clock, args: readonly string[]): WevtutilResult {
  const [channel = '', ...rest] = args;
  let wanted: Query;
  try {
    wanted = options(rest);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return failure(
      errors.invalidParameter,
      `Invalid option ${error.message}. Option is not supported.`,
      'The parameter is incorrect.',
    );
  }
  const events = log.events(channel);
  if (events === undefined) {
    return failure(
      errors.channelNotFound,
      'Failed to open event query.',
      'The specified channel could not be found.',
    );
  }
  // The simulated host has no message catalogue, which the text form would need.
  if (!['xml', 'renderedxml'].includes(wanted.format)) {
    return failure(errors.notSupported, 'The request is not supported.');
  }
  try {
    const lines = select(events, wanted, clock.now()).map((event) =>
      eventXml(event, wanted.format === 'renderedxml'),
    );
    const body = lines.map((line) => `${line}\r\n`).join('');
    const { root } = wanted;
    return { stdout: root === null ? body : `<${root}>\r\n${body}</${root}>\r\n`, exitCode: 0 };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return failure(
      errors.invalidQuery,
      'Failed to open event query.',
      `The specified query is invalid. (${error.message})`,
    );
  }
}

/**
 * `wevtutil.exe` of the simulated host: `qe` (query-events) with /q, /f, /c, /rd and /e, and `el` (enum-logs).
 * https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil
 * @returns a function of the arguments after the program's name. An error is an exit code and a text, never an empty answer.
 */
export function wevtutilOver(log: EventLog, clock: Clock): (args: readonly string[]) => WevtutilResult {
  return (args) => {
    const [command = '', ...rest] = args;
    switch (command.toLowerCase()) {
      case 'qe':
      case 'query-events':
        return queryEvents(log, clock, rest);
      case 'el':
      case 'enum-logs':
        return { stdout: log.channels.map((name) => `${name}\r\n`).join(''), exitCode: 0 };
      default:
        return failure(
          errors.invalidParameter,
          `Unknown command or parameter: ${command}`,
          'The parameter is incorrect.',
        );
    }
  };
}
