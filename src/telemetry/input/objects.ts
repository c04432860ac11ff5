/** A record as it was parsed for a look. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** How the records of a text are laid out: one per line, in an array, or one after the other over several lines. */
export type JsonLayout = 'newline_delimited' | 'array' | 'unstructured';

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The object that stands below keys, or an empty one. */
export function below(record: JsonObject, ...keys: readonly string[]): JsonObject {
  let at: JsonObject = record;
  for (const key of keys) {
    const next = at[key];
    if (!isObject(next)) return {};
    at = next;
  }
  return at;
}

const lines = (text: string): string[] => text.split('\n', 200).filter((line) => line.trim() !== '');

/** Tells the layout by the head of a text: an array's bracket, or a first line that is not a whole object. */
export function layoutOf(text: string): JsonLayout {
  const all = lines(text);
  // One line that is an object is enough: the others may be broken records.
  if (all.some((line) => line.trimStart().startsWith('{') && parsed(line) !== undefined))
    return 'newline_delimited';
  const start = text.replace(/^\ufeff/, '').trimStart();
  if (/^\[\s*\{/.test(start)) return 'array';
  return /^\{\s*[\r\n]/.test(start) ? 'unstructured' : 'newline_delimited';
}

/** Objects of the outermost level of brackets but an array's, ten at most, that are whole in the text. */
function* outermost(text: string): Generator<string> {
  let depth = 0;
  let from = 0;
  const token = /"(?:[^"\\]|\\.)*"|[{}]/gs;
  for (const match of text.matchAll(token)) {
    if (match[0] === '{') {
      if (depth === 0) from = match.index;
      depth += 1;
    } else if (match[0] === '}') {
      depth -= 1;
      if (depth === 0) yield text.slice(from, match.index + 1);
      if (depth < 0) return;
    }
  }
}

/** Records at the head of a text, ten at most. */
export function headObjects(text: string): JsonObject[] {
  const candidates =
    layoutOf(text) === 'newline_delimited'
      ? lines(text).filter((line) => line.trimStart().startsWith('{'))
      : outermost(text);
  const found: JsonObject[] = [];
  for (const candidate of candidates) {
    const object = parsed(candidate);
    if (object !== undefined) found.push(object);
    if (found.length === 10) break;
  }
  return found;
}

/** Share of the head's records that look like one's own: a reader's confidence. */
export function share(text: string, own: (record: JsonObject) => boolean): number {
  const records = headObjects(text);
  return records.length === 0 ? 0 : records.filter(own).length / records.length;
}
