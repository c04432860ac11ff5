import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isUnc, virtualDisk, type VirtualDisk } from '../../../../src/simulator/host/disk.js';

let root: string;
let disk: VirtualDisk;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'disk-'));
  disk = virtualDisk(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the virtual disk', () => {
  it.each([
    ['a.txt', 'C:\\work\\a.txt'],
    ['C:\\a\\..\\b', 'C:\\b'],
    ['c:/a/b', 'C:\\a\\b'],
    ['\\x', 'C:\\x'],
    ['..\\..\\..\\x', 'C:\\x'],
    ['C:\\', 'C:\\'],
    ['sub\\', 'C:\\work\\sub'],
  ])('resolves %s', (path, expected) => {
    expect(disk.resolve(path, 'C:\\work')).toBe(expected);
  });

  it.each([
    ['D:\\x', 3],
    ['a:stream', 3],
    ['C:\\a:b', 123],
    ['a|b', 123],
    ['a?', 123],
    ['\\\\server\\share', 53],
  ])('refuses %s with error %i', (path, code) => {
    expect(() => disk.resolve(path, 'C:\\work')).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('never leaves its directory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(...Array.from('./\\:aC ')), maxLength: 24 }),
        async (path) => {
          let resolved: string;
          try {
            resolved = disk.resolve(path, 'C:\\work');
          } catch {
            return;
          }
          expect(relative(root, await disk.locate(resolved))).not.toMatch(/^\.\.([\\/]|$)|^\//);
        },
      ),
    );
  });

  it('keeps the case of names and finds them without it', async () => {
    await disk.makeDirectory('C:\\Dyetrace');
    await disk.write('C:\\DYETRACE\\File.Dat', 'x');
    expect(await readdir(join(root, 'Dyetrace'))).toEqual(['File.Dat']);
    expect(await disk.find('c:\\dyetrace\\FILE.DAT')).toMatchObject({
      path: 'C:\\Dyetrace\\File.Dat',
      size: 1,
      directory: false,
    });
  });

  it('tells a missing file from a missing folder', async () => {
    await expect(disk.readWhole('C:\\x')).rejects.toMatchObject({ code: 2 });
    await expect(disk.readWhole('C:\\no\\x')).rejects.toMatchObject({ code: 3 });
    await disk.write('C:\\x', '');
    await expect(disk.write('C:\\x', '', 'wx')).rejects.toMatchObject({ code: 80 });
  });

  it('says nothing of the control host in its errors', async () => {
    await expect(disk.readWhole('C:\\x')).rejects.not.toMatchObject({
      message: expect.stringContaining(root) as string,
    });
  });

  it('knows a share from a path', () => {
    expect(isUnc('\\\\s\\share\\f')).toBe(true);
    expect(isUnc('//s/share')).toBe(true);
    expect(isUnc('\\\\.\\pipe\\x')).toBe(false);
    expect(isUnc('C:\\x')).toBe(false);
  });
});
