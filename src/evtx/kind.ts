import { jsonBytes } from './out.js';
import type { Part, Product, Wanted, WantedField } from './types.js';

/** The keys under which fields are written. */
export interface Selection {
  /** `,"<key>":"`; undefined: the field is not wanted. */
  opened(part: Part, name: string): Buffer | undefined;
  /** Whether values without a name are wanted. */
  readonly nameless: boolean;
}

/** What is done with an event: its kind, and its selection unless nobody wants it. */
export interface Decision {
  readonly kind: string;
  /** `,"kind":"…"`. */
  readonly json: Buffer;
  readonly selection: Selection | undefined;
}

export type Decide = (provider: string, channel: string, id: string) => Decision;

const absent = (text: string): boolean => text === '' || text === '-';
/** Characters, not UTF-16 units. */
const head = (text: string, length: number): string => Array.from(text).slice(0, length).join('');

/** `<module> <event id>`; the provider's or the channel's name where no product has it. */
export function kindOf(products: readonly Product[], provider: string, channel: string, id: string): string {
  const named = absent(provider)
    ? products.find((product) => product.channel.toLowerCase() === channel.toLowerCase())
    : products.find((product) => product.provider.toLowerCase() === provider.toLowerCase());
  const other = absent(provider) ? (absent(channel) ? 'windows' : channel) : provider;
  return `${named?.module ?? head(other, 80).toLowerCase().replaceAll(' ', '-')} ${head(id, 12)}`;
}

const openedKey = (key: string): Buffer =>
  Buffer.concat([Buffer.from(',"'), jsonBytes(key), Buffer.from('":"')]);

const everything: Selection = { opened: (part, name) => openedKey(`${part}/${name}`), nameless: true };

function selectionOf(fields: readonly WantedField[]): Selection {
  const keysOf = (wanted: Part): Map<string, Buffer> =>
    new Map(fields.filter(({ part }) => part === wanted).map(({ name, key }) => [name, openedKey(key)]));
  const keys = { system: keysOf('system'), data: keysOf('data') };
  return {
    opened: (part, name) => keys[part].get(name),
    nameless: [...keys.data.keys()].some((name) => /^param\d+$/.test(name)),
  };
}

const remembered = 10_000;

/** Decides by provider, channel and event id, and remembers. */
export function deciderOf({ products, kinds }: Wanted): Decide {
  const selections =
    kinds === 'all'
      ? undefined
      : new Map(Object.entries(kinds).map(([kind, fields]) => [kind, selectionOf(fields)]));
  let known = new Map<string, Map<string, Map<string, Decision>>>();
  let count = 0;
  return (provider, channel, id) => {
    const found = known.get(provider)?.get(channel)?.get(id);
    if (found !== undefined) return found;
    const kind = kindOf(products, provider, channel, id);
    const selection = selections === undefined ? everything : selections.get(kind);
    const json = Buffer.concat([Buffer.from(',"kind":"'), jsonBytes(kind), Buffer.from('"')]);
    const decision: Decision = { kind, json, selection };
    // Damaged files may name a new provider in every record.
    count += 1;
    if (count % remembered === 0) known = new Map();
    const channels = known.get(provider) ?? new Map<string, Map<string, Decision>>();
    const ids = channels.get(channel) ?? new Map<string, Decision>();
    known.set(provider, channels.set(channel, ids.set(id, decision)));
    return decision;
  };
}
