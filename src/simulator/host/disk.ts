import { mkdir, open, readdir, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { join, win32 } from 'node:path';
import { WindowsError, asWindowsError } from './windows-error.js';

export interface DiskEntry {
  readonly path: string;
  readonly size: number;
  readonly directory: boolean;
  /** Of its content, ms since the epoch. */
  readonly modifiedAt: number;
}

/**
 * Drive C: of a simulated host, kept in a directory of the control host. Paths are the host's own; names keep their case and are
 * found without it, as NTFS does. No path leads out of the directory.
 */
export interface VirtualDisk {
  /** `path`, taken from `directory` where it is relative, in Windows' normal form. @throws WindowsError (123, 3) */
  resolve(path: string, directory: string): string;
  /** Where an absolute path lies on the control host; parts that exist are found in any case. */
  locate(path: string): Promise<string>;
  /** `path` with each name as it is spelt on the disk, or null where it is not there. */
  find(path: string): Promise<DiskEntry | null>;
  /** The first `bytes` of a file. @throws WindowsError */
  readHead(path: string, bytes: number): Promise<Buffer>;
  /** @throws WindowsError */
  readWhole(path: string): Promise<Buffer>;
  write(path: string, content: string | Buffer, flags?: 'w' | 'a' | 'wx'): Promise<void>;
  /** Makes a folder and those above it. @returns whether it was not there before */
  makeDirectory(path: string): Promise<boolean>;
  /** Makes one folder. @throws WindowsError 80 where it is there, 3 where the one above is not */
  makeOneDirectory(path: string): Promise<void>;
  /** @throws WindowsError */
  remove(path: string): Promise<void>;
  /** @throws WindowsError */
  removeDirectory(path: string): Promise<void>;
  list(path: string): Promise<readonly string[]>;
  freeBytes(): Promise<number>;
}

/** Whether a path names a file on another host. */
export function isUnc(path: string): boolean {
  return /^[\\/]{2}[^\\/?.]/.test(path);
}

const forbidden = /[<>:"|?*\u0000-\u001f]/;

function names(path: string): string[] {
  return path
    .slice(3)
    .split('\\')
    .filter((name) => name !== '');
}

/** @param root directory on the control host that stands for C: */
export function virtualDisk(root: string): VirtualDisk {
  async function spelt(path: string): Promise<{ real: string; path: string }> {
    let real = root;
    let spelling = 'C:';
    for (const name of names(path)) {
      const there = await readdir(real).catch(() => []);
      const match = there.find((entry) => entry.toLowerCase() === name.toLowerCase()) ?? name;
      real = join(real, match);
      spelling += `\\${match}`;
    }
    return { real, path: spelling === 'C:' ? 'C:\\' : spelling };
  }
  const locate = async (path: string): Promise<string> => (await spelt(path)).real;

  /** Runs a file operation; a missing parent is error 3, a missing file error 2. */
  async function attempt<T>(path: string, work: (real: string) => Promise<T>): Promise<T> {
    try {
      return await work(await locate(path));
    } catch (error) {
      const failure = asWindowsError(error);
      if (failure.code !== 2) throw failure;
      const parent = await stat(await locate(win32.dirname(path))).catch(() => null);
      throw parent?.isDirectory() === true ? failure : new WindowsError(3);
    }
  }

  return {
    resolve(path, directory) {
      const text = path.replaceAll('/', '\\');
      const drive = /^([A-Za-z]):/.exec(text)?.[1];
      if (isUnc(path)) throw new WindowsError(53);
      if (drive !== undefined && drive.toUpperCase() !== 'C') throw new WindowsError(3);
      const bare = drive === undefined ? text : text.slice(2);
      if (forbidden.test(bare)) throw new WindowsError(123);
      const absolute = bare.startsWith('\\') ? `C:${bare}` : `${directory}\\${bare}`;
      const normal = win32.normalize(absolute).replace(/(.)\\$/, '$1');
      return normal === 'C:' ? 'C:\\' : normal;
    },
    locate,
    async find(path) {
      const { real, path: spelling } = await spelt(path);
      const found = await stat(real).catch(() => null);
      if (found === null) return null;
      const { size, mtimeMs } = found;
      return { path: spelling, size, directory: found.isDirectory(), modifiedAt: Math.floor(mtimeMs) };
    },
    readHead: (path, bytes) =>
      attempt(path, async (real) => {
        const file = await open(real, 'r');
        try {
          const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
          return buffer.subarray(0, bytesRead);
        } finally {
          await file.close();
        }
      }),
    readWhole: (path) =>
      attempt(path, async (real) => {
        const file = await open(real, 'r');
        try {
          return await file.readFile();
        } finally {
          await file.close();
        }
      }),
    write: (path, content, flags = 'w') =>
      attempt(path, async (real) => {
        const file = await open(real, flags);
        try {
          await file.writeFile(content);
        } finally {
          await file.close();
        }
      }),
    makeDirectory: (path) =>
      attempt(path, async (real) => (await mkdir(real, { recursive: true })) !== undefined),
    makeOneDirectory: (path) => attempt(path, (real) => mkdir(real)),
    remove: (path) => attempt(path, (real) => rm(real)),
    removeDirectory: (path) => attempt(path, (real) => rmdir(real)),
    list: (path) => attempt(path, (real) => readdir(real)),
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
  };
}
