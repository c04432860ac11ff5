import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { LabError, systemCode } from '../../core/index.js';

/** Where everything of one private Samba lies. */
export interface StateDirectory {
  /** The sink's own directory, or a stand-in for it where Samba could not live there. */
  readonly base: string;
  readonly config: string;
  readonly userMap: string;
  /** Accounts and keys: for root alone. */
  readonly private: string;
  readonly state: string;
  readonly logs: string;
  /** What the client sees. */
  readonly share: string;
  /** Second names (hard links) of what is received: content outlives whatever a client does to the first. */
  readonly received: string;
}

const pointerName = 'smb-directory';
const standInName = /^dyetrace-smb-[0-9a-f]{16}$/;
// Samba makes Unix sockets below it, whose whole path may have 107 bytes (sun_path of sockaddr_un, minus its end).
const longestBase = 72;

function layout(base: string): StateDirectory {
  return {
    base,
    config: join(base, 'smb.conf'),
    userMap: join(base, 'users.map'),
    private: join(base, 'private'),
    state: join(base, 'state'),
    logs: join(base, 'logs'),
    share: join(base, 'share'),
    received: join(base, 'received'),
  };
}

/** Whether an unprivileged user can reach what lies in a directory. */
async function isReachable(directory: string): Promise<boolean> {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Samba can live there: its paths are short, need no quoting in smb.conf, and the share can be reached from it. */
async function suits(directory: string): Promise<boolean> {
  return (
    /^[\w./-]+$/.test(directory) &&
    Buffer.byteLength(directory) <= longestBase &&
    (await isReachable(dirname(directory)))
  );
}

async function standIn(directory: string): Promise<string> {
  for (const folder of new Set([resolve(tmpdir()), '/tmp', '/var/tmp'])) {
    const base = join(folder, `dyetrace-smb-${randomBytes(8).toString('hex')}`);
    if (!(await suits(base).catch(() => false))) continue;
    // The pointer first: whatever happens next, clean-up finds what was made.
    await writeFile(join(directory, pointerName), `${base}\n`);
    await mkdir(base);
    return base;
  }
  throw new LabError({
    code: 'samba-no-directory',
    message:
      'the SMB sink found no directory that an unprivileged user can reach with a path short enough for Samba',
    remedy: 'make /tmp or TMPDIR accessible to all users (chmod 1777 /tmp)',
  });
}

/**
 * Makes the directories of a private Samba under the sink's own directory. Where that cannot serve (below root's home, too long,
 * unusual characters), a directory among the temporary files stands in, and a file `smb-directory` in the sink's own names it.
 */
export async function makeStateDirectory(directory: string): Promise<StateDirectory> {
  const own = resolve(directory);
  await mkdir(own, { recursive: true });
  const suitable = await suits(own);
  const base = suitable ? own : await standIn(own);
  await chmod(base, 0o711);
  const paths = layout(base);
  for (const folder of [paths.private, paths.state, paths.logs, paths.received]) {
    await mkdir(folder, { mode: 0o700 });
  }
  await mkdir(paths.share);
  // The mode that mkdir is given is cut by the umask.
  await chmod(paths.share, 0o755);
  return paths;
}

/** Where the Samba of a sink lives, whether it still runs or not. */
export async function findStateDirectory(directory: string): Promise<StateDirectory> {
  const own = resolve(directory);
  try {
    const base = (await readFile(join(own, pointerName), 'utf8')).trim();
    return layout(standInName.test(basename(base)) ? base : own);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return layout(own);
    throw error;
  }
}

/** Removes what Samba and the sink kept, content and accounts included; the sink's own directory stays. Absent is fine. */
export async function removeStateDirectory(directory: string): Promise<void> {
  const own = resolve(directory);
  const paths = await findStateDirectory(own);
  if (paths.base !== own) {
    const found = await lstat(paths.base).catch(() => undefined);
    // Somebody else's directory, or a link to elsewhere, is not ours to remove.
    if (found?.isDirectory() === true && found.uid === process.getuid?.()) {
      await rm(paths.base, { recursive: true, force: true });
    }
  }
  const mine = layout(own);
  for (const path of [
    mine.config,
    mine.userMap,
    mine.private,
    mine.state,
    mine.logs,
    mine.share,
    mine.received,
    join(own, pointerName),
  ]) {
    await rm(path, { recursive: true, force: true });
  }
}
