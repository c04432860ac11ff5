import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  findStateDirectory,
  makeStateDirectory,
  removeStateDirectory,
} from '../../../../src/sinks/smb/state-directory.js';
import { describeWith } from '../../../helpers/requires.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'smb-state-'));
  await chmod(directory, 0o755);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describeWith({ platforms: ['linux', 'darwin'] }, 'makeStateDirectory', () => {
  it('keeps accounts and content to their owner, and opens the share alone', async () => {
    const own = join(directory, 'sink');
    const paths = await makeStateDirectory(own);
    expect(paths.base).toBe(own);
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await mode(paths.private)).toBe(0o700);
    expect(await mode(paths.state)).toBe(0o700);
    expect(await mode(paths.received)).toBe(0o700);
    expect(await mode(paths.share)).toBe(0o755);
    expect(await findStateDirectory(own)).toEqual(paths);
    await removeStateDirectory(own);
    expect(await readdir(own)).toEqual([]);
  });

  it.each([
    ['closed to others', 'closed/sink'],
    ['too long for a Unix socket', `${'long-'.repeat(15)}/sink`],
    ['with a character that smb.conf would substitute', 'per%cent/sink'],
    ['with a space', 'a b/sink'],
  ])('takes a stand-in for a directory %s, and removes it', async (_, name) => {
    const own = join(directory, name);
    await mkdir(own, { recursive: true });
    await chmod(join(directory, 'closed'), 0o700).catch(() => undefined);
    const paths = await makeStateDirectory(own);
    expect(paths.base).not.toBe(own);
    expect((await stat(paths.share)).isDirectory()).toBe(true);
    expect((await readFile(join(own, 'smb-directory'), 'utf8')).trim()).toBe(paths.base);
    expect(await findStateDirectory(own)).toEqual(paths);
    await removeStateDirectory(own);
    await expect(stat(paths.base)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(own)).toEqual([]);
  });

  it('follows no pointer to a directory that is none of ours', async () => {
    const other = join(directory, 'other');
    await mkdir(other);
    await writeFile(join(directory, 'smb-directory'), `${other}\n`);
    await removeStateDirectory(directory);
    expect((await stat(other)).isDirectory()).toBe(true);
  });
});
