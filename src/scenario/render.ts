import { InputError } from '../core/index.js';

/** What placeholders stand for in one execution. An empty value drops the argument that consists of it alone. */
export interface Placeholders {
  readonly id: string;
  readonly tracer: string;
  readonly script: string;
  readonly dll: string;
  readonly text: string;
  readonly result: string;
  readonly download: string;
  readonly sink: string;
  readonly port: string;
  readonly share: string;
  readonly file: string;
  readonly user: string;
  readonly password: string;
  /** Folder of the execution on the host. */
  readonly directory: string;
  /** Copy of a program under a name of the execution's own. */
  readonly renamed: string;
  /** Milliseconds between the pieces of a slow execution; 0 elsewhere. */
  readonly pause: string;
  /** The same in whole seconds, rounded up. */
  readonly pauseSeconds: string;
  /** Echo requests, one a second, that take this long: `ping.exe -n {pings} 127.0.0.1`. */
  readonly pings: string;
  /** Slow: what a step or text says of each piece. */
  readonly pieces: string;
  /** Slow, in `each` alone: path of one piece, and its name. */
  readonly piece: string;
  readonly pieceFile: string;
  /** SHA-256 of the sink's certificate (DER), in hexadecimal; empty where it has none. */
  readonly certificateSha256: string;
  /** `sha256//…` of the certificate's public key, as curl's --pinnedpubkey takes it. */
  readonly publicKeyPin: string;
  /** `/TCPPORT:n` where the SMB sink does not listen on 445 (net use, Windows 11 24H2 and Server 2025), else empty. */
  readonly tcpport: string;
}

export const placeholderNames = [
  'id',
  'tracer',
  'script',
  'dll',
  'text',
  'result',
  'download',
  'sink',
  'port',
  'share',
  'file',
  'user',
  'password',
  'directory',
  'renamed',
  'pause',
  'pauseSeconds',
  'pings',
  'pieces',
  'piece',
  'pieceFile',
  'certificateSha256',
  'publicKeyPin',
  'tcpport',
] as const satisfies readonly (keyof Placeholders)[];

/** Every `{name}` in a text, known or not. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map((match) => match[1] ?? '');
}

/** Fills `{name}` in. @throws InputError on a name that does not exist */
export function fill(text: string, values: Placeholders): string {
  return text.replaceAll(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    if (Object.hasOwn(values, name)) return values[name as keyof Placeholders];
    throw new InputError({
      code: 'unknown-placeholder',
      message: `unknown placeholder {${name}}; known: ${placeholderNames.join(', ')}`,
    });
  });
}
