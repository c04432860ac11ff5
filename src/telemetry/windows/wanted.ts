import type { Wanted, WantedField } from '../../evtx/index.js';
import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import { xmlEventShape } from '../xml/shape.js';
import { products } from './events.js';

const kindField = '#kind';
const keys = new Map<string, string>();

/** What a field is called in the lines that the EVTX room writes: short, and never the same as another but for its case. */
function keyOf(part: string, name: string): string {
  const field = `${part}/${name}`;
  const key = keys.get(field) ?? `f${String(keys.size)}`;
  keys.set(field, key);
  return key;
}

/** Events as the EVTX room writes them: one flat object, with the kind told already. */
export const evtxShape: JsonShape = {
  ...xmlEventShape,
  paths: (name) => {
    if (name === kindField) return [['kind']];
    return xmlEventShape.paths(name).map(([part = '', key]) => [key === undefined ? part : keyOf(part, key)]);
  },
  kind: (field) => field(kindField),
};

/** A field that notes where it lies. */
function noting(noted: Map<string, WantedField>): Field {
  const plain: Field = (name) => {
    for (const [part, key] of xmlEventShape.paths(name)) {
      if ((part === 'system' || part === 'data') && key !== undefined)
        noted.set(`${part}/${key}`, { part, name: key, key: keyOf(part, key) });
    }
    return 'NULL';
  };
  return (name) => evtxShape.derive?.(name, plain) ?? plain(name);
}

/** The events, and of each the fields, that the model's mappings ask for. */
export function wantedEvents(): Wanted {
  const kinds = new Map<string, Map<string, WantedField>>();
  for (const { kinds: names, columns, unneeded } of evtxShape.mappings) {
    for (const kind of names) {
      const noted = kinds.get(kind) ?? new Map<string, WantedField>();
      kinds.set(kind, noted);
      const field = noting(noted);
      columns(field);
      unneeded?.(field);
      evtxShape.identity(field);
    }
  }
  return {
    products: products.map(([provider, channel, module]) => ({ provider, channel, module })),
    kinds: Object.fromEntries([...kinds].map(([kind, noted]) => [kind, [...noted.values()]])),
  };
}
