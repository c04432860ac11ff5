import { Damage } from './damage.js';
import { Instance, Templates } from './instance.js';
import type { Decision, Selection } from './kind.js';
import { jsonBytes, type Out } from './out.js';
import type { Place, Plan, Slot } from './plan.js';
import { itemSize, valueText, valueType, writeValue } from './values.js';

/** Binary XML inside values inside values: Windows needs two levels. */
const mostInstances = 32;
const arrayBit = 0x80;

const pieces = {
  line: Buffer.from('{"line":'),
  system: Buffer.from(',"system":{'),
  data: Buffer.from('},"data":{'),
  end: Buffer.from('}}\n'),
};

/** A field that is written: its key as JSON, and its text: one substitution, or literals and substitutions. */
interface Field {
  readonly key: Buffer | undefined;
  readonly slot: Slot;
}

interface Fields {
  readonly system: readonly Field[];
  readonly data: readonly Field[];
}

const isWanted = (names: ReadonlySet<string> | undefined, name: string | undefined): boolean =>
  // Values without a name are called param1, param2, …
  names === undefined || names.has(name ?? 'param1');

function fieldsOf(plan: Plan, selection: Selection): Fields {
  const pick = (slots: readonly Slot[], names: ReadonlySet<string> | undefined): Field[] =>
    slots
      .filter(({ name }) => isWanted(names, name))
      .map((slot) => ({
        key:
          slot.name === undefined
            ? undefined
            : Buffer.concat([Buffer.from('"'), jsonBytes(slot.name), Buffer.from('":"')]),
        slot,
      }));
  return { system: pick(plan.system, selection.system), data: pick(plan.data, selection.data) };
}

/** Reads the records of one chunk. */
export class Events {
  readonly #chunk: Buffer;
  readonly #view: DataView;
  readonly #templates: Templates;
  readonly #instances: Instance[] = [];
  readonly #fields = new Map<Plan, Map<Selection, Fields>>();
  #loaded = 0;
  #first = true;
  #nameless = 0;

  constructor(chunk: Buffer) {
    this.#chunk = chunk;
    this.#view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#templates = new Templates(chunk, this.#view);
  }

  /**
   * Reads the record whose binary XML goes from `at` to `end`, and writes it as a line of JSON, `{ line, system, data }`, if it is
   * wanted. @throws Damage or RangeError; what was written meanwhile has to be taken back.
   */
  read(
    at: number,
    end: number,
    offset: number,
    out: Out,
    decide: (provider: string, channel: string, id: string) => Decision,
  ): Decision {
    this.#loaded = 0;
    this.#load(at, end, 'document', false);
    let id = this.#systemText('EventID');
    if (id === '') {
      // The System part is in a value itself.
      this.#loadNested(0);
      id = this.#systemText('EventID');
      if (id === '') throw new Damage('the event has no event id');
    }
    const decision = decide(this.#systemText('Provider.Name'), this.#systemText('Channel'), id);
    if (decision.selection === undefined) return decision;
    if (this.#loaded === 1) this.#loadNested(0);
    this.#write(offset, out, decision.selection);
    return decision;
  }

  #load(at: number, end: number, place: Place, inValue: boolean): void {
    if (this.#loaded >= mostInstances) throw new Damage('binary XML is nested too deep');
    const instance = (this.#instances[this.#loaded] ??= new Instance());
    this.#loaded += 1;
    this.#templates.load(instance, at, end, place, inValue);
  }

  /** Values that hold binary XML, and those inside them. */
  #loadNested(from: number): void {
    for (let at = from; at < this.#loaded; at += 1) {
      const instance = this.#instances[at];
      for (const { index, place } of instance?.plan.nested ?? []) {
        const offset = instance?.offsets[index] ?? 0;
        const size = instance?.sizes[index] ?? 0;
        if (instance === undefined || index >= instance.count || size === 0) continue;
        if (instance.types[index] === valueType.binaryXml) this.#load(offset, offset + size, place, true);
      }
    }
  }

  /** The text of a field of the System part, or '' where there is none. */
  #systemText(name: string): string {
    for (let at = 0; at < this.#loaded; at += 1) {
      const instance = this.#instances[at];
      const slot = instance?.plan.system.find((candidate) => candidate.name === name);
      if (instance !== undefined && slot !== undefined) return this.#text(instance, slot).trim();
    }
    return '';
  }

  #text(instance: Instance, { parts }: Slot): string {
    let text = '';
    for (const part of parts) {
      if (typeof part === 'string') text += part;
      else if (part.index < instance.count) {
        const type = instance.types[part.index] ?? 0;
        const [at, size] = [instance.offsets[part.index] ?? 0, instance.sizes[part.index] ?? 0];
        text += valueText(this.#chunk, this.#view, type, at, size);
      }
    }
    return text;
  }

  #selected(plan: Plan, selection: Selection): Fields {
    const bySelection = this.#fields.get(plan) ?? new Map<Selection, Fields>();
    const known = bySelection.get(selection);
    if (known !== undefined) return known;
    const fields = fieldsOf(plan, selection);
    this.#fields.set(plan, bySelection.set(selection, fields));
    return fields;
  }

  #write(offset: number, out: Out, selection: Selection): void {
    out.raw(pieces.line);
    out.ascii(String(offset));
    out.raw(pieces.system);
    this.#first = true;
    this.#nameless = 0;
    for (let at = 0; at < this.#loaded; at += 1) {
      const instance = this.#instances[at];
      if (instance === undefined) continue;
      for (const field of this.#selected(instance.plan, selection).system) this.#field(instance, field, out);
    }
    out.raw(pieces.data);
    this.#first = true;
    for (let at = 0; at < this.#loaded; at += 1) {
      const instance = this.#instances[at];
      if (instance === undefined) continue;
      for (const field of this.#selected(instance.plan, selection).data) this.#field(instance, field, out);
    }
    out.raw(pieces.end);
  }

  #key(key: Buffer | undefined, out: Out): void {
    if (!this.#first) out.ascii(',');
    this.#first = false;
    if (key !== undefined) out.raw(key);
    else {
      this.#nameless += 1;
      out.ascii(`"param${String(this.#nameless)}":"`);
    }
  }

  #field(instance: Instance, { key, slot }: Field, out: Out): void {
    const [part] = slot.parts;
    if (slot.parts.length === 1 && typeof part === 'object') {
      const { index, optional } = part;
      const present = index < instance.count;
      const type = present ? (instance.types[index] ?? 0) : 0;
      const size = present ? (instance.sizes[index] ?? 0) : 0;
      const empty = type === valueType.none || size === 0;
      if (empty && optional) return;
      const at = instance.offsets[index] ?? 0;
      if ((type & arrayBit) !== 0 && !empty) {
        this.#array(key, type & ~arrayBit, at, size, out);
        return;
      }
      this.#key(key, out);
      if (present) writeValue(out, this.#chunk, this.#view, type, at, size);
    } else {
      this.#key(key, out);
      out.text(this.#text(instance, slot));
    }
    out.ascii('"');
  }

  /** Windows writes an element for every item of an array: without a name, each is one; with a name, the last one holds. */
  #array(key: Buffer | undefined, type: number, at: number, size: number, out: Out): void {
    const items = this.#items(type, at, size);
    for (const [offset, length] of key === undefined ? items : items.slice(-1)) {
      this.#key(key, out);
      writeValue(out, this.#chunk, this.#view, type, offset, length);
      out.ascii('"');
    }
  }

  /** Places of an array's items; texts end with NUL. */
  #items(type: number, at: number, size: number): [offset: number, size: number][] {
    const items: [number, number][] = [];
    const end = at + size;
    const fixed = itemSize(type);
    if (fixed !== undefined) {
      for (let from = at; from + fixed <= end; from += fixed) items.push([from, fixed]);
      return items;
    }
    if (type !== valueType.string) throw new Damage(`an array of type 0x${type.toString(16)}`);
    let from = at;
    for (let position = at; position + 1 < end; position += 2) {
      if (this.#view.getUint16(position, true) !== 0) continue;
      items.push([from, position - from]);
      from = position + 2;
    }
    if (from + 1 < end) items.push([from, end - from]);
    return items;
  }
}
