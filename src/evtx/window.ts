import { closeSync, openSync, readSync } from 'node:fs';

/** Bytes in their order. */
export interface Bytes {
  /** Fills the buffer as far as there is something. @returns how many bytes; 0 at the end. */
  next(into: Buffer): number | Promise<number>;
}

/** A file from `start` on, by positioned reads of a megabyte: so short that waiting for them costs less than asking for a promise. */
export function fileBytes(path: string, start: number): Bytes & { close(): void } {
  const file = openSync(path, 'r');
  let position = start;
  return {
    next: (into) => {
      const bytesRead = readSync(file, into, 0, into.length, position);
      position += bytesRead;
      return bytesRead;
    },
    close: () => {
      closeSync(file);
    },
  };
}

/** What an iterator gives, for input that is packed. */
export function streamBytes(chunks: AsyncIterator<Buffer>): Bytes {
  let rest: Buffer = Buffer.alloc(0);
  return {
    next: async (into) => {
      while (rest.length === 0) {
        const next = await chunks.next();
        if (next.done === true) return 0;
        rest = next.value;
      }
      const taken = rest.copy(into);
      rest = rest.subarray(taken);
      return taken;
    },
  };
}

const capacity = 1 << 20;

/** A view that moves over bytes, forwards only, in constant memory. */
export class Window {
  readonly #bytes: Bytes;
  readonly #buffer = Buffer.alloc(capacity);
  /** Offset of the buffer's first byte. */
  #start: number;
  #length = 0;
  #ended = false;

  /** @param start offset of the first byte that `bytes` gives. */
  constructor(bytes: Bytes, start: number) {
    this.#bytes = bytes;
    this.#start = start;
  }

  /** Bytes from `offset` on, fewer than `length` (at most 128 KiB) only at the end. They are valid until the next call. */
  async at(offset: number, length: number): Promise<Buffer> {
    let from = offset - this.#start;
    if (from + length > this.#length && !this.#ended) {
      const kept = Math.min(from, this.#length);
      this.#buffer.copyWithin(0, kept, this.#length);
      this.#length -= kept;
      this.#start += kept;
      from -= kept;
      await this.#fill();
    }
    return this.#buffer.subarray(from, Math.min(from + length, this.#length));
  }

  async #fill(): Promise<void> {
    while (this.#length < this.#buffer.length) {
      const taken = await this.#bytes.next(this.#buffer.subarray(this.#length));
      if (taken === 0) {
        this.#ended = true;
        return;
      }
      this.#length += taken;
    }
  }
}
