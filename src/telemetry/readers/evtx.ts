import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import {
  convertRange,
  fileBytes,
  fileHeaderSize,
  fileMagic,
  streamBytes,
  Window,
  type Counts,
  type Damaged,
} from '../../evtx/index.js';
import { unpacked } from '../input/bytes.js';
import { keptBytes } from '../input/lines.js';
import { readConverted } from '../json/read-json.js';
import type { Store } from '../store.js';
import type { ReadCounts, Reader, ReadInput, Sample } from '../types.js';
import { evtxShape, wantedEvents } from '../windows/wanted.js';

/** A file begins with its magic; one whose header was lost still begins with a chunk, a header's size further on. */
function sniff({ bytes }: Sample): number {
  if (bytes.subarray(0, fileMagic.length).equals(fileMagic)) return 1;
  return bytes.subarray(0, 8).equals(Buffer.from('ElfChnk\0', 'latin1')) ? 1 : 0;
}

async function convert(input: ReadInput, target: string): Promise<Counts> {
  const { path, probe } = input;
  const bytes = probe.gzip ? streamBytes(unpacked(path, true)) : await fileBytes(path, 0);
  const file = createWriteStream(target);
  try {
    const counts = await convertRange(new Window(bytes, 0), fileHeaderSize, Infinity, wantedEvents(), {
      write: async (lines) => {
        // The stream keeps what it is given; the bytes are used again.
        if (!file.write(Uint8Array.from(lines))) await once(file, 'drain');
      },
      damaged: (record) => {
        reject(input, record);
      },
    });
    file.end();
    await finished(file);
    return counts;
  } finally {
    file.destroy();
    await bytes.close();
  }
}

function reject({ path, reject }: ReadInput, { offset, reason, raw }: Damaged): void {
  const text = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.length, keptBytes)).toString('base64');
  reject({ path, line: offset, reason, raw: `base64:${text}` });
}

async function read(input: ReadInput, store: Store): Promise<ReadCounts> {
  const ignored = new Map<string, number>();
  const counts = await readConverted(input, store, evtxShape, async (target) => {
    const converted = await convert(input, target);
    for (const [kind, count] of converted.ignored) ignored.set(kind, count);
    return converted.rejected;
  });
  for (const [kind, count] of Object.entries(counts.ignored)) {
    ignored.set(kind, (ignored.get(kind) ?? 0) + count);
  }
  const skipped = [...ignored.values()].reduce((sum, count) => sum + count, 0);
  const before = Object.values(counts.ignored).reduce((sum, count) => sum + count, 0);
  const sorted = [...ignored].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return { ...counts, records: counts.records + skipped - before, ignored: Object.fromEntries(sorted) };
}

/** Windows event log files (EVTX). A record's pointer is its offset in the file. */
export const evtx: Reader = { sniff, read };
