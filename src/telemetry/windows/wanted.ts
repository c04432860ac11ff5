import type { Wanted, WantedFields } from '../../evtx/index.js';
import type { Field } from '../sql/mapping.js';
import { xmlEventShape } from '../xml/shape.js';
import { products } from './events.js';

interface Names {
  readonly system: Set<string>;
  readonly data: Set<string>;
}

/** A field that notes where it lies in `{ system, data }`. */
function noting({ system, data }: Names): Field {
  const plain: Field = (name) => {
    for (const [part, key = ''] of xmlEventShape.paths(name)) {
      if (part === 'system') system.add(key);
      if (part === 'data') data.add(key);
    }
    return 'NULL';
  };
  return (name) => xmlEventShape.derive?.(name, plain) ?? plain(name);
}

/** The events, and of each the fields, that the model's mappings ask for. */
export function wantedEvents(): Wanted {
  const kinds = new Map<string, Names>();
  for (const { kinds: names, columns } of xmlEventShape.mappings) {
    for (const kind of names) {
      const found = kinds.get(kind) ?? { system: new Set(), data: new Set() };
      kinds.set(kind, found);
      const field = noting(found);
      columns(field);
      xmlEventShape.kind(field);
      xmlEventShape.identity(field);
    }
  }
  const fields = (names: Names): WantedFields => ({ system: [...names.system], data: [...names.data] });
  return {
    products: products.map(([provider, channel, module]) => ({ provider, channel, module })),
    kinds: Object.fromEntries([...kinds].map(([kind, names]) => [kind, fields(names)])),
  };
}
