import { messageOf } from '../../../core/index.js';
import { parseWindowsCommandLine } from '../../../executors/index.js';
import {
  FtpFailure,
  TftpFailure,
  activeFtp,
  ftpManners,
  passiveFtp,
  tftpTransfer,
} from '../../clients/index.js';
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

/** One line of JSON, as native/tracer-dll writes it. */
interface UploadResult {
  readonly ok: boolean;
  readonly protocol: string;
  readonly bytes: number;
  readonly error: string | null;
  /** Win32, WinINet or TFTP error code; 0 where there was none. */
  readonly code: number;
}

type Values = ReadonlyMap<string, string>;

/** Win32: ERROR_INVALID_DATA, ERROR_INVALID_PARAMETER, WSAETIMEDOUT. */
const codes = { invalidData: 13, invalidParameter: 87, timedOut: 10060 } as const;

/** WinINet's codes (wininet.h): cannot connect, incorrect password, extended error. */
const byStage = {
  connect: 12029,
  tls: 12157,
  login: 12014,
  directory: 12003,
  data: 12003,
  transfer: 12003,
} as const;

class UploadError extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** The DLL's `Upload`: `key=value` arguments; the result goes to the file that `result=` names, if that is not there yet. */
export async function tracerDllUpload(context: ProgramContext, rest: string): Promise<void> {
  const { machine, process } = context;
  const values: Values = new Map(
    parseWindowsCommandLine(`x ${rest}`)
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
  await machine.disk.write(path, `${JSON.stringify(result)}\n`, 'wx');
  reportCreated(context, path);
}

function codeOf(error: unknown): number {
  if (error instanceof FtpFailure) return byStage[error.stage];
  if (error instanceof TftpFailure) return error.code ?? codes.timedOut;
  return error instanceof WindowsError || error instanceof UploadError ? error.code : codes.invalidData;
}

async function performed(context: ProgramContext, values: Values): Promise<UploadResult> {
  const named = values.get('protocol') ?? '';
  const known = named in senders;
  const protocol = known ? named : 'none';
  try {
    if (!known) throw new UploadError('protocol must be ftp, tftp or smb', codes.invalidParameter);
    const bytes = await upload(context, senders[named as keyof typeof senders], values);
    return { ok: true, protocol, bytes, error: null, code: 0 };
  } catch (error) {
    const note = error instanceof WindowsError && error.note !== undefined ? ` (${error.note})` : '';
    return { ok: false, protocol, bytes: 0, error: `${messageOf(error)}${note}`, code: codeOf(error) };
  }
}

interface Upload {
  readonly context: ProgramContext;
  /** On the virtual disk, and on the control host. */
  readonly path: string;
  readonly file: string;
  readonly value: (key: string) => string;
  readonly active: boolean;
}

async function upload(
  context: ProgramContext,
  send: (upload: Upload) => Promise<number>,
  values: Values,
): Promise<number> {
  const { machine, process } = context;
  const value = (key: string): string => {
    const found = values.get(key);
    if (found === undefined) throw new UploadError(`${key} is needed`, codes.invalidParameter);
    return found;
  };
  const path = machine.disk.resolve(value('path'), process.currentDirectory);
  if (!(await isTracer(machine, path))) throw new UploadError('not a tracer: refused', codes.invalidData);
  const file = await machine.disk.locate(path);
  return send({ context, path, file, value, active: values.get('mode') === 'active' });
}

function peer(value: Upload['value']): { readonly ip: string; readonly port: number } {
  return { ip: value('host'), port: Number(value('port')) };
}

/** By protocol: WinINet's FtpPutFile, TFTP over Winsock, CopyFileW that overwrites nothing. */
const senders = {
  ftp: async ({ context, file, value, active }: Upload): Promise<number> => {
    const { machine, process, signal } = context;
    if (active) return sendActively(context, file, value);
    return passiveFtp(machine, {
      owner: process,
      remote: peer(value),
      user: value('user'),
      password: value('password'),
      name: value('name'),
      direction: 'upload',
      file,
      manner: ftpManners.winInet,
      signal,
    });
  },
  tftp: ({ context: { machine, process, signal }, file, value }: Upload) =>
    tftpTransfer(machine, {
      owner: process,
      remote: peer(value),
      write: true,
      name: value('name'),
      file,
      signal,
    }),
  smb: async ({ context, path, value }: Upload): Promise<number> => {
    const { machine, process } = context;
    const to = placeOf(machine, value('name'), process.currentDirectory);
    await copyBetween(context, { kind: 'disk', path }, to);
    return (await machine.disk.find(path))?.size ?? 0;
  },
} as const;

async function sendActively(context: ProgramContext, file: string, value: Upload['value']): Promise<number> {
  const { machine, process, signal } = context;
  const client = activeFtp(machine, process, signal, () => Promise.resolve());
  const expect = (code: number, text: string): void => {
    if (code >= 400) throw new UploadError(text, byStage.transfer);
  };
  try {
    await client.connect(peer(value));
    for (const command of [`USER ${value('user')}`, `PASS ${value('password')}`, 'TYPE I']) {
      const reply = await client.command(command);
      expect(reply.code, reply.text);
    }
    const { replies, bytes } = await client.transfer('STOR', value('name'), file);
    for (const reply of replies) expect(reply.code, reply.text);
    await client.command('QUIT');
    return bytes;
  } finally {
    client.close();
  }
}
