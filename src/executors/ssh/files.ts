import ssh2, { type Client, type SFTPWrapper, type Stats } from 'ssh2';
import { InputError, LabError, messageOf } from '../../core/index.js';
import type { StagedFile } from '../types.js';

const { STATUS_CODE } = ssh2.utils.sftp;
/** Outstanding writes: one at a time would pay a round trip for each. */
const writesInFlight = 16;
const chunkBytes = 32 * 1024;

/**
 * A host path as SFTP wants it: `C:\x` is `/C:/x` for OpenSSH on Windows; a POSIX path stays.
 * @throws InputError for a relative path or a share
 */
export function sftpPath(path: string): string {
  if (/^[A-Za-z]:[\\/]/.test(path)) return `/${path.replaceAll('\\', '/')}`;
  if (/^\/(?!\/)/.test(path)) return path;
  throw new InputError({
    code: 'not-an-absolute-path',
    message: `"${path}" is no absolute path on a drive of the host`,
  });
}

type Call<T> = (done: (error?: Error | null, value?: T) => void) => void;

function call<T>(act: Call<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    act((error, value) => {
      if (error) reject(error);
      else resolve(value as T);
    });
  });
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function isAbsent(error: unknown): boolean {
  return statusOf(error) === STATUS_CODE.NO_SUCH_FILE;
}

/** @throws LabError `sftp-unavailable` */
export async function openSftp(client: Client): Promise<SFTPWrapper> {
  try {
    return await call((done) => client.sftp(done));
  } catch (error) {
    throw new LabError({
      code: 'sftp-unavailable',
      message: `the SSH server gives no SFTP session: ${messageOf(error)}`,
      remedy: 'see whether its sshd_config has the line: Subsystem sftp sftp-server.exe',
      cause: error,
    });
  }
}

async function statOf(sftp: SFTPWrapper, path: string): Promise<Stats | undefined> {
  try {
    return await call<Stats>((done) => sftp.stat(path, done));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function failed(what: string, path: string, error: unknown): LabError {
  return new LabError({
    code: 'file-operation-failed',
    message: `cannot ${what} ${path}: ${messageOf(error)}`,
    remedy:
      "see whether the directory is there and the account may use it, and whether the host's security product removed it",
    cause: error,
  });
}

async function writeAll(sftp: SFTPWrapper, handle: Buffer, content: AsyncIterable<Buffer>): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  let broken: unknown;
  let position = 0;
  for await (const chunk of content) {
    for (let from = 0; from < chunk.length; from += chunkBytes) {
      const part = chunk.subarray(from, from + chunkBytes);
      const at = position;
      position += part.length;
      const write = call<undefined>((done) => sftp.write(handle, part, 0, part.length, at, done))
        .catch((error: unknown) => {
          broken ??= error;
        })
        .finally(() => inFlight.delete(write));
      inFlight.add(write);
      if (inFlight.size >= writesInFlight) await Promise.race(inFlight);
      if (broken !== undefined) break;
    }
    if (broken !== undefined) break;
  }
  await Promise.all(inFlight);
  if (broken !== undefined) throw broken instanceof Error ? broken : new Error(messageOf(broken));
}

/**
 * Writes a new file. Where it breaks off, what was written is removed: a failed stage leaves nothing.
 * @throws LabError `file-exists` where there is one: it is not ours; `file-operation-failed`
 */
export async function stageFile(sftp: SFTPWrapper, file: StagedFile, path: string): Promise<void> {
  let handle: Buffer;
  try {
    handle = await call<Buffer>((done) => sftp.open(path, 'wx', done));
  } catch (error) {
    const there = await statOf(sftp, path).catch(() => undefined);
    if (there === undefined) throw failed('write', file.path, error);
    throw new LabError({
      code: 'file-exists',
      message: `${file.path} is there already, and is not ours`,
      remedy: 'remove it if nobody needs it, or choose another workDir in lab.yaml',
      cause: error,
    });
  }
  try {
    await writeAll(sftp, handle, file.content());
    await call((done) => sftp.close(handle, done));
  } catch (error) {
    await call((done) => sftp.close(handle, done)).catch(() => undefined);
    await call((done) => sftp.unlink(path, done)).catch(() => undefined);
    throw failed('write', file.path, error);
  }
}

/** @throws InputError `not-found`; LabError `file-too-large` beyond maxBytes, `file-operation-failed` */
export async function readWhole(
  sftp: SFTPWrapper,
  shown: string,
  path: string,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream = sftp.createReadStream(path);
  // The iteration throws what goes wrong while reading. The handle is closed after it, and a session that ends meanwhile fails that
  // close: the content has been read by then.
  stream.on('error', () => undefined);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    if (!isAbsent(error)) throw failed('read', shown, error);
    throw new InputError({ code: 'not-found', message: `there is no file ${shown}`, cause: error });
  }
  if (size > maxBytes)
    throw new LabError({ code: 'file-too-large', message: `${shown} has more than ${maxBytes} bytes` });
  return Buffer.concat(chunks);
}

/** @returns false where the directory was there already */
export async function makeDirectory(sftp: SFTPWrapper, shown: string, path: string): Promise<boolean> {
  try {
    await call((done) => sftp.mkdir(path, done));
    return true;
  } catch (error) {
    // SFTP version 3 has no status of its own for "exists".
    if ((await statOf(sftp, path).catch(() => undefined))?.isDirectory() === true) return false;
    throw failed('make the directory', shown, error);
  }
}

export async function removeFile(sftp: SFTPWrapper, shown: string, path: string): Promise<void> {
  try {
    await call((done) => sftp.unlink(path, done));
  } catch (error) {
    if (!isAbsent(error)) throw failed('remove', shown, error);
  }
}

export async function removeDirectory(sftp: SFTPWrapper, shown: string, path: string): Promise<void> {
  try {
    await call((done) => sftp.rmdir(path, done));
  } catch (error) {
    if (!isAbsent(error)) throw failed('remove the directory', shown, error);
  }
}
