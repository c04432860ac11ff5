import { tftpTransfer } from '../../clients/index.js';
import { mandatory, oneOf, pauseParameter, type StagedScript } from './script-types.js';
import { pauseBefore, tracersOf } from './tracer-file.js';

/** Send-TracerTftp.ps1: TFTP by the script itself, a client port for each file. */
export const sendTracerTftp: StagedScript<
  'Path' | 'Address' | 'Port' | 'Name' | 'BlockSize' | 'Mode' | 'PauseMilliseconds'
> = {
  parameters: {
    Path: mandatory,
    Address: mandatory,
    Port: { fallback: null, valid: /^[1-9]\d{0,4}$/ },
    Name: { fallback: '', valid: /^[A-Za-z0-9._-]*$/ },
    BlockSize: { fallback: '0', valid: /^(?:0|[89]|[1-9]\d{1,4})$/ },
    Mode: oneOf('octet', 'netascii'),
    PauseMilliseconds: pauseParameter,
  },
  async run(context, { Path, Address, Port, Name, BlockSize, Mode, PauseMilliseconds }) {
    const { machine, process, signal } = context;
    const tracers = await tracersOf(context, Path);
    if (tracers.length > 1 && Name !== '')
      throw new Error('several tracers go under their own names: leave -Name out');
    for (const [index, tracer] of tracers.entries()) {
      await pauseBefore(context, index, PauseMilliseconds);
      await tftpTransfer(machine, {
        owner: process,
        remote: { ip: Address, port: Number(Port) },
        write: true,
        name: Name === '' ? tracer.name : Name,
        file: tracer.file,
        mode: Mode.toLowerCase() === 'netascii' ? 'netascii' : 'octet',
        options: BlockSize === '0' ? {} : { blksize: BlockSize },
        signal,
      });
      context.moved(tracer.size);
    }
  },
};
