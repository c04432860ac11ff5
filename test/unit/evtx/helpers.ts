import { convertRange, fileHeaderSize, Window, type Damaged, type Wanted } from '../../../src/evtx/index.js';

/** One record as it comes out of the room. */
export interface Event {
  readonly line: number;
  readonly system: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

export interface Converted {
  readonly events: readonly Event[];
  readonly damaged: readonly Damaged[];
  readonly written: number;
  readonly ignored: Readonly<Record<string, number>>;
  readonly rejected: number;
  readonly bytes: number;
}

export const everything: Wanted = { products: [], kinds: 'all' };

/** Reads a file that lies in memory. */
export async function convert(file: Buffer, wanted: Wanted = everything): Promise<Converted> {
  let position = 0;
  const window = new Window(
    {
      next: (into) => {
        const taken = file.copy(into, 0, position);
        position += taken;
        return Promise.resolve(taken);
      },
      close: () => Promise.resolve(),
    },
    0,
  );
  const texts: string[] = [];
  const damaged: Damaged[] = [];
  const { written, ignored, rejected } = await convertRange(window, fileHeaderSize, Infinity, wanted, {
    write: (lines) => {
      texts.push(new TextDecoder('utf-8', { fatal: true }).decode(lines));
      return Promise.resolve();
    },
    damaged: (record) => damaged.push(record),
  });
  const lines = texts.join('').split('\n').slice(0, -1);
  return {
    events: lines.map((line) => JSON.parse(line) as Event),
    damaged,
    written,
    ignored: Object.fromEntries(ignored),
    rejected,
    bytes: texts.reduce((sum, text) => sum + text.length, 0),
  };
}
