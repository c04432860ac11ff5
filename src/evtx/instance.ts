import { Damage } from './damage.js';
import { Names } from './names.js';
import { emptyPlan, planOf, type Place, type Plan } from './plan.js';
import { afterHeaders, parseTree, templateToken, type Source } from './tree.js';

/** Pieces of binary XML in a record, one in a value of the other: Windows needs two. */
export const mostInstances = 32;

/** A piece of binary XML in a record: a plan, and where the values of this record lie. */
export class Instance {
  plan: Plan = emptyPlan;
  count = 0;
  types = new Uint8Array(256);
  offsets = new Uint32Array(256);
  sizes = new Uint16Array(256);

  /** The type of a value; none where the record has no such value. */
  typeOf(index: number): number {
    return index < this.count ? (this.types[index] ?? 0) : 0;
  }

  /** Takes the descriptors (size 2, type 1, filler 1) and the places of the values. */
  values(view: DataView, at: number, end: number): void {
    const count = view.getUint32(at, true);
    let offset = at + 4 + count * 4;
    if (offset > end) throw new Damage('the record has more values than bytes');
    if (count > this.types.length) {
      this.types = new Uint8Array(count * 2);
      this.offsets = new Uint32Array(count * 2);
      this.sizes = new Uint16Array(count * 2);
    }
    const { types, offsets, sizes } = this;
    let descriptor = at + 4;
    for (let index = 0; index < count; index += 1) {
      const size = view.getUint16(descriptor, true);
      types[index] = view.getUint8(descriptor + 2);
      sizes[index] = size;
      offsets[index] = offset;
      offset += size;
      descriptor += 4;
    }
    if (offset > end) throw new Damage('the values of the record lead out of it');
    this.count = count;
  }
}

const places: readonly Place[] = ['document', 'Event', 'EventData', 'UserData', 'UserDataBody'];
/** Bytes of binary XML that are parsed for one chunk: every template of a sound chunk once or twice is at most twice its size. */
const parseBudget = 16 * 64 * 1024;

/** The templates of one chunk: each is parsed once per place where it stands. */
export class Templates {
  readonly #source: Source;
  readonly #plans = new Map<number, Plan | Damage>();
  #budget = parseBudget;

  constructor(chunk: Buffer, view: DataView) {
    this.#source = { chunk, view, names: new Names(chunk, view) };
  }

  #parse(at: number, end: number, dependency: boolean, place: Place): Plan {
    this.#budget -= end - at;
    if (this.#budget < 0) throw new Damage('the templates of the chunk overlap');
    return planOf(parseTree(this.#source, at, end, dependency), place);
  }

  /** The template whose definition (next 4, GUID 16, size 4, binary XML) stands at `offset`. */
  #plan(offset: number, place: Place): Plan {
    const key = offset * places.length + places.indexOf(place);
    const known = this.#plans.get(key);
    if (known instanceof Damage) throw known;
    if (known !== undefined) return known;
    try {
      const { view } = this.#source;
      const end = offset + 24 + view.getUint32(offset + 20, true);
      if (end > view.byteLength) throw new Damage('a template leads out of the chunk');
      const plan = this.#parse(offset + 24, end, true, place);
      this.#plans.set(key, plan);
      return plan;
    } catch (error) {
      if (error instanceof Damage) this.#plans.set(key, error);
      throw error;
    }
  }

  /**
   * Takes the binary XML from `at` to `end` into `instance`.
   * @param inValue whether it is the value of a template.
   * @throws Damage or RangeError.
   */
  load(instance: Instance, at: number, end: number, place: Place, inValue: boolean): void {
    const { view } = this.#source;
    const position = afterHeaders(view, at);
    if (view.getUint8(position) !== templateToken) {
      instance.plan = this.#parse(position, end, !inValue, place);
      instance.count = 0;
      return;
    }
    // Token, filler, id of the template (4), its offset (4); where it is used first, it follows.
    const definition = view.getUint32(position + 6, true);
    const next = position + 10;
    instance.plan = this.#plan(definition, place);
    instance.values(view, definition === next ? next + 24 + view.getUint32(next + 20, true) : next, end);
  }
}
