import { ftpManners, passiveFtp } from '../../clients/index.js';
import { reportCreated } from '../../host/files.js';
import { NotATracer, type StagedScript } from './script-types.js';
import { ftpUri, madeClient } from './send-tracer-ftp.js';
import { isTracer } from './tracer-file.js';

/** Receive-TracerFtp.ps1: System.Net.WebClient.DownloadFile. */
export const receiveTracerFtp: StagedScript<'Uri' | 'Path' | 'User' | 'Password'> = {
  parameters: ['Uri', 'Path', 'User', 'Password'],
  async run(context, { Uri, Path, User, Password }) {
    const { machine, process, signal } = context;
    const path = machine.disk.resolve(Path, process.currentDirectory);
    if ((await machine.disk.find(path)) !== null)
      throw new Error(`${Path} is there already: not overwritten`);
    const { ip, port, name } = ftpUri(Uri);
    madeClient(context, User, Password);
    await machine.disk.write(path, '', 'wx');
    reportCreated(context, path);
    try {
      const bytes = await passiveFtp(machine, {
        owner: process,
        remote: { ip, port },
        user: User,
        password: Password,
        name,
        direction: 'download',
        file: await machine.disk.locate(path),
        manner: ftpManners.webRequest,
        signal,
      });
      if (await isTracer(machine, path)) return bytes;
    } catch (error) {
      // DownloadFile removes what it could not fetch whole.
      await machine.disk.remove(path);
      throw error;
    }
    await machine.disk.remove(path);
    throw new NotATracer(`what ${Uri} serves is no Dyetrace tracer: removed`);
  },
};
