import { open } from 'node:fs/promises';
import { messageOf } from '../../core/index.js';
import {
  convertFile,
  convertRange,
  fileHeaderSize,
  fileMagic,
  streamBytes,
  Window,
  type Counts,
  type Damaged,
  type Sink,
  type Wanted,
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

/** Large files go through the database in pieces, so that what lies on disk meanwhile stays small. */
const pieceSize = 2 * 1024 * 1024 * 1024;

type Convert = (sink: Sink) => Promise<Counts>;

/** The input in pieces, each to be turned into JSON lines. */
function pieces(input: ReadInput): Convert[] {
  const { path, probe } = input;
  const wanted = wantedEvents();
  if (probe.packing !== 'none') return [(sink) => convertPacked(input, wanted, sink)];
  const count = Math.max(1, Math.ceil((probe.size - fileHeaderSize) / pieceSize));
  return Array.from({ length: count }, (_, index): Convert => {
    const from = fileHeaderSize + index * pieceSize;
    return (sink) => convertFile(path, from, Math.min(from + pieceSize, probe.size), wanted, sink);
  });
}

/** What is packed is read in one piece. Where the packing is broken, what came before is kept. */
async function convertPacked({ path, probe }: ReadInput, wanted: Wanted, sink: Sink): Promise<Counts> {
  let broken: string | undefined;
  let position = 0;
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of unpacked(path, probe.packing)) {
        const bytes = chunk as Buffer;
        position += bytes.length;
        yield bytes;
      }
    } catch (error) {
      broken = messageOf(error);
    }
  }
  const window = new Window(streamBytes(whole()), 0);
  const counts = await convertRange(window, fileHeaderSize, Infinity, wanted, sink);
  if (broken === undefined) return counts;
  sink.damaged({ offset: position, reason: `the input ends early: ${broken}`, raw: new Uint8Array(0) });
  return { ...counts, rejected: counts.rejected + 1 };
}

async function convertTo(target: string, input: ReadInput, convert: Convert): Promise<Counts> {
  const file = await open(target, 'w');
  try {
    return await convert({
      write: (lines) => file.appendFile(lines),
      damaged: (record) => {
        reject(input, record);
      },
    });
  } finally {
    await file.close();
  }
}

function reject({ path, reject }: ReadInput, { offset, reason, raw }: Damaged): void {
  const text = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.length, keptBytes)).toString('base64');
  reject({ path, line: offset, reason, raw: `base64:${text}` });
}

/** Ignored records by kind, the most frequent first. */
function sorted(ignored: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...ignored].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

async function read(input: ReadInput, store: Store): Promise<ReadCounts> {
  const ignored = new Map<string, number>();
  const ignore = (kind: string, count: number): void => {
    ignored.set(kind, (ignored.get(kind) ?? 0) + count);
  };
  const sum = { records: 0, used: 0, rejected: 0, duplicates: 0, rows: 0 };
  for (const convert of pieces(input)) {
    const counts = await readConverted(input, store, evtxShape, async (target) => {
      const converted = await convertTo(target, input, convert);
      for (const [kind, count] of converted.ignored) {
        // Never staged, so that nobody else counts them.
        ignore(kind, count);
        sum.records += count;
      }
      return converted.rejected;
    });
    for (const [kind, count] of Object.entries(counts.ignored)) ignore(kind, count);
    for (const name of ['records', 'used', 'rejected', 'duplicates', 'rows'] as const)
      sum[name] += counts[name];
  }
  return { ...sum, ignored: sorted(ignored) };
}

/** Windows event log files (EVTX). A record's pointer is its offset in the file. */
export const evtx: Reader = { sniff, read };
