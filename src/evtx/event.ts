import { Damage } from './damage.js';
import { fieldsOf, type Field } from './fields.js';
import { Templates, type Instance } from './instance.js';
import { arrayItems } from './items.js';
import type { Decide, Decision, Selection } from './kind.js';
import type { Out } from './out.js';
import type { HeadName, Place, Plan, Slot } from './plan.js';
import { headText, valueType, writeValue } from './values.js';

const arrayBit = 0x80;
/** Windows' own events have some tens. */
const mostNameless = 4096;
const quote = 0x22;
const lineStart = Buffer.from('{"line":');
const lineEnd = Buffer.from('}\n');

/** Reads the records of one chunk. */
export class Events {
  readonly #chunk: Buffer;
  readonly #view: DataView;
  readonly #templates: Templates;
  readonly #instances: readonly Instance[];
  readonly #fields = new Map<Plan, Map<Selection, Field[]>>();
  #loaded = 0;
  #nameless = 0;

  /** @param instances memory that chunks use one after the other. */
  constructor(chunk: Buffer, instances: readonly Instance[]) {
    this.#chunk = chunk;
    this.#view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#templates = new Templates(chunk, this.#view);
    this.#instances = instances;
  }

  /**
   * Reads the record whose binary XML goes from `at` to `end`, and writes it as a line of JSON if it is wanted.
   * @throws Damage or RangeError; what was written meanwhile has to be taken back.
   */
  read(at: number, end: number, offset: number, out: Out, decide: Decide): Decision {
    this.#loaded = 0;
    this.#load(at, end, 'document', false);
    let id = this.#head('EventID');
    if (id === '') {
      // The System part is in a value itself.
      this.#loadNested();
      id = this.#head('EventID');
      if (id === '') throw new Damage('the event has no event id');
    }
    const decision = decide(this.#head('Provider.Name'), this.#head('Channel'), id);
    const { json, selection } = decision;
    if (selection === undefined) return decision;
    if (this.#loaded === 1) this.#loadNested();
    out.raw(lineStart);
    out.decimal(offset);
    out.raw(json);
    this.#nameless = 0;
    for (let each = 0; each < this.#loaded; each += 1) {
      const instance = this.#instances[each];
      if (instance !== undefined) this.#write(instance, selection, out);
    }
    out.raw(lineEnd);
    return decision;
  }

  #load(at: number, end: number, place: Place, inValue: boolean): void {
    const instance = this.#instances[this.#loaded];
    if (instance === undefined) throw new Damage('binary XML is nested too deep');
    this.#loaded += 1;
    this.#templates.load(instance, at, end, place, inValue);
  }

  /** Values that hold binary XML, and those inside them. */
  #loadNested(): void {
    for (let each = 0; each < this.#loaded; each += 1) {
      const instance = this.#instances[each];
      for (const { index, place } of instance?.plan.nested ?? []) {
        if (instance?.typeOf(index) !== valueType.binaryXml) continue;
        const offset = instance.offsets[index] ?? 0;
        const size = instance.sizes[index] ?? 0;
        if (size > 0) this.#load(offset, offset + size, place, true);
      }
    }
  }

  /** The text of a field of the System part that tells the kind of event, or '' where there is none. */
  #head(name: HeadName): string {
    for (let each = 0; each < this.#loaded; each += 1) {
      const instance = this.#instances[each];
      const slot = instance?.plan.head[name];
      if (instance === undefined || slot === undefined) continue;
      const [only] = slot.parts;
      if (slot.parts.length === 1 && typeof only === 'string') return only;
      return slot.parts
        .map((part) => (typeof part === 'string' ? part : this.#headPart(instance, part.index)))
        .join('')
        .trim();
    }
    return '';
  }

  #headPart(instance: Instance, index: number): string {
    const [at, size] = [instance.offsets[index] ?? 0, instance.sizes[index] ?? 0];
    return headText(this.#chunk, this.#view, instance.typeOf(index), at, size);
  }

  #selected(plan: Plan, selection: Selection): Field[] {
    const bySelection = this.#fields.get(plan) ?? new Map<Selection, Field[]>();
    const known = bySelection.get(selection);
    if (known !== undefined) return known;
    const fields = fieldsOf(plan, selection);
    this.#fields.set(plan, bySelection.set(selection, fields));
    return fields;
  }

  #write(instance: Instance, selection: Selection, out: Out): void {
    for (const field of this.#selected(instance.plan, selection)) {
      if (field.kind === 'value') this.#value(instance, field.index, field.optional, field.key, out);
      else if (field.kind === 'literal') out.raw(field.json);
      else if (field.kind === 'mixed') this.#mixed(instance, field.slot, field.key, out);
      else this.#namelessField(instance, field.slot, selection, out);
    }
  }

  #value(instance: Instance, index: number, optional: boolean, key: Buffer, out: Out): void {
    const type = instance.typeOf(index);
    const size = type === valueType.none ? 0 : (instance.sizes[index] ?? 0);
    if (size === 0 && optional) return;
    const at = instance.offsets[index] ?? 0;
    if ((type & arrayBit) === 0) {
      this.#text(type, at, size, key, out);
      return;
    }
    // Windows writes an element for every item; of several with one name, the last holds.
    for (const [offset, length] of arrayItems(this.#view, type & ~arrayBit, at, size).slice(-1))
      this.#text(type & ~arrayBit, offset, length, key, out);
  }

  #text(type: number, at: number, size: number, key: Buffer, out: Out): void {
    out.raw(key);
    if (size > 0) writeValue(out, this.#chunk, this.#view, type, at, size);
    out.byte(quote);
  }

  #mixed(instance: Instance, { parts }: Slot, key: Buffer, out: Out): void {
    out.raw(key);
    for (const part of parts) {
      if (typeof part === 'string') out.text(part);
      else {
        const [type, size] = [instance.typeOf(part.index), instance.sizes[part.index] ?? 0];
        const at = instance.offsets[part.index] ?? 0;
        if (type !== valueType.none) writeValue(out, this.#chunk, this.#view, type, at, size);
      }
    }
    out.byte(quote);
  }

  /** A value without a name; each item of an array is one. */
  #namelessField(instance: Instance, slot: Slot, selection: Selection, out: Out): void {
    const next = (): Buffer | undefined => {
      this.#nameless += 1;
      if (this.#nameless > mostNameless)
        throw new Damage(`more than ${String(mostNameless)} values without a name`);
      return selection.opened('data', `param${String(this.#nameless)}`);
    };
    const [only] = slot.parts;
    const type = typeof only === 'object' ? instance.typeOf(only.index) : 0;
    if (slot.parts.length !== 1 || typeof only !== 'object' || (type & arrayBit) === 0) {
      const missing = typeof only === 'object' && only.optional && type === valueType.none;
      const key = missing ? undefined : next();
      if (key !== undefined) this.#mixed(instance, slot, key, out);
      return;
    }
    const [at, size] = [instance.offsets[only.index] ?? 0, instance.sizes[only.index] ?? 0];
    for (const [offset, length] of arrayItems(this.#view, type & ~arrayBit, at, size)) {
      const key = next();
      if (key !== undefined) this.#text(type & ~arrayBit, offset, length, key, out);
    }
  }
}
