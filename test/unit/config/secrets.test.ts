import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSecret } from '../../../src/config/index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('comes from the environment', async () => {
  expect((await readSecret('env:TOKEN', { TOKEN: 'a b' })).reveal()).toBe('a b');
});

it('comes from a file, without its last line break', async () => {
  const file = join(folder, 'secret');
  await writeFile(file, 'line one\nline two\r\n');
  expect((await readSecret(`file:${file}`)).reveal()).toBe('line one\nline two');
});

it('is an error by name where it is not there', async () => {
  await expect(readSecret('env:ABSENT', {})).rejects.toMatchObject({ code: 'secret-not-set', exitCode: 2 });
  await expect(readSecret(`file:${join(folder, 'absent')}`)).rejects.toMatchObject({
    code: 'secret-not-readable',
    exitCode: 2,
  });
});
