import type { Secret } from '../../core/index.js';

export interface SshOptions {
  readonly hostId: string;
  /** An IP address: names are resolved once, before planning, and nothing else is ever connected to. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Fingerprint of the host key, `SHA256:…` as ssh-keygen -l prints it. */
  readonly hostKey: string;
  /** Private key, in any form that OpenSSH writes. */
  readonly key?: Secret;
  readonly passphrase?: Secret;
  readonly password?: Secret;
  /** Socket or pipe of an SSH agent. */
  readonly agent?: string;
  readonly connectTimeoutMs: number;
  /** Further attempts after the first where the host cannot be reached. Default 2. */
  readonly connectRetries?: number;
  /** Told before each further attempt: the number of the attempt that failed, from 1, and why. */
  readonly onRetry?: (attempt: number, error: Error) => void;
  /** A host path as SFTP wants it. Default: `C:\x` → `/C:/x`, and POSIX paths as they are. */
  readonly toSftpPath?: (path: string) => string;
}
