import { InputError } from './errors.js';
import { nearest } from './nearest.js';

/** One typed map per kind of adapter. Names, their type and the help text cannot drift apart. */
export interface Registry<Name extends string, Adapter> {
  readonly kind: string;
  readonly names: readonly Name[];
  has(name: string): name is Name;
  /** @throws InputError that lists the known names. */
  get(name: string): Adapter;
  entries(): readonly (readonly [Name, Adapter])[];
}

/** @param kind what an adapter is called in error messages, for example `reporter`. */
export function registry<Name extends string, Adapter>(
  kind: string,
  adapters: Readonly<Record<Name, Adapter>>,
): Registry<Name, Adapter> {
  const map = new Map(Object.entries(adapters) as [Name, Adapter][]);
  const names = [...map.keys()];
  return {
    kind,
    names,
    has: (name): name is Name => map.has(name as Name),
    get(name) {
      const adapter = map.get(name as Name);
      if (adapter !== undefined) return adapter;
      const close = nearest(name, names);
      throw new InputError({
        code: `unknown-${kind.replaceAll(' ', '-')}`,
        message: `unknown ${kind} "${name}"; known: ${names.join(', ')}`,
        ...(close === undefined ? {} : { remedy: `did you mean "${close}"?` }),
      });
    },
    entries: () => [...map.entries()],
  };
}
