import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LabError } from '../../core/index.js';

/** Folders of system programs that a user's PATH often lacks (Linux, BSD, Homebrew on both Mac architectures). */
const systemFolders = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/bin',
  '/usr/local/bin',
  '/opt/homebrew/sbin',
  '/opt/homebrew/bin',
  '/usr/local/samba/sbin',
  '/usr/local/samba/bin',
];

const remedy =
  'install Samba (Debian/Ubuntu: apt-get install samba samba-vfs-modules; macOS: brew install samba) and run as root';

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface SambaPrograms {
  readonly smbd: string;
  readonly smbpasswd: string;
}

/**
 * The programs of Samba on this machine.
 * @param path folders to search first, as PATH spells them
 * @throws LabError where one is missing, or where we are not root: smbd changes to the account's Unix user
 */
export function findSamba(
  path = process.env['PATH'] ?? '',
  uid = process.getuid?.(),
  folders = systemFolders,
): SambaPrograms {
  const find = (name: string) => {
    const found = [...path.split(delimiter).filter((folder) => folder !== ''), ...folders]
      .map((folder) => join(folder, name))
      .find(isExecutable);
    if (found !== undefined) return found;
    throw new LabError({
      code: 'samba-missing',
      message: `the SMB sink needs Samba, and ${name} was not found`,
      remedy,
    });
  };
  const programs = { smbd: find('smbd'), smbpasswd: find('smbpasswd') };
  if (uid !== 0) {
    throw new LabError({
      code: 'samba-needs-root',
      message: 'the SMB sink needs root: Samba serves each session as a Unix user',
      remedy: 'run as root, or leave the SMB scenarios out',
    });
  }
  return programs;
}
