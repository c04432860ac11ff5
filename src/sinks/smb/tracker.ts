import { statSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../../core/index.js';
import type { SinkOptions } from '../types.js';
import {
  countsOf,
  hasAllContent,
  isTransferOpen,
  newAttempt,
  wantedContent,
  type Attempt,
  type Counts,
} from './attempt.js';
import type { FrontConnection, FrontEvents } from './front.js';
import { followSambaLog, type SambaEvent, type SambaLog } from './samba-log.js';
import type { Settler } from './settle.js';
import type { Share, SharedFile } from './share.js';

const maxRefusals = 32;
const mebibyte = 1024 * 1024;

/** What is known of one connection. */
interface Session {
  readonly connection: FrontConnection;
  readonly log: SambaLog;
  readonly logFile: string;
  readonly handles: Map<SharedFile, number>;
  readonly attempts: Map<SharedFile, Attempt>;
  /** Payload that receipts of this connection already have. */
  settled: Counts;
  refusals: number;
  authenticated: boolean;
  connectedTree: boolean;
}

export interface TrackerParts {
  readonly options: SinkOptions;
  readonly share: Share;
  readonly settler: Settler;
  /** Directory of smbd's log files, one for each client address. */
  readonly logs: string;
  readonly refuse: (client: Endpoint, what: string, reason: string) => void;
  /** How long all handles must stay closed before a transfer counts as over, ms. */
  readonly graceMs: number;
}

export interface Tracker extends FrontEvents {
  /** Ends every connection; their broken transfers get their receipts. */
  endAll(reason: string): void;
  /** Connections that are open. */
  readonly open: number;
}

/**
 * Ties smbd's log to the front's connections. The log is read before each answer of smbd is passed on, so that a CREATE or a CLOSE is
 * known before the client knows its result: the order of events is certain, and also holds for encrypted sessions.
 */
export function tracker({ options, share, settler, logs, refuse, graceMs }: TrackerParts): Tracker {
  const sessions = new Map<FrontConnection, Session>();
  const owners = new Map<SharedFile, Session>();
  // Small writes carry up to as many bytes of SMB as of content; the rest is for sessions, look-ups and retries.
  const mostFromClient = options.expected.reduce(
    (sum, one) => sum + mebibyte + (one.direction === 'upload' ? 2 * one.size * one.times : 0),
    mebibyte,
  );

  const note = (session: Session, what: string, reason: string) => {
    session.refusals += 1;
    if (session.refusals <= maxRefusals) refuse(session.connection.client, what, reason);
  };

  /** @param until what the connection had carried when the transfer was over */
  const settle = (session: Session, attempt: Attempt, until: Counts) => {
    const { file } = attempt;
    session.attempts.delete(file);
    if (owners.get(file) === session) owners.delete(file);
    settler.settle({
      attempt,
      client: session.connection.client,
      share: {
        fromClient: until.fromClient - session.settled.fromClient,
        toClient: until.toClient - session.settled.toClient,
      },
    });
    session.settled = until;
  };

  const drop = (session: Session, attempt: Attempt) => {
    clearTimeout(attempt.timer);
    session.attempts.delete(attempt.file);
    if (owners.get(attempt.file) === session) owners.delete(attempt.file);
    share.restore(attempt.file);
  };

  const hasContent = (attempt: Attempt) =>
    attempt.moved || attempt.error !== null || (attempt.received === null && share.sizeOf(attempt.file) > 0);

  const afterGrace = (session: Session, attempt: Attempt) => {
    if (attempt.closed === null || session.connection.over !== null) return;
    if (!hasContent(attempt)) drop(session, attempt);
    // Windows keeps its connection: the pieces of one execution go over the same one.
    else if (session.handles.size === 0 && !share.awaitsMore(attempt.file))
      session.connection.end('the transfer was over');
    else settle(session, attempt, attempt.closed.counts);
  };

  const begin = (session: Session, file: SharedFile) => {
    const owner = owners.get(file);
    const earlier = owner?.attempts.get(file);
    if (owner !== undefined && earlier?.closed != null && earlier.received !== null) {
      // Complete, and planned again: the connection goes on with the next.
      settle(owner, earlier, earlier.closed.counts);
    } else if (owner !== undefined && owner !== session) {
      note(session, `CREATE ${file.expected.fileName}`, 'another connection is transferring this file');
      session.connection.reset('another connection was transferring the same file');
      return;
    }
    owners.set(file, session);
    const attempt = session.attempts.get(file) ?? newAttempt(file, countsOf(session.connection));
    attempt.closed = null;
    clearTimeout(attempt.timer);
    session.attempts.set(file, attempt);
  };

  const created = (session: Session, event: Extract<SambaEvent, { kind: 'create' }>) => {
    const file = share.find(event.name);
    if (event.refused !== null) {
      const denied = event.refused === 'Permission denied';
      const missing = event.refused === 'No such file or directory';
      if (!denied && !(missing && wantedContent(event.access, event.disposition))) return;
      const status = denied ? 'STATUS_ACCESS_DENIED' : 'STATUS_OBJECT_NAME_NOT_FOUND';
      const why = file === undefined ? 'the plan names no such file' : 'the plan does not allow this (again)';
      note(session, `CREATE ${event.name}`, `${status}: ${why}`);
      return;
    }
    if (file === undefined) return;
    session.handles.set(file, (session.handles.get(file) ?? 0) + 1);
    clearTimeout(session.attempts.get(file)?.timer);
    if (isTransferOpen(file, event.access)) begin(session, file);
  };

  const closedHandle = (session: Session, file: SharedFile) => {
    const left = (session.handles.get(file) ?? 0) - 1;
    if (left > 0) {
      session.handles.set(file, left);
      return;
    }
    session.handles.delete(file);
    const attempt = session.attempts.get(file);
    if (attempt === undefined) return;
    const counts = countsOf(session.connection);
    attempt.closed ??= { at: options.clock.now(), counts };
    if (attempt.received === null && hasAllContent(attempt, share, counts))
      attempt.received = share.retire(file);
    clearTimeout(attempt.timer);
    attempt.timer = setTimeout(() => afterGrace(session, attempt), graceMs);
  };

  const touched = (session: Session, kind: 'read' | 'write', file: SharedFile) => {
    const attempt = session.attempts.get(file);
    if (attempt === undefined || (kind === 'write') !== (file.expected.direction === 'upload')) return;
    attempt.moved = true;
    if (kind === 'write') {
      attempt.firstByteAt ??= session.connection.lastFromClientAt;
      attempt.lastByteAt = session.connection.lastFromClientAt;
    }
  };

  const apply = (session: Session, event: SambaEvent) => {
    if (event.kind === 'session') {
      if (event.status === 'NT_STATUS_OK') session.authenticated ||= event.user !== '';
      else note(session, `session of "${event.user}"`, event.status.replace(/^NT_/, ''));
    } else if (event.kind === 'tree') {
      session.connectedTree = true;
    } else if (event.kind === 'create') {
      if (!event.directory || event.refused !== null) created(session, event);
    } else {
      const file = share.find(event.name);
      if (file === undefined) return;
      if (event.kind === 'close') closedHandle(session, file);
      else if (event.kind === 'unlink') {
        if (!session.attempts.has(file)) share.restore(file);
      } else touched(session, event.kind, file);
    }
  };

  const readLog = (session: Session) => {
    // What smbd does after the end is its own tidying up: its CLOSE is none of the client's.
    if (session.connection.over !== null) return;
    for (const event of session.log.read()) apply(session, event);
  };

  const checkSizes = (session: Session) => {
    for (const { file, closed } of session.attempts.values()) {
      if (file.expected.direction === 'download' || closed !== null) continue;
      const most = Math.min(file.expected.size, options.limits.maxDiskBytes);
      if (share.sizeOf(file) <= most) continue;
      const reason = `more than the ${most} bytes that the plan allows`;
      note(session, `WRITE ${file.expected.fileName}`, reason);
      session.connection.reset(reason);
      return;
    }
  };

  const settleRest = (session: Session) => {
    const { connection } = session;
    const rest = [...session.attempts.values()].filter((attempt) => {
      if (attempt.closed !== null && !hasContent(attempt)) drop(session, attempt);
      return session.attempts.has(attempt.file);
    });
    rest.sort((a, b) => (a.closed?.at ?? Infinity) - (b.closed?.at ?? Infinity));
    for (const [index, attempt] of rest.entries()) {
      if (attempt.closed === null) {
        attempt.error ??= `the file was not closed: ${connection.over ?? 'the connection was lost'}`;
      }
      // What came after the last transfer (log-off, disconnect) belongs to it.
      const isLast = index === rest.length - 1;
      settle(
        session,
        attempt,
        isLast || attempt.closed === null ? countsOf(connection) : attempt.closed.counts,
      );
    }
  };

  const tracked = (connection: FrontConnection, act: (session: Session) => void) => {
    const session = sessions.get(connection);
    if (session !== undefined) act(session);
  };

  return {
    get open() {
      return sessions.size;
    },
    opened(connection) {
      const logFile = join(logs, `log.${connection.source}`);
      const before = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
      sessions.set(connection, {
        connection,
        log: followSambaLog(logFile, before),
        logFile,
        handles: new Map(),
        attempts: new Map(),
        settled: { fromClient: 0, toClient: 0 },
        refusals: 0,
        authenticated: false,
        connectedTree: false,
      });
    },
    fromClient(connection, at) {
      tracked(connection, (session) => {
        for (const attempt of session.attempts.values()) {
          if (attempt.file.expected.direction === 'upload' && attempt.closed === null)
            attempt.firstByteAt ??= at;
        }
        if (connection.fromClient > mostFromClient && connection.over === null) {
          const reason = `more than ${mostFromClient} bytes over one connection`;
          note(session, 'connection', reason);
          connection.reset(reason);
        }
      });
    },
    toClient(connection) {
      tracked(connection, (session) => {
        readLog(session);
        checkSizes(session);
        const now = options.clock.now();
        for (const attempt of session.attempts.values()) {
          if (attempt.file.expected.direction === 'upload' || !attempt.moved || attempt.closed !== null)
            continue;
          attempt.firstByteAt ??= now;
          attempt.lastByteAt = now;
        }
      });
    },
    ending: (connection) => tracked(connection, readLog),
    closed(connection) {
      tracked(connection, (session) => {
        sessions.delete(connection);
        settleRest(session);
        if (session.refusals === 0 && connection.fromClient > 0) {
          if (!session.authenticated) note(session, 'connection', 'no session was set up');
          else if (!session.connectedTree)
            note(session, 'TREE_CONNECT', `the only share is ${options.share}`);
        }
        session.log.close();
        rmSync(session.logFile, { force: true });
      });
    },
    refused: (client, reason) => refuse(client, 'connection', reason),
    endAll(reason) {
      for (const session of sessions.values()) session.connection.end(reason);
    },
  };
}
