import { rename, writeFile } from 'node:fs/promises';

/** Writes a whole file so that a reader sees the old content or the new one, never half of it. */
export async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  const partial = `${path}.partial`;
  await writeFile(partial, content);
  await rename(partial, path);
}
