import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { chmod, chown, open } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, systemCode } from '../../core/index.js';
import { maxHeaderBytes } from '../../tracer/index.js';
import type { ExpectedTransfer } from '../types.js';
import type { StateDirectory } from './state-directory.js';

/** A file of the plan in the share. */
export interface SharedFile {
  readonly expected: ExpectedTransfer;
  readonly path: string;
  /** Attempts so far, broken ones included. */
  used: number;
  /** Downloads: SHA-256 of the content; uploads: ''. */
  readonly sha256: string;
  /** Uploads: second name of what arrives now. */
  received: string;
}

/** What arrived, read again from disk. */
export interface StoredContent {
  readonly size: number;
  readonly sha256: string;
  readonly head: Buffer;
}

export interface Share {
  /** The planned file of that name, in any case. */
  find(name: string): SharedFile | undefined;
  /** Whether other files of the same execution may still come: pieces of a slow transfer. */
  awaitsMore(file: SharedFile): boolean;
  /** Bytes of an upload on disk so far. Synchronous, as all of this between a CLOSE and its answer. */
  sizeOf(file: SharedFile): number;
  /**
   * Counts an attempt. The next one, if the plan has it, meets a new empty file; else the file can be written no more, which the
   * client's next CREATE gets told by Samba itself.
   * @returns the second name of what arrived (uploads)
   */
  retire(file: SharedFile): string;
  /** A client removed the file before it used it: puts it back. */
  restore(file: SharedFile): void;
  /** Reads what arrived; of content beyond `limit` bytes only so much. */
  inspect(received: string, limit: number): Promise<StoredContent>;
  /** Removes what arrived, and the file from the share once it is used up. */
  discard(file: SharedFile, received: string): void;
}

const writable = 0o660;
const readable = 0o440;

function isHere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function checkName(expected: ExpectedTransfer): void {
  if (/^[^\\/:*?"<>|\p{Cc}]{1,120}$/u.test(expected.fileName) && !/^\.+$/.test(expected.fileName)) return;
  throw new InputError({
    code: 'smb-file-name-invalid',
    message: `"${expected.fileName}" cannot be the name of a file in a share`,
    remedy: 'use a plain file name without a path',
  });
}

async function writeDownload(path: string, expected: ExpectedTransfer, gid: number): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of expected.content?.() ?? []) {
      hash.update(chunk);
      size += chunk.length;
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  if (size !== expected.size) {
    throw new InputError({
      code: 'sink-content-size',
      message: `the content of ${expected.fileName} has ${size} bytes, the plan says ${expected.size}`,
      remedy: 'plan the run again',
    });
  }
  await chown(path, 0, gid);
  await chmod(path, readable);
  return hash.digest('hex');
}

/**
 * Fills the share with exactly the planned files: uploads empty and writable for the account's group, downloads with their
 * content and read-only. The folder itself cannot be written by the account, so that the kernel refuses any other name.
 * @param gid group of the Unix user as whom the account is served
 */
export async function openShare(
  paths: StateDirectory,
  expected: readonly ExpectedTransfer[],
  gid: number,
): Promise<Share> {
  const files = new Map<string, SharedFile>();
  let counter = 0;

  const place = (path: string): string => {
    counter += 1;
    const received = join(paths.received, String(counter));
    const descriptor = openSync(received, 'wx', 0o600);
    try {
      fchownSync(descriptor, 0, gid);
      fchmodSync(descriptor, writable);
    } finally {
      closeSync(descriptor);
    }
    const second = `${received}.new`;
    linkSync(received, second);
    // One step: there is no moment at which the name is missing.
    renameSync(second, path);
    return received;
  };

  for (const one of expected) {
    checkName(one);
    const key = one.fileName.toLowerCase();
    if (files.has(key)) {
      throw new InputError({
        code: 'smb-file-name-twice',
        message: `the plan names ${one.fileName} twice for one share`,
        remedy: 'plan the run again',
      });
    }
    const path = join(paths.share, one.fileName);
    const upload = one.direction === 'upload';
    const sha256 = upload ? '' : await writeDownload(path, one, gid);
    files.set(key, { expected: one, path, used: 0, sha256, received: upload ? place(path) : '' });
  }

  const isUsedUp = (file: SharedFile) => file.used >= file.expected.times;
  return {
    find: (name) => files.get(name.toLowerCase()),
    awaitsMore: (file) =>
      [...files.values()].some(
        (other) =>
          other !== file && other.expected.executionId === file.expected.executionId && !isUsedUp(other),
      ),
    sizeOf: (file) => statSync(file.received, { throwIfNoEntry: false })?.size ?? 0,
    retire(file) {
      file.used += 1;
      const { received } = file;
      if (file.expected.direction === 'download') {
        if (isUsedUp(file) && isHere(file.path)) chmodSync(file.path, 0);
        return '';
      }
      if (isUsedUp(file)) chmodSync(received, readable);
      else file.received = place(file.path);
      return received;
    },
    restore(file) {
      if (file.expected.direction === 'upload' && !isUsedUp(file) && !isHere(file.path)) {
        rmSync(file.received, { force: true });
        file.received = place(file.path);
      }
    },
    async inspect(received, limit) {
      const hash = createHash('sha256');
      const handle = await open(received, 'r');
      try {
        const { size } = await handle.stat();
        const head = Buffer.alloc(maxHeaderBytes);
        const { bytesRead } = await handle.read(head, 0, head.length, 0);
        const end = Math.min(size, limit) - 1;
        if (end >= 0)
          for await (const chunk of handle.createReadStream({ start: 0, end, autoClose: false })) {
            hash.update(chunk as Buffer);
          }
        return { size, sha256: hash.digest('hex'), head: head.subarray(0, bytesRead) };
      } finally {
        await handle.close();
      }
    },
    discard(file, received) {
      try {
        if (received !== '') rmSync(received, { force: true });
        if (isUsedUp(file)) rmSync(file.path, { force: true });
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw error;
      }
    },
  };
}
