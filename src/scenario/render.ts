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
  'tcpport',
] as const satisfies readonly (keyof Placeholders)[];

/** Every `{name}` in a text, known or not. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(/\{([A-Za-z_]+)\}/g)].map((match) => match[1] ?? '');
}

/** Fills `{name}` in. @throws InputError on a name that does not exist */
export function fill(text: string, values: Placeholders): string {
  return text.replaceAll(/\{([A-Za-z_]+)\}/g, (_, name: string) => {
    if (Object.hasOwn(values, name)) return values[name as keyof Placeholders];
    throw new InputError({
      code: 'unknown-placeholder',
      message: `unknown placeholder {${name}}; known: ${placeholderNames.join(', ')}`,
    });
  });
}
