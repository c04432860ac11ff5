import { isElement, type Element, type Part } from './tree.js';

/** Where in an event a piece of binary XML stands. */
export type Place = 'document' | 'Event' | 'EventData' | 'UserData' | 'UserDataBody';

/** One field of an event: its name, and what its text is made of. */
export interface Slot {
  /** undefined: a value without a name, which is counted (param1, param2, …). */
  readonly name: string | undefined;
  readonly parts: readonly Part[];
}

export type HeadName = 'EventID' | 'Provider.Name' | 'Channel';

/** A template, reduced to the fields of an event. */
export interface Plan {
  /** What tells the kind of event. */
  readonly head: Readonly<Record<HeadName, Slot | undefined>>;
  readonly system: readonly Slot[];
  readonly data: readonly Slot[];
  /** Values that hold binary XML, and where it belongs. */
  readonly nested: readonly { readonly index: number; readonly place: Place }[];
}

const partsOf = (element: Element): Part[] =>
  element.children.filter((child): child is Part => !isElement(child));

/** Fields of the same name: the last one holds. */
function unique(slots: readonly Slot[]): Slot[] {
  const last = new Map(slots.map((slot) => [slot.name, slot]));
  return slots.filter((slot) => slot.name === undefined || last.get(slot.name) === slot);
}

/** Finds an event's fields in a tree that stands at `place`. Elements outside of System and EventData are left out. */
export function planOf(roots: readonly (Element | Part)[], place: Place): Plan {
  const system: Slot[] = [];
  const data: Slot[] = [];
  const nested: { index: number; place: Place }[] = [];
  const eventData = (element: Element): void => {
    if (element.name !== 'Data') return;
    const name = element.attributes.find((attribute) => attribute.name === 'Name');
    // A name that is itself a value is not known here: no manifest has such.
    const text =
      name?.parts.every((part) => typeof part === 'string') === true ? name.parts.join('') : undefined;
    data.push({ name: text, parts: partsOf(element) });
  };
  const systemPart = (element: Element): void => {
    for (const { name, parts } of element.attributes) system.push({ name: `${element.name}.${name}`, parts });
    const parts = partsOf(element);
    if (parts.length > 0) system.push({ name: element.name, parts });
  };
  const below: Readonly<Record<Place, (element: Element) => void>> = {
    document: ({ name, children }) => {
      if (name === 'Event') walk(children, 'Event');
    },
    Event: ({ name, children }) => {
      if (name === 'System') for (const child of children.filter(isElement)) systemPart(child);
      if (name === 'EventData' || name === 'UserData') walk(children, name);
    },
    EventData: eventData,
    // One element of the provider's own, whose elements are the fields.
    UserData: ({ children }) => {
      walk(children, 'UserDataBody');
    },
    UserDataBody: (element) => data.push({ name: element.name, parts: partsOf(element) }),
  };
  const walk = (nodes: readonly (Element | Part)[], at: Place): void => {
    for (const node of nodes) {
      if (isElement(node)) below[at](node);
      else if (typeof node === 'object') nested.push({ index: node.index, place: at });
    }
  };
  walk(roots, place);
  const named = (name: HeadName): Slot | undefined => system.find((slot) => slot.name === name);
  const head = {
    EventID: named('EventID'),
    'Provider.Name': named('Provider.Name'),
    Channel: named('Channel'),
  };
  return { head, system: unique(system), data: unique(data), nested };
}

/** Of a record that holds nothing. */
export const emptyPlan: Plan = planOf([], 'document');
