import type { Selection } from './kind.js';
import { jsonBytes } from './out.js';
import type { Plan, Slot } from './plan.js';
import type { Part } from './types.js';

/** A field that is written. Its key is `,"<key>":"`. */
export type Field =
  /** One value and nothing else, as nearly all are. */
  | { readonly kind: 'value'; readonly key: Buffer; readonly index: number; readonly optional: boolean }
  /** Nothing but literals: the whole of it. */
  | { readonly kind: 'literal'; readonly json: Buffer }
  | { readonly kind: 'mixed'; readonly key: Buffer; readonly slot: Slot }
  /** A value without a name. */
  | { readonly kind: 'nameless'; readonly slot: Slot };

const end = Buffer.from('"');

function add(fields: Field[], slot: Slot, part: Part, selection: Selection): void {
  const { name, parts } = slot;
  if (name === undefined) {
    if (selection.nameless) fields.push({ kind: 'nameless', slot });
    return;
  }
  const key = selection.opened(part, name);
  if (key === undefined) return;
  const [first] = parts;
  if (parts.length === 1 && typeof first === 'object')
    fields.push({ kind: 'value', key, index: first.index, optional: first.optional });
  else if (parts.every((piece) => typeof piece === 'string'))
    fields.push({ kind: 'literal', json: Buffer.concat([key, jsonBytes(parts.join('')), end]) });
  else fields.push({ kind: 'mixed', key, slot });
}

/** What of a plan is written. */
export function fieldsOf({ system, data }: Plan, selection: Selection): Field[] {
  const fields: Field[] = [];
  for (const slot of system) add(fields, slot, 'system', selection);
  for (const slot of data) add(fields, slot, 'data', selection);
  return fields;
}
