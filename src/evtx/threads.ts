import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { chunkSize } from './chunk.js';
import { convertRange } from './convert.js';
import type { Counts, Damaged, Sink, Wanted } from './types.js';
import { fileBytes, Window } from './window.js';

/** Chunks that begin from `from` to before `until`. */
export interface RangeJob {
  readonly index: number;
  readonly from: number;
  readonly until: number;
}

export interface RangeResult {
  readonly index: number;
  readonly lines: readonly Uint8Array[];
  readonly damaged: readonly Damaged[];
  readonly counts: Counts;
}

const rangeSize = 64 * chunkSize;
/** Each thread has to start and to compile its own program, half a second or so: below this, one alone is as fast. */
const pays = 96 * rangeSize;
const mostThreads = 4;
/** Results that wait for an earlier one, per thread. */
const ahead = 2;
// Where only the sources are, as in tests, there is no such file.
const program = new URL('./worker.js', import.meta.url);

function add(total: Counts, { written, ignored, rejected }: Counts): void {
  total.written += written;
  total.rejected += rejected;
  for (const [kind, count] of ignored) total.ignored.set(kind, (total.ignored.get(kind) ?? 0) + count);
}

/**
 * Reads the chunks of a file that begin from `from` to before `until`. A large file is read by several threads, a range of chunks
 * each; the sink takes everything in the order of the file either way.
 * @param threads at most; by default as many as there are processors, up to four, for a file of hundreds of megabytes, else one.
 */
export async function convertFile(
  path: string,
  from: number,
  until: number,
  wanted: Wanted,
  sink: Sink,
  threads = until - from < pays ? 1 : Math.min(availableParallelism(), mostThreads),
): Promise<Counts> {
  if (threads > 1 && existsSync(fileURLToPath(program)))
    return inThreads({ path, wanted }, ranges(from, until), sink, threads);
  const bytes = fileBytes(path, from);
  try {
    return await convertRange(new Window(bytes, from), from, until, wanted, sink);
  } finally {
    bytes.close();
  }
}

function ranges(from: number, until: number): RangeJob[] {
  return Array.from({ length: Math.ceil((until - from) / rangeSize) }, (_, index) => ({
    index,
    from: from + index * rangeSize,
    until: Math.min(from + (index + 1) * rangeSize, until),
  }));
}

async function inThreads(
  workerData: { readonly path: string; readonly wanted: Wanted },
  jobs: readonly RangeJob[],
  sink: Sink,
  threads: number,
): Promise<Counts> {
  const total: Counts = { written: 0, ignored: new Map(), rejected: 0 };
  const workers = Array.from(
    { length: Math.min(threads, jobs.length) },
    () => new Worker(program, { workerData }),
  );
  const waiting = new Map<number, RangeResult>();
  const idle: Worker[] = [...workers];
  let given = 0;
  let taken = 0;
  let wake = (): void => undefined;
  const failed = new Promise<never>((_, reject) => {
    for (const worker of workers) {
      worker.on('error', reject);
      worker.on('message', (result: RangeResult) => {
        waiting.set(result.index, result);
        idle.push(worker);
        wake();
      });
    }
  });
  try {
    while (taken < jobs.length) {
      for (
        let job = jobs[given];
        job !== undefined && given - taken < workers.length * ahead;
        job = jobs[given]
      ) {
        const worker = idle.pop();
        if (worker === undefined) break;
        worker.postMessage(job);
        given += 1;
      }
      const result = waiting.get(taken);
      if (result === undefined) {
        await Promise.race([failed, new Promise<void>((resolve) => (wake = resolve))]);
        continue;
      }
      waiting.delete(taken);
      taken += 1;
      add(total, result.counts);
      for (const record of result.damaged) sink.damaged(record);
      for (const lines of result.lines) await sink.write(lines);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return total;
}
