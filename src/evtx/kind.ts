import type { Product, Wanted, WantedFields } from './types.js';

/** Fields of an event that are written; undefined: all of them. */
export interface Selection {
  readonly system: ReadonlySet<string> | undefined;
  readonly data: ReadonlySet<string> | undefined;
}

/** What is done with an event: its kind, and its selection unless nobody wants it. */
export interface Decision {
  readonly kind: string;
  readonly selection: Selection | undefined;
}

const absent = (text: string): boolean => text === '' || text === '-';

/** `<module> <event id>`; the provider's or the channel's name where no product has it. */
export function kindOf(products: readonly Product[], provider: string, channel: string, id: string): string {
  const named = absent(provider)
    ? products.find((product) => product.channel.toLowerCase() === channel.toLowerCase())
    : products.find((product) => product.provider.toLowerCase() === provider.toLowerCase());
  const other = absent(provider) ? (absent(channel) ? 'windows' : channel) : provider;
  // Characters, not UTF-16 units.
  const head = Array.from(other).slice(0, 80).join('').toLowerCase().replaceAll(' ', '-');
  return `${named?.module ?? head} ${Array.from(id).slice(0, 12).join('')}`;
}

const remembered = 10_000;

/** Decides by provider, channel and event id, and remembers. */
export function deciderOf({
  products,
  kinds,
}: Wanted): (provider: string, channel: string, id: string) => Decision {
  const selected = ({ system, data }: WantedFields): Selection => ({
    system: new Set(system),
    data: new Set(data),
  });
  const everything: Selection = { system: undefined, data: undefined };
  const selections =
    kinds === 'all'
      ? undefined
      : new Map(Object.entries(kinds).map(([kind, fields]) => [kind, selected(fields)]));
  const known = new Map<string, Decision>();
  return (provider, channel, id) => {
    const key = `${provider}\n${channel}\n${id}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const kind = kindOf(products, provider, channel, id);
    const selection = selections === undefined ? everything : selections.get(kind);
    const decision = { kind, selection };
    // Damaged files may name a new provider in every record.
    if (known.size >= remembered) known.clear();
    known.set(key, decision);
    return decision;
  };
}
