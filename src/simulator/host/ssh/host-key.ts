import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';

export interface HostKey {
  readonly privateKey: string;
  /** `SHA256:…` without padding, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** A key pair in OpenSSH's formats. */
export interface SshKeyPair {
  readonly private: string;
  /** One line, as it stands in `authorized_keys`. */
  readonly public: string;
}

const readable = (key: string): boolean => !(ssh2.utils.parseKey(key) instanceof Error);

/**
 * A new ed25519 key pair. ssh2 1.17 drops the leading zero bytes of a public key and then cannot read it back: one key in 256,
 * which is thrown away here.
 */
export function newKeyPair(): SshKeyPair {
  for (let attempt = 0; attempt < 16; attempt++) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (readable(pair.public) && readable(pair.private)) return pair;
  }
  throw new Error('no readable ed25519 key in 16 attempts');
}

/** A new ed25519 key: a simulated host has another one with each start. */
export function newHostKey(): HostKey {
  const pair = newKeyPair();
  const blob = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return { privateKey: pair.private, fingerprint: `SHA256:${digest}` };
}
