import { win32 } from 'node:path';
import { messageOf } from '../../core/index.js';
import { TftpFailure, tftpTransfer } from '../clients/index.js';
import { reportCreated } from '../host/files.js';
import type { Program } from '../host/types.js';
import { asWindowsError } from '../host/windows-error.js';

const usage =
  'Transfers files to and from a remote computer running the TFTP service.\r\n\r\nTFTP [-i] host [GET | PUT] source [destination]\r\n';

/** Windows' tftp.exe (an optional feature): blocks of 512 bytes, no options, netascii without `-i`, the port that the services file names. */
export const tftp: Program = {
  file: 'tftp.exe',
  originalFileName: 'tftp.exe',
  async run(context) {
    const { machine, process, signal, stdout, stderr } = context;
    const [host, verb, source, destination] = context.args.filter((arg) => !/^-i$/i.test(arg));
    if (host === undefined || source === undefined || !/^(get|put)$/i.test(verb ?? '')) {
      await stdout.write(usage);
      return 1;
    }
    const write = /^put$/i.test(verb ?? '');
    const started = machine.clock.now();
    try {
      const local = write ? source : (destination ?? win32.basename(source));
      const path = machine.disk.resolve(local, process.currentDirectory);
      const isNew = (await machine.disk.find(path)) === null;
      if (write && isNew) {
        await stderr.write(`tftp: can't read from local file '${source}'\r\n`);
        return 1;
      }
      if (!write) {
        await machine.disk.write(path, '', 'a');
        if (isNew) reportCreated(context, path);
      }
      const bytes = await tftpTransfer(machine, {
        owner: process,
        remote: { ip: host, port: machine.services.tftp },
        write,
        name: write ? (destination ?? win32.basename(source)) : source,
        file: await machine.disk.locate(path),
        mode: context.args.some((arg) => /^-i$/i.test(arg)) ? 'octet' : 'netascii',
        signal,
      });
      const seconds = Math.max(1, Math.ceil((machine.clock.now() - started) / 1000));
      await stdout.write(
        `Transfer successful: ${bytes} bytes in ${seconds} second(s), ${Math.floor(bytes / seconds)} bytes/s\r\n`,
      );
      return 0;
    } catch (error) {
      if (!(error instanceof TftpFailure)) {
        await stderr.write(
          `Connect request failed\r\n${error instanceof Error && 'errno' in error ? asWindowsError(error).message : messageOf(error)}\r\n`,
        );
      } else if (error.code === null)
        await stderr.write(`${error.message}\r\n\r\nConnect request failed\r\n`);
      else await stderr.write(`Error on server : ${error.message}\r\n\r\nConnect request failed\r\n`);
      return 1;
    }
  },
};
