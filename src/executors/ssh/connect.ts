import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { InputError, LabError, messageOf } from '../../core/index.js';
import { fingerprintOf, requireAddress, sameFingerprint } from './host-key.js';
import type { SshOptions } from './options.js';

const keepaliveMs = 5_000;
const missedKeepalives = 3;
const firstPauseMs = 250;

function credentials(options: SshOptions): Partial<ConnectConfig> {
  return {
    ...(options.key === undefined ? {} : { privateKey: options.key.reveal() }),
    ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase.reveal() }),
    ...(options.password === undefined ? {} : { password: options.password.reveal() }),
    ...(options.agent === undefined ? {} : { agent: options.agent }),
  };
}

/** ssh2 says by `level` where it failed. */
function levelOf(error: Error): unknown {
  return 'level' in error ? error.level : undefined;
}

function failure(options: SshOptions, error: Error, offered: string | undefined): LabError {
  const where = `${options.hostId} (${options.address} port ${options.port})`;
  if (offered !== undefined && !sameFingerprint(offered, options.hostKey)) {
    return new LabError({
      code: 'host-key-mismatch',
      message: `host ${where} shows the host key ${offered}, pinned is ${options.hostKey}`,
      remedy:
        'somebody may be in between. If the host was set up anew, or another of its keys was pinned: dyetrace doctor --show-host-key, compare it on the host itself, and put it into lab.yaml',
      cause: error,
    });
  }
  if (levelOf(error) === 'client-authentication') {
    return new LabError({
      code: 'authentication-failed',
      message: `host ${where} does not let user ${options.user} in`,
      remedy:
        "check user, key, agent or password of this host in lab.yaml; an administrator's key belongs into C:\\ProgramData\\ssh\\administrators_authorized_keys",
      cause: error,
    });
  }
  return new LabError({
    code: 'host-unreachable',
    message: `cannot connect to host ${where}: ${messageOf(error)}`,
    remedy: 'see whether the host is up, its SSH server runs and the firewall lets this machine in',
    cause: error,
  });
}

function attempt(options: SshOptions, host: string): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let offered: string | undefined;
    let settled = false;
    const fail = (error: Error) => {
      if (settled) return;
      settled = true;
      client.destroy();
      reject(failure(options, error, offered));
    };
    client
      // It stays after "ready": an error without a listener would end the process.
      .on('error', fail)
      .on('close', () => fail(new Error('the connection was closed')))
      // Requests are small and each waits for its answer: Nagle's algorithm would add 40 ms to most.
      .on('connect', () => client.setNoDelay(true))
      .on('ready', () => {
        settled = true;
        resolve(client);
      });
    try {
      client.connect({
        host,
        port: options.port,
        username: options.user,
        readyTimeout: options.connectTimeoutMs,
        keepaliveInterval: keepaliveMs,
        keepaliveCountMax: missedKeepalives,
        hostVerifier: (key: Buffer) => {
          offered = fingerprintOf(key);
          return sameFingerprint(offered, options.hostKey);
        },
        ...credentials(options),
      });
    } catch (error) {
      settled = true;
      reject(
        new InputError({
          code: 'key-not-usable',
          message: `the private key for host ${options.hostId} cannot be used: ${messageOf(error)}`,
          remedy: 'see whether it is a private key, and whether it needs a passphrase',
        }),
      );
    }
  });
}

/**
 * Connects to exactly this address, with the host key pinned. Only an unreachable host is tried again, a bounded number of
 * times, each told to `onRetry`.
 * @throws LabError `host-unreachable`, `host-key-mismatch` (shows both fingerprints) or `authentication-failed`; InputError
 *   `not-an-address`, `key-not-usable`
 */
export async function connect(options: SshOptions): Promise<Client> {
  const host = requireAddress(options.address);
  const retries = options.connectRetries ?? 2;
  for (let number = 1; ; number++) {
    try {
      return await attempt(options, host);
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== 'host-unreachable' || number > retries) throw error;
      options.onRetry?.(number, error);
      await delay(firstPauseMs * 2 ** (number - 1));
    }
  }
}
