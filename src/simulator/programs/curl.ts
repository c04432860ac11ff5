import { win32 } from 'node:path';
import { messageOf } from '../../core/index.js';
import { FtpFailure, TftpFailure, ftpManners, passiveFtp, tftpTransfer } from '../clients/index.js';
import { reportCreated } from '../host/files.js';
import type { Program, ProgramContext } from '../host/types.js';
import { readCurl, type CurlRequest } from './staged/curl-options.js';

/** curl's exit codes (curl.1, EXIT CODES). */
class CurlError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

function ofFtp(error: FtpFailure, upload: boolean): CurlError {
  const text = error.message;
  switch (error.stage) {
    case 'connect':
      return error.code === null
        ? new CurlError(7, text)
        : new CurlError(8, `Got a ${error.code} ftp-server response when 220 was expected`);
    case 'login':
      return error.code === null
        ? new CurlError(56, text)
        : new CurlError(67, `Access denied: ${error.code}`);
    case 'directory':
      return new CurlError(9, 'Server denied you to change to the given directory');
    case 'data':
      return error.code === null
        ? new CurlError(7, text)
        : new CurlError(13, `Bad PASV/EPSV response: ${error.code}`);
    case 'transfer':
      if (upload) return new CurlError(25, `Failed FTP upload: ${error.code ?? text}`);
      return error.code === 550 ? new CurlError(78, 'The file does not exist') : new CurlError(18, text);
  }
}

/** TFTP's error codes (RFC 1350) in curl's. */
const tftpCodes: Readonly<Record<number, number>> = { 1: 68, 2: 69, 3: 70, 4: 71, 5: 72, 6: 73, 7: 74 };

async function transfer(context: ProgramContext, request: CurlRequest): Promise<void> {
  const { machine, process, signal } = context;
  const url = URL.canParse(request.url) ? new URL(request.url) : null;
  if (url === null) throw new CurlError(3, 'URL using bad/illegal format or missing URL');
  const upload = request.upload !== null;
  const local = request.upload ?? request.output ?? win32.basename(url.pathname);
  const path = machine.disk.resolve(local, process.currentDirectory);
  const found = await machine.disk.find(path);
  if (upload && found === null) throw new CurlError(26, `Can't open '${local}'!`);
  if (!upload) {
    await machine.disk.write(path, '');
    if (found === null) reportCreated(context, path);
  }
  // A URL that ends in a slash takes the file's own name.
  const name =
    decodeURIComponent(url.pathname.slice(1)) +
    (upload && url.pathname.endsWith('/') ? win32.basename(path) : '');
  const ip = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const common = { owner: process, name, file: await machine.disk.locate(path), signal };
  const [user = 'anonymous', password = 'ftp@example.com'] = request.user?.split(/:(.*)/s) ?? [];
  switch (url.protocol) {
    case 'ftp:':
      await passiveFtp(machine, {
        ...common,
        remote: { ip, port: Number(url.port || 21) },
        user,
        password,
        direction: upload ? 'upload' : 'download',
        manner: ftpManners.curl,
      });
      return;
    case 'tftp:': {
      const size = upload ? (found?.size ?? 0) : 0;
      await tftpTransfer(machine, {
        ...common,
        remote: { ip, port: Number(url.port || 69) },
        write: upload,
        options: request.noTftpOptions ? {} : { tsize: String(size), blksize: '512', timeout: '6' },
      });
      return;
    }
    default:
      throw new CurlError(1, `Protocol "${url.protocol.slice(0, -1)}" not supported or disabled in libcurl`);
  }
}

/** curl.exe of Windows 10 1803 and later, for FTP and TFTP. */
export const curl: Program = {
  file: 'curl.exe',
  originalFileName: 'curl.exe',
  async run(context) {
    const request = readCurl(context.args);
    if (typeof request === 'string') {
      await context.stderr.write(`curl: ${request}\r\ncurl: try 'curl --help' for more information\r\n`);
      return 2;
    }
    try {
      await transfer(context, request);
      return 0;
    } catch (error) {
      const failure =
        error instanceof FtpFailure
          ? ofFtp(error, request.upload !== null)
          : error instanceof TftpFailure
            ? new CurlError(error.code === null ? 28 : (tftpCodes[error.code] ?? 71), error.message)
            : error instanceof CurlError
              ? error
              : new CurlError(7, messageOf(error));
      if (request.showsError) await context.stderr.write(`curl: (${failure.code}) ${failure.message}\r\n`);
      return failure.code;
    }
  },
};
