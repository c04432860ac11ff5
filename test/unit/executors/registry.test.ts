import { describe, expect, it } from 'vitest';
import { labSchema } from '../../../src/config/index.js';
import { Secret } from '../../../src/core/index.js';
import { createExecutor, executorKinds } from '../../../src/executors/index.js';
import { sftpPath } from '../../../src/executors/ssh/files.js';

function host(address: string, more: object = {}) {
  const [parsed] = labSchema.shape.hosts.parse([
    {
      id: 'h1',
      name: 'H1',
      address,
      executor: { kind: 'ssh', user: 'dyetrace', hostKey: `SHA256:${'A'.repeat(43)}`, ...more },
    },
  ]);
  if (parsed === undefined) throw new Error('no host');
  return parsed;
}

describe('createExecutor', () => {
  it('fetches the secrets that the host names, and contacts nothing', async () => {
    const asked: string[] = [];
    const executor = await createExecutor(
      host('192.0.2.1', {
        key: 'file:id',
        passphrase: 'env:P',
        password: 'env:W',
        agent: 'env:SSH_AUTH_SOCK',
      }),
      {
        secret: (reference) => {
          asked.push(reference);
          return Promise.resolve(new Secret('s'));
        },
      },
    );
    expect(asked.sort()).toEqual(['env:P', 'env:SSH_AUTH_SOCK', 'env:W', 'file:id']);
    await executor.close();
  });

  it('refuses a host whose name was not resolved', async () => {
    await expect(
      createExecutor(host('lab-host.example'), { secret: () => Promise.resolve(new Secret('')) }),
    ).rejects.toMatchObject({ code: 'not-an-address' });
  });

  it('answers an unknown kind with the known ones', () => {
    expect(() => executorKinds.get('shh')).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/local, ssh/) as string,
        remedy: 'did you mean "ssh"?',
      }),
    );
  });
});

describe('sftpPath', () => {
  it.each([
    ['C:\\Dyetrace\\a b.dat', '/C:/Dyetrace/a b.dat'],
    ['d:/x', '/d:/x'],
    ['/tmp/x', '/tmp/x'],
  ])('%s', (path, sftp) => {
    expect(sftpPath(path)).toBe(sftp);
  });

  it.each(['x', 'C:x', '\\\\server\\share\\x', '//server/share', '..\\x', ''])('refuses %j', (path) => {
    expect(() => sftpPath(path)).toThrow(expect.objectContaining({ code: 'not-an-absolute-path' }));
  });
});
