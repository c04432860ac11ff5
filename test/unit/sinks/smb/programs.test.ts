import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/index.js';
import { findSamba } from '../../../../src/sinks/smb/programs.js';
import { unprivilegedUser } from '../../../../src/sinks/smb/unix-user.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'smb-programs-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function program(name: string, mode = 0o755) {
  await writeFile(join(directory, name), '');
  await chmod(join(directory, name), mode);
}

function failure(act: () => unknown): LabError {
  try {
    act();
  } catch (error) {
    if (error instanceof LabError) return error;
  }
  throw new Error('no LabError was thrown');
}

describe('findSamba', () => {
  it('finds the programs on PATH and in the folders of system programs', async () => {
    await program('smbd');
    await program('smbpasswd');
    const found = { smbd: join(directory, 'smbd'), smbpasswd: join(directory, 'smbpasswd') };
    expect(findSamba(`/nowhere${delimiter}${directory}`, 0, [])).toEqual(found);
    expect(findSamba('', 0, [directory])).toEqual(found);
  });

  it('names what is missing and how to install it', async () => {
    await program('smbd');
    const error = failure(() => findSamba(directory, 0, []));
    expect(error.code).toBe('samba-missing');
    expect(error.message).toContain('smbpasswd');
    expect(error.remedy).toContain('apt-get install samba samba-vfs-modules');
    expect(error.exitCode).toBe(3);
  });

  it('does not take a file that cannot be executed', async () => {
    await program('smbd', 0o644);
    expect(failure(() => findSamba(directory, 0, [])).message).toContain('smbd');
  });

  it('needs root', async () => {
    await program('smbd');
    await program('smbpasswd');
    expect(failure(() => findSamba(directory, 1000, [])).code).toBe('samba-needs-root');
  });
});

describe('unprivilegedUser', () => {
  const passwd = async (text: string) => {
    await writeFile(join(directory, 'passwd'), text);
    return join(directory, 'passwd');
  };

  it('reads the group of nobody, in the spelling of Linux and of macOS', async () => {
    const linux = await passwd(
      'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
    );
    expect(await unprivilegedUser(linux)).toEqual({ name: 'nobody', gid: 65_534 });
    const mac = await passwd('# comment\nnobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n');
    expect(await unprivilegedUser(mac)).toEqual({ name: 'nobody', gid: 4_294_967_294 });
  });

  it('says so where there is none', async () => {
    const path = await passwd('root:x:0:0::/root:/bin/sh\n');
    await expect(unprivilegedUser(path)).rejects.toMatchObject({ code: 'samba-no-unix-user' });
  });
});
