import { preferredModule, type Context, type Evidence } from './context.js';
import { baseName, imagesOf, isSessionShell } from './images.js';
import type { ExecutionResult } from './result-schema.js';
import type { ConnectionRow, ProcessRow } from './rows.js';
import { nearest } from './time.js';

type Attribution = ExecutionResult['attribution'];
export type Grade = Attribution['grade'];

const ranks: Record<Grade, number> = { none: 0, inferred: 1, lineage: 2, direct: 3 };
export const isWeaker = (grade: Grade, than: Grade): boolean => ranks[grade] < ranks[than];

export interface Tie {
  readonly grade: Grade;
  readonly via: string | null;
  readonly owner: { readonly executable: string; readonly pid: number | null } | null;
  /** A connection names an owner other than System, and its keys are those of no process of the execution. */
  readonly keysDisagree: boolean;
  /** Process and connection records are both there, so that a tie could be judged. */
  readonly judgeable: boolean;
  readonly evidence: readonly string[];
}

export const isSystem = (row: Pick<ConnectionRow, 'executable' | 'pid'>) =>
  row.pid === 4 || (row.executable !== null && baseName(row.executable) === 'system');

/** By entity id where both have one, else by host and pid. */
function ownerOf(
  connection: ConnectionRow,
  processes: readonly ProcessRow[],
): { row: ProcessRow; via: 'entity_id' | 'pid' } | null {
  const { entityId } = connection;
  const byEntity = entityId === null ? undefined : processes.find((row) => row.entityId === entityId);
  if (byEntity !== undefined) return { row: byEntity, via: 'entity_id' };
  const alike = processes.filter(
    (row) => connection.pid !== null && row.pid === connection.pid && row.host === connection.host,
  );
  // One process has records of several products; the one with an entity id can be compared with the connection's.
  const byPid = alike.find((row) => row.entityId !== null) ?? alike[0];
  return byPid === undefined ? null : { row: byPid, via: 'pid' };
}

function parentOf(row: ProcessRow, processes: readonly ProcessRow[]): ProcessRow | undefined {
  return (
    processes.find((each) => row.parentEntityId !== null && each.entityId === row.parentEntityId) ??
    processes.find(
      (each) =>
        row.parentPid !== null && each.pid === row.parentPid && each.host === row.host && each.id !== row.id,
    )
  );
}

/** Whether an ancestor below the session's shell is an initiator, within the generations that the analytic searches. */
function hasFilteredAncestor(row: ProcessRow, processes: readonly ProcessRow[], context: Context): boolean {
  const { lineageGenerations, sessionParents } = context.plan.parameters;
  let current: ProcessRow | undefined = row;
  for (let generation = 0; generation < lineageGenerations; generation++) {
    const child: ProcessRow = current;
    const parent = parentOf(child, processes);
    // Its own record may be gone; the child's says what it was, but not whether it was the session's shell.
    if (parent === undefined) return false;
    if (isSessionShell(parent, sessionParents)) return false;
    if (isFiltered(parent, context)) return true;
    current = parent;
  }
  return false;
}

function isFiltered(
  row: Pick<ProcessRow, 'executable' | 'name' | 'originalFileName'>,
  context: Context,
): boolean {
  const filter = context.plan.parameters.processImageFilter.map((name) => name.toLowerCase());
  return imagesOf(row).some((image) => filter.includes(image));
}

/** The connections of the execution's sockets, the data socket's first: its owner is the one that counts. */
function connectionsOf(evidence: Evidence, preferred: 'sysmon' | null): ConnectionRow[] {
  const { sockets } = evidence.facts;
  const rank = (row: ConnectionRow) =>
    (row.module === preferred ? 0 : 2) + (sockets[row.socket ?? -1]?.role === 'data' ? 0 : 1);
  const exact = nearest(
    evidence.siem.connections.filter((row) => row.via !== 'time' && row.executable !== null),
    evidence.facts,
  );
  return [...exact].sort((a, b) => rank(a) - rank(b));
}

/**
 * What the SIEM's telemetry by itself says of who sent the file, without the analytic. A connection that System owns is
 * inferred, whatever the lineage (decision 20).
 */
export function tieOf(evidence: Evidence, context: Context): Tie {
  const { planned } = evidence.facts;
  const { sessionParents } = context.plan.parameters;
  const processes = evidence.siem.processes.filter((row) => row.via !== 'time');
  const own = processes.filter((row) => !isSessionShell(row, sessionParents));
  const connections = connectionsOf(evidence, preferredModule(context, planned.host.id));
  const connection = connections[0];
  const judgeable = own.length > 0 && connection !== undefined;
  const initiators = own.filter((row) => isFiltered(row, context));
  const nameOf = (row: ConnectionRow) => ({ executable: row.executable ?? '', pid: row.pid });
  if (connection === undefined)
    return { grade: 'none', via: null, owner: null, keysDisagree: false, judgeable, evidence: [] };
  const owner = nameOf(connection);
  const ids = [connection.id];
  if (isSystem(connection)) {
    const named = initiators[0];
    const script = evidence.siem.scripts[0];
    const via = named !== undefined ? 'command_line' : script !== undefined ? 'script' : null;
    const grade = via === null ? 'none' : 'inferred';
    return {
      grade,
      via,
      owner,
      keysDisagree: false,
      judgeable,
      evidence: [...ids, ...(named === undefined ? [] : [named.id])],
    };
  }
  const tied = ownerOf(connection, own);
  const byEntity = tied?.via === 'entity_id';
  const entitiesDiffer =
    connection.entityId !== null && tied !== null && tied.row.entityId !== null && !byEntity;
  const keysDisagree = own.length > 0 && (tied === null || entitiesDiffer);
  if (
    isFiltered({ executable: connection.executable, name: null, originalFileName: null }, context) ||
    (tied !== null && isFiltered(tied.row, context))
  )
    return {
      grade: 'direct',
      via: tied?.via ?? '5-tuple',
      owner,
      keysDisagree,
      judgeable,
      evidence: [...ids, ...(tied === null ? [] : [tied.row.id])],
    };
  const lineage = tied !== null && hasFilteredAncestor(tied.row, processes, context);
  return {
    grade: lineage ? 'lineage' : 'none',
    via: lineage ? tied.via : null,
    owner,
    keysDisagree,
    judgeable,
    evidence: [...ids, ...(tied === null ? [] : [tied.row.id])],
  };
}

/** The analytic's grade where it has a hit, else what the telemetry says by itself. */
export function attributionOf(evidence: Evidence, tie: Tie): Attribution {
  const best = [...evidence.hits].sort((a, b) => ranks[b.attribution] - ranks[a.attribution])[0];
  return {
    grade: best?.attribution ?? tie.grade,
    expectedGrade: evidence.facts.planned.expected.attribution,
    socketOwner: tie.owner,
    via: best?.via ?? tie.via,
  };
}
