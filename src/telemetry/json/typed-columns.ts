import { literal, type Sql } from '../sql/sql.js';
import { jsonPath, type Path } from './shape.js';

/** A key of the record: a value, an object with keys of its own, or both (in one record the one, in another the other). */
interface Node {
  readonly key: string;
  readonly below: Node[];
  isValue: boolean;
}

/** Gives a relation with columns: `columns` names them for `read_json`, `names` are the record's own keys in the same order. */
export type Scan = (columns: Sql, names: readonly string[]) => Sql;

/** Columns of `read_json` for some paths of a record. */
export interface TypedColumns {
  /**
   * A relation with the columns. Their names are its own: those of the record may be anything, `id` and `part` included.
   * @param scan gives `read_json` with the columns.
   */
  readonly relation: (scan: Scan) => Sql;
  /** The text at a path; NULL where it is not among the columns. */
  readonly text: (path: Path) => Sql;
  /** Whether the path is among the columns. */
  readonly has: (path: Path) => boolean;
  /** Whether a row holds anything: a line that could not be read is a row of NULLs. */
  readonly any: Sql;
}

const nothing: Sql = 'NULL::VARCHAR';
const quoted = (key: string): Sql => `"${key.replaceAll('"', '""')}"`;
const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Whether a key of the path is there already in another spelling: the database takes the two for one name. */
function clashes(level: readonly Node[], path: Path): boolean {
  const [key, ...rest] = path;
  const found = level.find((node) => key !== undefined && sameName(node.key, key));
  return found !== undefined && (found.key !== key || clashes(found.below, rest));
}

function add(roots: Node[], path: Path): void {
  let level = roots;
  let last: Node | undefined;
  for (const key of path) {
    last = level.find((node) => node.key === key);
    if (last === undefined) level.push((last = { key, below: [], isValue: false }));
    level = last.below;
  }
  if (last !== undefined) last.isValue = true;
}

function typeOf({ below, isValue }: Node): Sql {
  if (below.length === 0) return 'VARCHAR';
  if (isValue) return 'JSON';
  return `STRUCT(${below.map((node) => `${quoted(node.key)} ${typeOf(node)}`).join(', ')})`;
}

function holds(nodes: readonly Node[], [key, ...rest]: Path): boolean {
  const node = nodes.find((one) => one.key === key);
  return node !== undefined && (rest.length === 0 ? node.isValue : holds(node.below, rest));
}

/** The text at a path below a key, over the expression that holds the key's value. */
function textAt(node: Node, path: Path, here: Sql): Sql {
  if (node.below.length === 0) return path.length === 0 ? here : nothing;
  if (node.isValue) return `json_extract_string(${here}, ${jsonPath(path)})`;
  const [key, ...rest] = path;
  const next = node.below.find((one) => one.key === key);
  return next === undefined ? nothing : textAt(next, rest, `struct_extract(${here}, ${literal(next.key)})`);
}

/**
 * The columns for paths: keys that differ in case alone (ProcessId, ProcessID) need a scan each, since names of columns and of
 * STRUCT fields ignore case in DuckDB. JSON keys do not: a column takes the spelling that it has.
 * @returns one set of columns per scan; what fits goes into the first.
 */
export function typedColumns(paths: readonly Path[]): TypedColumns[] {
  const scans: Node[][] = [];
  for (const path of paths) {
    let nodes = scans.find((taken) => !clashes(taken, path));
    if (nodes === undefined) scans.push((nodes = []));
    add(nodes, path);
  }
  return scans.map((nodes) => {
    const top = (at: number): Sql => `c${String(at)}`;
    const types = nodes.map((node) => `${literal(node.key)}: ${literal(typeOf(node))}`).join(', ');
    const keys = nodes.map(({ key }) => key);
    const renamed = nodes.map((node, at) => `${quoted(node.key)} AS ${top(at)}`).join(', ');
    return {
      relation: (scan) => `(select ${renamed} from ${scan(`{${types}}`, keys)})`,
      text: (path) => {
        const [key, ...rest] = path;
        const at = nodes.findIndex((node) => node.key === key);
        const node = nodes[at];
        return node === undefined ? nothing : textAt(node, rest, top(at));
      },
      has: (path) => holds(nodes, path),
      any: `(${nodes.map((_, at) => `${top(at)} IS NOT NULL`).join(' OR ')})`,
    };
  });
}
