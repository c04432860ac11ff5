import type { Endpoint } from '../../../core/index.js';
import { activeFtp } from '../../clients/index.js';
import type { ProgramContext } from '../../host/types.js';
import { mandatory, type ScriptContext } from './script-types.js';
import type { TracerFile } from './tracer-file.js';

/** `ftp://address:port/name`, taken apart. `name` is empty or ends with a slash for a folder. @throws where it is none */
export function ftpUri(text: string): { readonly remote: Endpoint; readonly name: string } {
  const uri = new URL(text);
  if (uri.protocol !== 'ftp:') throw new Error(`The URI prefix is not recognized: ${uri.protocol}`);
  const name = decodeURIComponent(uri.pathname.slice(1));
  return { remote: { ip: uri.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(uri.port || 21) }, name };
}

export function isFolder(name: string): boolean {
  return name === '' || name.endsWith('/');
}

export const loginParameters = { User: mandatory, Password: mandatory } as const;

/** Logs the credentials that a script makes, as 4103 shows them. */
export function madeCredentials(context: ScriptContext, user: string, password: string): void {
  context.invoked('New-Object', {
    TypeName: 'System.Net.NetworkCredential',
    ArgumentList: `${user}, ${password}`,
  });
}

export interface ActiveSend {
  readonly remote: Endpoint;
  readonly user: string;
  readonly password: string;
  /** Commands between the login and the transfer; their failure does not matter. */
  readonly afterLogin: readonly string[];
  readonly verb: 'STOR' | 'APPE' | 'STOU';
  readonly name: string;
}

/**
 * One upload in active mode over a control connection of its own.
 * @param refused makes the error of a reply of 400 or more. @returns bytes moved
 */
export async function sendActively(
  context: Pick<ProgramContext, 'machine' | 'process' | 'signal'>,
  tracer: TracerFile,
  wanted: ActiveSend,
  refused: (text: string) => Error,
): Promise<number> {
  const { machine, process, signal } = context;
  const client = activeFtp(machine, process, signal, () => Promise.resolve());
  const expect = (reply: { readonly code: number; readonly text: string }): void => {
    if (reply.code >= 400) throw refused(reply.text);
  };
  try {
    expect(await client.connect(wanted.remote));
    for (const command of [`USER ${wanted.user}`, `PASS ${wanted.password}`])
      expect(await client.command(command));
    for (const command of wanted.afterLogin) await client.command(command);
    const { replies, bytes } = await client.transfer(wanted.verb, wanted.name, tracer.file);
    for (const reply of replies) expect(reply);
    await client.command('QUIT');
    return bytes;
  } finally {
    client.close();
  }
}
