import { messageOf } from '../../../core/index.js';
import { parseWindowsCommandLine } from '../../../executors/index.js';
import { FtpFailure, TftpFailure, ftpManners, passiveFtp, tftpTransfer } from '../../clients/index.js';
import { copyBetween } from '../../host/cmd/builtins/copy.js';
import { placeOf, reportCreated } from '../../host/files.js';
import type { Machine, ProgramContext } from '../../host/types.js';
import { WindowsError } from '../../host/windows-error.js';
import { isTracer } from './tracer-file.js';

const standIn = 'Dyetrace tracer DLL stand-in';

/** Whether a file is the tracer DLL (a PE with its export), or the stand-in that is staged where it has not been built. */
export async function isTracerDll(machine: Machine, path: string): Promise<boolean> {
  const content = await machine.disk.readWhole(path);
  const isPe = content.subarray(0, 2).toString('latin1') === 'MZ' && content.includes('UploadW\0');
  return isPe || content.subarray(0, standIn.length).toString('utf8') === standIn;
}

interface UploadResult {
  readonly ok: boolean;
  readonly protocol: string;
  readonly bytes: number;
  readonly error: string | null;
  /** The protocol's or Windows' own error code, null where there is none. */
  readonly code: number | null;
}

class Refused extends Error {}

/** The DLL's `Upload`: `key=value` arguments; the result goes to the file that `result=` names. */
export async function tracerDllUpload(context: ProgramContext, rest: string): Promise<void> {
  const { machine, process } = context;
  const values = new Map(
    parseWindowsCommandLine(`rundll32.exe ${rest}`)
      .slice(1)
      .map((word): [string, string] => {
        const equals = word.indexOf('=');
        return [word.slice(0, equals), word.slice(equals + 1)];
      }),
  );
  const result = await performed(context, values);
  const file = values.get('result');
  if (file === undefined) return;
  const path = machine.disk.resolve(file, process.currentDirectory);
  const isNew = (await machine.disk.find(path)) === null;
  await machine.disk.write(path, `${JSON.stringify(result)}\r\n`);
  if (isNew) reportCreated(context, path);
}

async function performed(
  context: ProgramContext,
  values: ReadonlyMap<string, string>,
): Promise<UploadResult> {
  const protocol = values.get('protocol') ?? '';
  try {
    const bytes = await upload(context, protocol, (key) => {
      const value = values.get(key);
      if (value === undefined) throw new Refused(`${key}= is missing`);
      return value;
    });
    return { ok: true, protocol, bytes, error: null, code: null };
  } catch (error) {
    const known =
      error instanceof FtpFailure || error instanceof TftpFailure || error instanceof WindowsError;
    const note = error instanceof WindowsError && error.note !== undefined ? ` (${error.note})` : '';
    return {
      ok: false,
      protocol,
      bytes: 0,
      error: `${messageOf(error)}${note}`,
      code: known ? error.code : null,
    };
  }
}

async function upload(
  context: ProgramContext,
  protocol: string,
  value: (key: string) => string,
): Promise<number> {
  const { machine, process, signal } = context;
  const path = machine.disk.resolve(value('path'), process.currentDirectory);
  if (!(await isTracer(machine, path))) throw new Refused(`${value('path')} is no Dyetrace tracer: refused`);
  const file = await machine.disk.locate(path);
  const peer = () => ({ ip: value('host'), port: Number(value('port')) });
  switch (protocol) {
    case 'ftp':
      if (value('mode') !== 'passive') throw new Refused('this host performs mode=passive only');
      return passiveFtp(machine, {
        owner: process,
        remote: peer(),
        user: value('user'),
        password: value('password'),
        name: value('name'),
        direction: 'upload',
        file,
        manner: ftpManners.winInet,
        signal,
      });
    case 'tftp':
      return tftpTransfer(machine, {
        owner: process,
        remote: peer(),
        write: true,
        name: value('name'),
        file,
        signal,
      });
    case 'smb':
      await copyBetween(
        context,
        { kind: 'disk', path },
        placeOf(machine, value('name'), process.currentDirectory),
      );
      return (await machine.disk.find(path))?.size ?? 0;
    default:
      throw new Refused(`protocol "${protocol}" is none of ftp, smb, tftp`);
  }
}
