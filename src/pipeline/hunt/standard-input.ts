import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Runs something over paths, with `-` replaced by a file that holds standard input: readers look at the head first, and the database
 * reads in parallel, which a pipe does not allow.
 */
export async function withStandardInput<T>(
  paths: readonly string[],
  use: (paths: readonly string[]) => Promise<T>,
  input: NodeJS.ReadableStream = process.stdin,
): Promise<T> {
  if (!paths.includes('-')) return use(paths);
  const folder = await mkdtemp(join(tmpdir(), 'dyetrace-stdin-'));
  try {
    const file = join(folder, 'stdin');
    await pipeline(input, createWriteStream(file, { mode: 0o600 }));
    return await use(paths.map((path) => (path === '-' ? file : path)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
