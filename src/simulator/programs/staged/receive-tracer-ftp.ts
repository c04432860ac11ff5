import { ftpManners, passiveFtp } from '../../clients/index.js';
import { reportCreated } from '../../host/files.js';
import { ftpUri, loginParameters, madeCredentials } from './ftp-login.js';
import { mandatory, NotATracer, type StagedScript } from './script-types.js';
import { isTracer } from './tracer-file.js';

/** Receive-TracerFtp.ps1: System.Net.WebClient.DownloadFile. */
export const receiveTracerFtp: StagedScript<'Uri' | 'Path' | 'User' | 'Password'> = {
  parameters: { Uri: mandatory, Path: mandatory, ...loginParameters },
  async run(context, { Uri, Path, User, Password }) {
    const { machine, process, signal } = context;
    const path = machine.disk.resolve(Path, process.currentDirectory);
    if ((await machine.disk.find(path)) !== null)
      throw new Error(`${Path} is there already: not overwritten`);
    const { remote, name } = ftpUri(Uri);
    context.invoked('New-Object', { TypeName: 'System.Net.WebClient' });
    madeCredentials(context, User, Password);
    await machine.disk.write(path, '', 'wx');
    reportCreated(context, path);
    try {
      const bytes = await passiveFtp(machine, {
        owner: process,
        remote,
        user: User,
        password: Password,
        name,
        direction: 'download',
        file: await machine.disk.locate(path),
        manner: ftpManners.webRequest,
        signal,
      });
      if (await isTracer(machine, path)) {
        context.moved(bytes);
        return;
      }
    } catch (error) {
      // DownloadFile removes what it could not fetch whole.
      await machine.disk.remove(path);
      throw error;
    }
    await machine.disk.remove(path);
    throw new NotATracer(`what ${Uri} serves is no Dyetrace tracer: removed`);
  },
};
