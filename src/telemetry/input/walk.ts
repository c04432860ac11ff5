import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { InputError, messageOf, systemCode } from '../../core/index.js';

/** A file to read, and what event ids call it: the input's own name and the way below it. */
export interface InputFile {
  readonly path: string;
  readonly label: string;
  /** Bytes on disk. */
  readonly size: number;
}

function unreadable(path: string, error: unknown): InputError {
  const missing = systemCode(error) === 'ENOENT';
  return new InputError({
    code: missing ? 'input-missing' : 'input-unreadable',
    message: missing ? `no such file or folder: ${path}` : `cannot read ${path}: ${messageOf(error)}`,
    where: { file: path },
    remedy: 'name a file, or a folder of files, that can be read',
    cause: error,
  });
}

async function filesBelow(path: string, label: string, seen: Set<string>): Promise<InputFile[]> {
  const entry = await stat(path);
  if (entry.isFile()) return [{ path, label, size: entry.size }];
  if (!entry.isDirectory()) return [];
  // A link that leads back up would never end.
  const real = await realpath(path);
  if (seen.has(real)) return [];
  seen.add(real);
  const files: InputFile[] = [];
  for (const name of (await readdir(path)).sort()) {
    try {
      files.push(...(await filesBelow(join(path, name), `${label}/${name}`, seen)));
    } catch (error) {
      // A dangling link is no file.
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return files;
}

/** Labels that are no longer the same: more of the path is taken in. */
function distinct(files: readonly InputFile[]): InputFile[] {
  const count = new Map<string, number>();
  for (const { label } of files) count.set(label, (count.get(label) ?? 0) + 1);
  return files.map((file) =>
    (count.get(file.label) ?? 0) < 2 ? file : { ...file, label: file.path.replaceAll('\\', '/') },
  );
}

/** Paths with globs replaced by what they match, in order; a file that has such a name is taken as it is. */
async function expanded(paths: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const path of paths) {
    const literal = await stat(path).then(
      () => true,
      () => false,
    );
    if (literal || !isDynamicPattern(path)) {
      all.push(path);
      continue;
    }
    const found = await glob(path.replaceAll('\\', '/'), { dot: false, expandDirectories: false });
    if (found.length === 0) {
      throw new InputError({
        code: 'input-missing',
        message: `nothing matches ${path}`,
        where: { file: path },
        remedy: 'quote the pattern for the shell, and look at the folder that it begins with',
      });
    }
    all.push(...found.sort());
  }
  return all;
}

/**
 * The files of the inputs, folders walked in order of names. Each file once.
 * @throws InputError for an input that does not exist or cannot be read.
 */
export async function inputFiles(paths: readonly string[]): Promise<InputFile[]> {
  const files: InputFile[] = [];
  for (const path of await expanded(paths)) {
    const name = basename(path);
    const label = name === '' || name === '.' || name === '..' ? basename(await realpath(path)) : name;
    try {
      files.push(...(await filesBelow(path, label, new Set())));
    } catch (error) {
      throw unreadable(path, error);
    }
  }
  const once = new Map(files.map((file) => [join(dirname(file.path), basename(file.path)), file]));
  return distinct([...once.values()]);
}
