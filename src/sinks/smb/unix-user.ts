import { readFile } from 'node:fs/promises';
import { LabError } from '../../core/index.js';

export interface UnixUser {
  readonly name: string;
  readonly gid: number;
}

/**
 * The unprivileged user as whom Samba serves the run's account.
 * @throws LabError where this machine has no `nobody`
 */
export async function unprivilegedUser(passwd = '/etc/passwd'): Promise<UnixUser> {
  const line = (await readFile(passwd, 'utf8')).split('\n').find((entry) => entry.startsWith('nobody:'));
  const gid = Number(line?.split(':')[3] ?? Number.NaN);
  if (!Number.isInteger(gid)) {
    throw new LabError({
      code: 'samba-no-unix-user',
      message: `the SMB sink needs the Unix user nobody, and ${passwd} has none`,
      remedy: 'add an unprivileged user with that name (useradd --system nobody)',
    });
  }
  // macOS writes its nobody as -2; the kernel takes it as an unsigned number.
  return { name: 'nobody', gid: gid >>> 0 };
}
