import { Damage } from './damage.js';
import { utf16, type Names } from './names.js';

/** The place of a value in a template. */
export interface Substitution {
  readonly index: number;
  /** Without a value, what it stands in is left out. */
  readonly optional: boolean;
}
export type Part = string | Substitution;

/** An element of a template: its text and attributes are literals and places of values. */
export interface Element {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly parts: readonly Part[] }[];
  readonly children: readonly (Element | Part)[];
}

export const isElement = (node: Element | Part): node is Element =>
  typeof node === 'object' && 'name' in node;

/** Tokens of binary XML; bit 6 says that more follows of the same. MS-EVEN6, section 2.2.12. */
const token = {
  end: 0x00,
  openStart: 0x01,
  closeStart: 0x02,
  closeEmpty: 0x03,
  endElement: 0x04,
  value: 0x05,
  attribute: 0x06,
  cdata: 0x07,
  charReference: 0x08,
  entityReference: 0x09,
  instructionTarget: 0x0a,
  instructionData: 0x0b,
  template: 0x0c,
  substitution: 0x0d,
  optional: 0x0e,
  fragment: 0x0f,
} as const;
export const templateToken = token.template;

const deepest = 64;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** What the parser reads from. */
export interface Source {
  readonly chunk: Buffer;
  readonly view: DataView;
  readonly names: Names;
}

interface Open {
  readonly name: string;
  readonly attributes: { name: string; parts: Part[] }[];
  readonly children: (Element | Part)[];
  /** Whether the start tag is still open: values belong to its last attribute. */
  starting: boolean;
}

/** Position after fragment headers (token, major, minor, flags). */
export function afterHeaders(view: DataView, at: number): number {
  let position = at;
  while (view.getUint8(position) === token.fragment) position += 4;
  return position;
}

/**
 * Parses binary XML from `at` to its end token or `end`.
 * @param dependency whether elements name a dependency (2 bytes): those of a template do, those inside a value do not.
 * @throws Damage or RangeError.
 */
export function parseTree(source: Source, at: number, end: number, dependency: boolean): (Element | Part)[] {
  const { chunk, view, names } = source;
  const roots: (Element | Part)[] = [];
  const open: Open[] = [];
  let position = at;
  /** Where text goes: an attribute, an element, or the outermost level. */
  const target = (): (Element | Part)[] => {
    const top = open.at(-1);
    if (top === undefined) return roots;
    return (top.starting ? top.attributes.at(-1)?.parts : undefined) ?? top.children;
  };
  const close = (): void => {
    const done = open.pop();
    if (done === undefined) throw new Damage('an element ends that did not start');
    (open.at(-1)?.children ?? roots).push(done);
  };
  const text = (header: number): void => {
    const characters = view.getUint16(position + header, true);
    target().push(utf16(chunk, position + header + 2, characters));
    position += header + 2 + characters * 2;
  };
  while (position < end) {
    const byte = view.getUint8(position);
    const more = (byte & 0x40) !== 0;
    switch (byte & 0xbf) {
      case token.end:
        if (open.length > 0) throw new Damage('binary XML ends inside an element');
        return roots;
      case token.fragment:
        position += 4;
        break;
      case token.openStart: {
        if (open.length >= deepest) throw new Damage(`elements are nested more than ${String(deepest)} deep`);
        // Token, dependency, size of the element's data, name, size of the attributes.
        const name = names.read(position + (dependency ? 7 : 5));
        position = name.next + (more ? 4 : 0);
        open.push({ name: name.text, attributes: [], children: [], starting: true });
        break;
      }
      case token.attribute: {
        const name = names.read(position + 1);
        position = name.next;
        const top = open.at(-1);
        if (top?.starting !== true) throw new Damage('an attribute stands outside of a start tag');
        top.attributes.push({ name: name.text, parts: [] });
        break;
      }
      case token.closeStart: {
        const top = open.at(-1);
        if (top === undefined) throw new Damage('a start tag ends that did not start');
        top.starting = false;
        position += 1;
        break;
      }
      case token.closeEmpty:
      case token.endElement:
        close();
        position += 1;
        break;
      case token.value:
        if (view.getUint8(position + 1) !== 1) throw new Damage('a literal is no text');
        text(2);
        break;
      case token.cdata:
        text(1);
        break;
      case token.charReference:
        target().push(String.fromCharCode(view.getUint16(position + 1, true)));
        position += 3;
        break;
      case token.entityReference: {
        const name = names.read(position + 1);
        position = name.next;
        target().push(entities[name.text] ?? `&${name.text};`);
        break;
      }
      case token.instructionTarget:
        position = names.read(position + 1).next;
        break;
      case token.instructionData:
        position += 3 + view.getUint16(position + 1, true) * 2;
        break;
      case token.substitution:
      case token.optional:
        target().push({
          index: view.getUint16(position + 1, true),
          optional: (byte & 0xbf) === token.optional,
        });
        position += 4;
        break;
      default:
        throw new Damage(`0x${byte.toString(16)} is no token of binary XML`);
    }
  }
  if (open.length > 0) throw new Damage('binary XML ends inside an element');
  return roots;
}
