import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';
import { canonicalIp, InputError, LabError, messageOf } from '../../core/index.js';

/** Fingerprint of a public key in SSH wire form, as `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Whether two fingerprints are the same; base64 padding is optional. */
export function sameFingerprint(one: string, other: string): boolean {
  return one.replace(/=+$/, '') === other.replace(/=+$/, '');
}

/** @throws InputError for what is no IP address: a name could lead elsewhere than the scope allows */
export function requireAddress(text: string): string {
  const address = canonicalIp(text);
  if (address !== undefined) return address;
  throw new InputError({
    code: 'not-an-address',
    message: `"${text}" is no IP address; names are resolved once, before planning`,
  });
}

/**
 * Asks a server for its host key and hangs up before any authentication. For the explicit command that shows it: a run never
 * trusts what it has not been told.
 * @returns the fingerprint, `SHA256:…`
 * @throws InputError where the address is a name, LabError `host-unreachable`
 */
export async function fetchHostKey(address: string, port: number, timeoutMs = 10_000): Promise<string> {
  const host = requireAddress(address);
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let found: string | undefined;
    const settle = (error?: Error) => {
      client.destroy();
      if (found !== undefined) resolve(found);
      else
        reject(
          new LabError({
            code: 'host-unreachable',
            message: `no host key from ${address} port ${port}: ${error === undefined ? 'the connection was closed' : messageOf(error)}`,
            remedy: 'see whether the SSH server runs and the firewall lets this machine in',
            cause: error,
          }),
        );
    };
    client.on('error', settle).on('close', () => settle());
    client.connect({
      host,
      port,
      username: 'nobody',
      readyTimeout: timeoutMs,
      hostVerifier: (key: Buffer) => {
        found = fingerprintOf(key);
        return false;
      },
    });
  });
}
