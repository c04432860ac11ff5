import { Damage } from './damage.js';

/** A chunk's names and literals are UTF-16 in little-endian order. */
export const utf16 = (chunk: Buffer, at: number, characters: number): string => {
  const end = at + characters * 2;
  if (end > chunk.length) throw new Damage('a text leads out of the chunk');
  return chunk.toString('utf16le', at, end);
};

const longestName = 1024;

/** A name, and where the next token stands. */
export interface Name {
  readonly text: string;
  readonly next: number;
}

/** Names of elements and attributes lie in the chunk once, where they are used first; later uses point there. */
export class Names {
  readonly #chunk: Buffer;
  readonly #view: DataView;
  readonly #known = new Map<number, string>();

  constructor(chunk: Buffer, view: DataView) {
    this.#chunk = chunk;
    this.#view = view;
  }

  /** @param at of the offset of the name. @throws Damage or RangeError. */
  read(at: number): Name {
    const offset = this.#view.getUint32(at, true);
    const after = at + 4;
    // Next name with the same hash (4), hash (2), number of characters (2), characters, NUL.
    const characters = this.#view.getUint16(offset + 6, true);
    let text = this.#known.get(offset);
    if (text === undefined) {
      if (characters > longestName) throw new Damage('a name is longer than any name');
      text = utf16(this.#chunk, offset + 8, characters);
      this.#known.set(offset, text);
    }
    return { text, next: offset === after ? after + 10 + characters * 2 : after };
  }
}
