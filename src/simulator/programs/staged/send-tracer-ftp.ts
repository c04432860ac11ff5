import { ftpManners, passiveFtp } from '../../clients/index.js';
import { NotATracer, type ScriptContext, type StagedScript } from './script-types.js';
import { isTracer } from './tracer-file.js';

/** `ftp://address:port/name`, taken apart. @throws where it is none */
export function ftpUri(text: string): { readonly ip: string; readonly port: number; readonly name: string } {
  const uri = new URL(text);
  if (uri.protocol !== 'ftp:') throw new Error(`The URI prefix is not recognized: ${uri.protocol}`);
  const name = decodeURIComponent(uri.pathname.slice(1));
  return { ip: uri.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(uri.port || 21), name };
}

/** What both FTP scripts do to make their client, as 4103 logs it. */
export function madeClient(context: ScriptContext, user: string, password: string): void {
  context.invoked('New-Object', { TypeName: 'System.Net.WebClient' });
  context.invoked('New-Object', {
    TypeName: 'System.Net.NetworkCredential',
    ArgumentList: `${user}, ${password}`,
  });
}

/** Send-TracerFtp.ps1: System.Net.WebClient.UploadFile. */
export const sendTracerFtp: StagedScript<'Path' | 'Uri' | 'User' | 'Password'> = {
  parameters: ['Path', 'Uri', 'User', 'Password'],
  async run(context, { Path, Uri, User, Password }) {
    const { machine, process, signal } = context;
    const path = machine.disk.resolve(Path, process.currentDirectory);
    if (!(await isTracer(machine, path))) throw new NotATracer(`${Path} is no Dyetrace tracer: refused`);
    const { ip, port, name } = ftpUri(Uri);
    madeClient(context, User, Password);
    return passiveFtp(machine, {
      owner: process,
      remote: { ip, port },
      user: User,
      password: Password,
      name,
      direction: 'upload',
      file: await machine.disk.locate(path),
      manner: ftpManners.webRequest,
      signal,
    });
  },
};
