import { convertRange, fileHeaderSize, Window, type Damaged, type Wanted } from '../../../src/evtx/index.js';

/** One record as it comes out of the room. */
export interface Event {
  readonly line: number;
  readonly kind: string;
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

/** A line of JSON as an event, where everything was wanted. */
function eventOf(text: string): Event {
  const { line, kind, ...fields } = JSON.parse(text) as Readonly<Record<string, string>>;
  const part = (start: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(fields)
        .filter(([key]) => key.startsWith(start))
        .map(([key, value]) => [key.slice(start.length), value]),
    );
  return { line: Number(line), kind: kind ?? '', system: part('system/'), data: part('data/') };
}

/** Reads a file that lies in memory. */
export async function convert(file: Buffer, wanted: Wanted = everything): Promise<Converted> {
  let position = 0;
  const window = new Window(
    {
      next: (into) => {
        const taken = file.copy(into, 0, position);
        position += taken;
        return taken;
      },
    },
    0,
  );
  const texts: string[] = [];
  const damaged: Damaged[] = [];
  const { written, ignored, rejected } = await convertRange(window, fileHeaderSize, Infinity, wanted, {
    write: (lines) => {
      // The bytes are used again.
      texts.push(new TextDecoder('utf-8', { fatal: true }).decode(lines));
      return Promise.resolve();
    },
    damaged: (record) => damaged.push(record),
  });
  const lines = texts.join('').split('\n').slice(0, -1);
  return {
    events: lines.map(eventOf),
    damaged,
    written,
    ignored: Object.fromEntries(ignored),
    rejected,
    bytes: texts.reduce((sum, text) => sum + text.length, 0),
  };
}
