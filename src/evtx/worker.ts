import { parentPort, workerData } from 'node:worker_threads';
import { convertRange } from './convert.js';
import type { RangeJob, RangeResult } from './threads.js';
import type { Damaged, Wanted } from './types.js';
import { fileBytes, Window } from './window.js';

/** Reads ranges of one file, as they are asked for. */
const { path, wanted } = workerData as { readonly path: string; readonly wanted: Wanted };

/** What is read, and the memory of it that the file's reader takes over. */
async function convert({ index, from, until }: RangeJob): Promise<readonly [RangeResult, ArrayBuffer[]]> {
  const bytes = fileBytes(path, from);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const damaged: Damaged[] = [];
  try {
    const counts = await convertRange(new Window(bytes, from), from, until, wanted, {
      write: (lines) => {
        parts.push(new Uint8Array(lines));
        return Promise.resolve();
      },
      damaged: (record) => damaged.push(record),
    });
    return [{ index, lines: parts, damaged, counts }, parts.map(({ buffer }) => buffer)];
  } finally {
    bytes.close();
  }
}

parentPort?.on('message', (job: RangeJob) => {
  // What is thrown here ends the thread, and its error reaches the file's reader.
  void convert(job).then(([result, memory]) => {
    parentPort?.postMessage(result, memory);
  });
});
