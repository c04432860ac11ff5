/** A record as it was parsed for a look. */
export type JsonObject = Readonly<Record<string, unknown>>;

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

/** The object that stands below a key, or an empty one. */
export function below(record: JsonObject, ...keys: readonly string[]): JsonObject {
  let at: JsonObject = record;
  for (const key of keys) {
    const next = at[key];
    if (!isObject(next)) return {};
    at = next;
  }
  return at;
}

/** Records at the head of a text of JSON lines, ten at most. */
export function headObjects(text: string): JsonObject[] {
  const found: JsonObject[] = [];
  for (const line of text.split('\n', 200)) {
    const object = line.trimStart().startsWith('{') ? parsed(line) : undefined;
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
