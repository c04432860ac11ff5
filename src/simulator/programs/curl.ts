import { curlVersion } from '../host/version.js';
import type { Program } from '../host/types.js';
import { CurlError, asCurlError } from './curl/errors.js';
import { readCurl } from './curl/options.js';
import { curlConnections } from './curl/transfer.js';

/** As the curl of Windows shows itself; this one speaks FTP and TFTP alone. */
const version = [
  `curl ${curlVersion} (Windows) libcurl/${curlVersion} Schannel zlib/1.3.1 WinIDN`,
  'Release-Date: 2025-04-02',
  'Protocols: dict file ftp ftps http https imap imaps ipfs ipns mqtt pop3 pop3s smb smbs smtp smtps telnet tftp ws wss',
  'Features: alt-svc AsynchDNS HSTS HTTPS-proxy IDN IPv6 Kerberos Largefile libz NTLM SPNEGO SSL SSPI threadsafe Unicode UnixSockets',
  '',
].join('\r\n');

/** curl.exe of Windows 10 1803 and later, for FTP and TFTP. */
export const curl: Program = {
  file: 'curl.exe',
  originalFileName: 'curl.exe',
  async run(context) {
    if (context.args.some((arg) => arg === '--version' || arg === '-V')) {
      await context.stdout.write(version);
      return 0;
    }
    const request = readCurl(context.args);
    if (typeof request === 'string') {
      await context.stderr.write(`curl: ${request}\r\ncurl: try 'curl --help' for more information\r\n`);
      return 2;
    }
    const { maxTimeMs } = request;
    const tooLate = new AbortController();
    const timer = maxTimeMs === null ? undefined : setTimeout(() => tooLate.abort(), maxTimeMs);
    const connections = curlConnections(context, request, AbortSignal.any([context.signal, tooLate.signal]));
    let code = 0;
    for (const transfer of request.transfers) {
      try {
        await connections.transfer(transfer);
        code = 0;
      } catch (error) {
        const failure = tooLate.signal.aborted
          ? new CurlError(28, `Operation timed out after ${maxTimeMs ?? 0} milliseconds`)
          : asCurlError(error, transfer.upload !== null);
        if (request.showsError) {
          await context.stderr.write(`curl: (${failure.code}) ${failure.message}\r\n`);
        }
        // The next transfer is tried all the same, and the last one's result is curl's (curl.1, --fail-early).
        code = failure.code;
      }
    }
    await connections.close();
    clearTimeout(timer);
    return code;
  },
};
