import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DurableLog } from '../../../src/core/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('a line is in the file when append resolves, in the order of the calls', async () => {
  const log = new DurableLog(join(folder, 'log.ndjson'));
  const appends = Array.from({ length: 50 }, (_, n) => log.append({ n }));
  await appends[10];
  const early = (await readFile(log.path, 'utf8')).trim().split('\n');
  expect(early.length).toBeGreaterThan(10);
  await Promise.all(appends);
  await log.close();
  const lines = (await readFile(log.path, 'utf8')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(
    Array.from({ length: 50 }, (_, n) => n),
  );
});

it('tells whoever appends that the file cannot be written', async () => {
  const log = new DurableLog(join(folder, 'no', 'such', 'folder.ndjson'));
  await expect(log.append({})).rejects.toThrow('ENOENT');
});
