import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { newKeyPair } from '../../../../../src/simulator/host/ssh/host-key.js';

describe('a new key pair', () => {
  it('can be read back, also where the public key begins with a zero byte (one in 256)', () => {
    const unreadable = Array.from({ length: 2000 }, newKeyPair).filter(
      (pair) =>
        ssh2.utils.parseKey(pair.public) instanceof Error ||
        ssh2.utils.parseKey(pair.private) instanceof Error,
    );
    expect(unreadable).toEqual([]);
  });
});
