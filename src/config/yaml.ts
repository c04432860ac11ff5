import { readFile } from 'node:fs/promises';
import { isMap, isScalar, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import type { z } from 'zod';
import { formatWhere, InputError, messageOf, nearest, systemCode, type Where } from '../core/index.js';

type Path = readonly PropertyKey[];

function pathText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** The node at a path, or its closest ancestor that the file has; for a key, the key itself. */
function nodeAt(document: Document, path: Path, key?: string): Node | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (node === null || node === undefined || typeof node !== 'object' || !('range' in node)) continue;
    if (key !== undefined && isMap(node)) {
      const pair = node.items.find((item: Pair) => isScalar(item.key) && item.key.value === key);
      if (pair !== undefined) return pair.key as Node;
    }
    return node as Node;
  }
  return undefined;
}

/** Keys that the schema knows at a path, for "did you mean". */
function knownKeys(schema: unknown, path: Path): string[] {
  let current = schema as { def?: Record<string, unknown>; shape?: Record<string, unknown> } | undefined;
  const unwrap = () => {
    while (current?.def !== undefined && 'innerType' in current.def)
      current = current.def['innerType'] as typeof current;
  };
  for (const part of path) {
    unwrap();
    if (current?.def === undefined) return [];
    if (typeof part === 'number') current = current.def['element'] as typeof current;
    else if (current.shape !== undefined) current = current.shape[String(part)] as typeof current;
    else return [];
  }
  unwrap();
  const options = (current?.def?.['options'] ?? []) as { shape?: Record<string, unknown> }[];
  return [
    ...Object.keys(current?.shape ?? {}),
    ...options.flatMap((option) => Object.keys(option.shape ?? {})),
  ];
}

/** Zod reports a union by the errors of each branch; the deepest one is what the writer meant. */
function deepest(issue: z.core.$ZodIssue, base: Path = []): { issue: z.core.$ZodIssue; path: Path } {
  const path = [...base, ...issue.path];
  if (issue.code !== 'invalid_union') return { issue, path };
  const branches = issue.errors.flat().map((inner) => deepest(inner, path));
  const best = branches.sort(
    (a, b) =>
      b.path.length - a.path.length ||
      Number(a.issue.code === 'invalid_type') - Number(b.issue.code === 'invalid_type'),
  )[0];
  return best ?? { issue, path };
}

/**
 * Parses YAML and checks it against a schema.
 * @param file name that error messages show
 * @throws InputError with file, line, column, path, what was expected, and the nearest known key. All faults are in one message.
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  file: string,
): z.output<Schema> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const { line, col } = lineCounter.linePos(fault.pos[0]);
    const where = { file, line, column: col };
    throw new InputError({ code: 'yaml-syntax', message: `${formatWhere(where)}: ${fault.message}`, where });
  }
  const result = schema.safeParse(document.toJS());
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((top) => {
    const { issue, path } = deepest(top);
    const place = (key?: string): Where => {
      const offset = nodeAt(document, path, key)?.range?.[0];
      const position = offset === undefined ? undefined : lineCounter.linePos(offset);
      const whole = key === undefined ? path : [...path, key];
      return {
        file,
        ...(position === undefined ? {} : { line: position.line, column: position.col }),
        path: pathText(whole),
      };
    };
    if (issue.code !== 'unrecognized_keys') return [{ where: place(), text: issue.message }];
    return issue.keys.map((key) => {
      const close = nearest(key, knownKeys(schema, path));
      return {
        where: place(key),
        text: `unknown key "${key}"${close === undefined ? '' : `; did you mean "${close}"?`}`,
      };
    });
  });
  const first = faults[0];
  throw new InputError({
    code: 'invalid-document',
    message: faults.map(({ where, text: reason }) => `${formatWhere(where)}: ${reason}`).join('\n'),
    ...(first === undefined ? {} : { where: first.where }),
  });
}

/** Reads and checks a YAML file. @throws InputError where it cannot be read or is not what the schema says. */
export async function loadYaml<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError({
      code: 'cannot-read-file',
      message: `${file}: ${systemCode(error) === 'ENOENT' ? 'no such file' : messageOf(error)}`,
      where: { file },
      cause: error,
    });
  }
  return parseYaml(text, schema, file);
}
