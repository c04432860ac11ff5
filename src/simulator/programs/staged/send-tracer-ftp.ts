import { ftpManners, openPassiveFtp } from '../../clients/index.js';
import { ftpUri, isFolder, loginParameters, madeCredentials } from './ftp-login.js';
import { mandatory, pauseParameter, type StagedScript } from './script-types.js';
import { pauseBefore, tracersOf } from './tracer-file.js';

/** Send-TracerFtp.ps1: System.Net.WebClient.UploadFile; .NET keeps the control connection for the next file. */
export const sendTracerFtp: StagedScript<'Path' | 'Uri' | 'User' | 'Password' | 'PauseMilliseconds'> = {
  parameters: { Path: mandatory, Uri: mandatory, ...loginParameters, PauseMilliseconds: pauseParameter },
  async run(context, { Path, Uri, User, Password, PauseMilliseconds }) {
    const { machine, process, signal } = context;
    const tracers = await tracersOf(context, Path);
    const { remote, name } = ftpUri(Uri);
    if (tracers.length > 1 && !isFolder(name))
      throw new Error('several tracers need a folder: a Uri that ends with a slash');
    context.invoked('New-Object', { TypeName: 'System.Net.WebClient' });
    madeCredentials(context, User, Password);
    const session = await openPassiveFtp(machine, {
      owner: process,
      remote,
      user: User,
      password: Password,
      manner: ftpManners.webRequest,
      signal,
    });
    try {
      for (const [index, tracer] of tracers.entries()) {
        await pauseBefore(context, index, PauseMilliseconds);
        const target = isFolder(name) ? `${name}${tracer.name}` : name;
        await session.transfer({ name: target, direction: 'upload', file: tracer.file });
        context.moved(tracer.size);
      }
      await session.close();
    } finally {
      session.breakOff();
    }
  },
};
