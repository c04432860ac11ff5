import { tftpTransfer } from '../../clients/index.js';
import { NotATracer, type StagedScript } from './script-types.js';
import { isTracer } from './tracer-file.js';

/** Send-TracerTftp.ps1: TFTP by the script itself, without options. */
export const sendTracerTftp: StagedScript<'Path' | 'Address' | 'Port' | 'Name'> = {
  parameters: ['Path', 'Address', 'Port', 'Name'],
  async run({ machine, process, signal }, { Path, Address, Port, Name }) {
    const path = machine.disk.resolve(Path, process.currentDirectory);
    if (!/^[A-Za-z0-9._-]+$/.test(Name)) throw new Error(`Cannot validate argument on parameter 'Name'.`);
    if (!(await isTracer(machine, path))) throw new NotATracer(`${Path} is no Dyetrace tracer: refused`);
    return tftpTransfer(machine, {
      owner: process,
      remote: { ip: Address, port: Number(Port) },
      write: true,
      name: Name,
      file: await machine.disk.locate(path),
      signal,
    });
  },
};
