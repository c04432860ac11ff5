import { win32 } from 'node:path';
import type { VirtualDisk } from './disk.js';

/** Whether the last part of a path is a pattern. */
export function hasWildcard(path: string): boolean {
  return /[*?]/.test(win32.basename(path));
}

/** `*` and `?` as FindFirstFile takes them: without case, and `*.*` is every name. */
export function wildcard(pattern: string): (name: string) => boolean {
  const source = (pattern === '*.*' ? '*' : pattern)
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 'is');
  return (name) => expression.test(name);
}

/**
 * Files that a path names, by their full paths in the order of their names, as NTFS lists them; folders are left out.
 * @throws WindowsError where the folder is not there
 */
export async function matchingFiles(
  disk: VirtualDisk,
  path: string,
  directory: string,
): Promise<readonly string[]> {
  const folder = disk.resolve(win32.dirname(path), directory);
  const matches = wildcard(win32.basename(path));
  const names = (await disk.list(folder)).filter(matches);
  const order = (a: string, b: string): number => (a.toLowerCase() < b.toLowerCase() ? -1 : 1);
  const found = await Promise.all(names.sort(order).map((name) => disk.find(win32.join(folder, name))));
  return found.flatMap((one) => (one === null || one.directory ? [] : [one.path]));
}
