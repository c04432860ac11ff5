import { win32 } from 'node:path';
import {
  ftpManners,
  openPassiveFtp,
  tftpTransfer,
  type FtpFile,
  type PassiveFtp,
} from '../../clients/index.js';
import { reportCreated } from '../../host/files.js';
import type { ProgramContext } from '../../host/types.js';
import { CurlError } from './errors.js';
import type { CurlRequest, CurlTransfer } from './options.js';
import { curlTls } from './tls.js';

/** Connections that curl keeps for the transfers of one command line. */
export interface CurlConnections {
  transfer(transfer: CurlTransfer): Promise<void>;
  /** Says goodbye where there is somebody to say it to. */
  close(): Promise<void>;
}

/** The file on the disk, and its name at the other end: a URL that ends in a slash takes the file's own. */
async function fileOf(context: ProgramContext, url: URL, { upload, output }: CurlTransfer): Promise<FtpFile> {
  const { machine, process } = context;
  const local = upload ?? output ?? win32.basename(url.pathname);
  const path = machine.disk.resolve(local, process.currentDirectory);
  const found = await machine.disk.find(path);
  if (upload !== null && (found === null || found.directory))
    throw new CurlError(26, `Can't open '${local}'!`);
  if (upload === null) {
    await machine.disk.write(path, '');
    if (found === null) reportCreated(context, path);
  }
  const named = decodeURIComponent(url.pathname.slice(1));
  return {
    name: upload !== null && url.pathname.endsWith('/') ? named + win32.basename(path) : named,
    direction: upload === null ? 'download' : 'upload',
    file: await machine.disk.locate(path),
  };
}

export function curlConnections(
  context: ProgramContext,
  request: CurlRequest,
  signal: AbortSignal,
): CurlConnections {
  const { machine, process } = context;
  const sessions = new Map<string, PassiveFtp>();

  async function overFtp(url: URL, ip: string, file: FtpFile): Promise<void> {
    const [user = 'anonymous', password = 'ftp@example.com'] = request.user?.split(/:(.*)/s) ?? [];
    const session =
      sessions.get(url.host) ??
      (await openPassiveFtp(machine, {
        owner: process,
        remote: { ip, port: Number(url.port || 21) },
        user,
        password,
        manner: { ...ftpManners.curl, extended: request.extended },
        ...(request.tls ? { tls: curlTls(request) } : {}),
        signal,
      }));
    // A connection on which a transfer failed is not used again.
    sessions.delete(url.host);
    await session.transfer({ ...file, ...(request.append ? { verb: 'APPE' } : {}) });
    sessions.set(url.host, session);
  }
  async function overTftp(url: URL, ip: string, file: FtpFile, size: number): Promise<void> {
    const [, name = file.name, mode] = /^(.*?)(?:;mode=(netascii|octet))?$/i.exec(file.name) ?? [];
    const { tftpBlockSize, tftpOptions } = request;
    const options = { tsize: String(size), blksize: String(tftpBlockSize), timeout: '6' };
    await tftpTransfer(machine, {
      owner: process,
      remote: { ip, port: Number(url.port || 69) },
      write: file.direction === 'upload',
      name,
      file: file.file,
      mode: /^netascii$/i.test(mode ?? '') ? 'netascii' : 'octet',
      options: tftpOptions ? options : {},
      signal,
    });
  }
  return {
    async transfer(transfer) {
      const url = URL.canParse(transfer.url) ? new URL(transfer.url) : null;
      if (url === null) throw new CurlError(3, 'URL using bad/illegal format or missing URL');
      const ip = url.hostname.replace(/^\[(.*)\]$/, '$1');
      if (url.protocol !== 'ftp:' && url.protocol !== 'tftp:') {
        throw new CurlError(
          1,
          `Protocol "${url.protocol.slice(0, -1)}" not supported or disabled in libcurl`,
        );
      }
      const file = await fileOf(context, url, transfer);
      if (url.protocol === 'ftp:') return overFtp(url, ip, file);
      const path = machine.disk.resolve(transfer.upload ?? '.', process.currentDirectory);
      return overTftp(
        url,
        ip,
        file,
        transfer.upload === null ? 0 : ((await machine.disk.find(path))?.size ?? 0),
      );
    },
    async close() {
      for (const session of sessions.values()) await session.close();
    },
  };
}
