import { constants } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2, { type Attributes, type FileEntry, type SFTPWrapper } from 'ssh2';
import { systemCode } from '../../../core/index.js';
import type { Opener } from '../files.js';
import { reportCreated } from '../files.js';
import { asWindowsError } from '../windows-error.js';

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;

type Handle =
  | { readonly kind: 'file'; readonly file: FileHandle }
  | { readonly kind: 'folder'; entries: FileEntry[] };

function attributes(found: {
  size: number;
  mode: number;
  mtimeMs: number;
  isDirectory(): boolean;
}): Attributes {
  const seconds = Math.floor(found.mtimeMs / 1000);
  const mode = found.isDirectory() ? constants.S_IFDIR | 0o755 : constants.S_IFREG | 0o644;
  return { mode, uid: 0, gid: 0, size: found.size, atime: seconds, mtime: seconds };
}

function openFlags(flags: number): number {
  const read = (flags & OPEN_MODE.READ) !== 0;
  const write = (flags & (OPEN_MODE.WRITE | OPEN_MODE.APPEND)) !== 0;
  return (
    (write ? (read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY) |
    (flags & OPEN_MODE.APPEND ? constants.O_APPEND : 0) |
    (flags & OPEN_MODE.CREAT ? constants.O_CREAT : 0) |
    (flags & OPEN_MODE.TRUNC ? constants.O_TRUNC : 0) |
    (flags & OPEN_MODE.EXCL ? constants.O_EXCL : 0)
  );
}

/** `C:\Dyetrace` as Windows' sftp-server writes it: `/C:/Dyetrace`. */
export function sftpPath(path: string): string {
  return `/${path.replaceAll('\\', '/')}`;
}

/** Serves the host's disk by SFTP version 3, on paths such as `/C:/Dyetrace/file`. */
export function serveSftp(sftp: SFTPWrapper, opener: Opener, home: string): { close(): Promise<void> } {
  const { disk } = opener.machine;
  const handles = new Map<number, Handle>();
  let next = 0;
  const resolve = (path: string): string => disk.resolve(path.replace(/^[\\/](?=[A-Za-z]:)/, ''), home);

  /** Answers with what the work gives, or with the status of its failure. */
  function answer(request: number, work: () => Promise<(() => void) | undefined>): void {
    work().then(
      (reply) => {
        if (reply === undefined) sftp.status(request, STATUS_CODE.OK);
        else reply();
      },
      (error: unknown) => {
        const { code, message } = asWindowsError(error);
        const missing = code === 2 || code === 3;
        const denied = code === 5 && systemCode(error) !== 'EISDIR';
        const status = missing
          ? STATUS_CODE.NO_SUCH_FILE
          : denied
            ? STATUS_CODE.PERMISSION_DENIED
            : STATUS_CODE.FAILURE;
        sftp.status(request, status, message);
      },
    );
  }
  function keep(handle: Handle): Buffer {
    const id = Buffer.alloc(4);
    id.writeUInt32BE(next);
    handles.set(next, handle);
    next += 1;
    return id;
  }
  function held(id: Buffer): Handle {
    const handle = id.length === 4 ? handles.get(id.readUInt32BE()) : undefined;
    if (handle === undefined) throw new Error('invalid handle');
    return handle;
  }
  function heldFile(id: Buffer): FileHandle {
    const handle = held(id);
    if (handle.kind !== 'file') throw new Error('not a file');
    return handle.file;
  }
  const statOf = (request: number, path: string): void =>
    answer(request, async () => {
      const found = attributes(await stat(await disk.locate(resolve(path))));
      return () => sftp.attrs(request, found);
    });

  sftp.on('OPEN', (request: number, name: string, flags: number) =>
    answer(request, async () => {
      const path = resolve(name);
      const isNew = (await disk.find(path)) === null;
      const file = await open(await disk.locate(path), openFlags(flags));
      if (isNew) reportCreated(opener, path);
      const id = keep({ kind: 'file', file });
      return () => sftp.handle(request, id);
    }),
  );
  sftp.on('READ', (request: number, id: Buffer, offset: number, length: number) =>
    answer(request, async () => {
      const wanted = Math.min(length, 256 * 1024);
      const { bytesRead, buffer } = await heldFile(id).read(Buffer.alloc(wanted), 0, wanted, offset);
      return bytesRead === 0
        ? () => sftp.status(request, STATUS_CODE.EOF)
        : () => sftp.data(request, buffer.subarray(0, bytesRead));
    }),
  );
  sftp.on('WRITE', (request: number, id: Buffer, offset: number, data: Buffer) =>
    answer(request, async () => {
      let written = 0;
      while (written < data.length) {
        const { bytesWritten } = await heldFile(id).write(
          data,
          written,
          data.length - written,
          offset + written,
        );
        written += bytesWritten;
      }
      return undefined;
    }),
  );
  sftp.on('FSTAT', (request: number, id: Buffer) =>
    answer(request, async () => {
      const found = attributes(await heldFile(id).stat());
      return () => sftp.attrs(request, found);
    }),
  );
  sftp.on('STAT', statOf);
  sftp.on('LSTAT', statOf);
  // Windows has neither modes nor owners to set; OpenSSH's server there accepts and ignores them.
  for (const event of ['SETSTAT', 'FSETSTAT'])
    sftp.on(event, (request: number) => sftp.status(request, STATUS_CODE.OK));
  sftp.on('CLOSE', (request: number, id: Buffer) =>
    answer(request, async () => {
      const handle = held(id);
      handles.delete(id.readUInt32BE());
      if (handle.kind === 'file') await handle.file.close();
      return undefined;
    }),
  );
  sftp.on('REMOVE', (request: number, path: string) =>
    answer(request, async () => {
      await disk.remove(resolve(path));
      return undefined;
    }),
  );
  sftp.on('MKDIR', (request: number, path: string) =>
    answer(request, async () => {
      await disk.makeOneDirectory(resolve(path));
      return undefined;
    }),
  );
  sftp.on('RMDIR', (request: number, path: string) =>
    answer(request, async () => {
      await disk.removeDirectory(resolve(path));
      return undefined;
    }),
  );
  sftp.on('REALPATH', (request: number, path: string) =>
    answer(request, () => {
      const name = sftpPath(path === '.' || path === '' ? home : resolve(path));
      return Promise.resolve(() => sftp.name(request, [{ filename: name, longname: name } as FileEntry]));
    }),
  );
  sftp.on('OPENDIR', (request: number, path: string) =>
    answer(request, async () => {
      const real = await disk.locate(resolve(path));
      const entries: FileEntry[] = [];
      for (const filename of await readdir(real)) {
        const attrs = attributes(await stat(join(real, filename)));
        entries.push({ filename, longname: filename, attrs });
      }
      const id = keep({ kind: 'folder', entries });
      return () => sftp.handle(request, id);
    }),
  );
  sftp.on('READDIR', (request: number, id: Buffer) =>
    answer(request, () => {
      const handle = held(id);
      const entries = handle.kind === 'folder' ? handle.entries : [];
      if (handle.kind === 'folder') handle.entries = [];
      return Promise.resolve(() =>
        entries.length === 0 ? sftp.status(request, STATUS_CODE.EOF) : sftp.name(request, entries),
      );
    }),
  );
  return {
    async close() {
      for (const handle of handles.values()) if (handle.kind === 'file') await handle.file.close();
      handles.clear();
    },
  };
}
