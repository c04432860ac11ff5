import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../core/index.js';
import { parseWindowsCommandLine } from '../../../executors/index.js';
import { FtpFailure, TftpFailure, ftpManners, openPassiveFtp, tftpTransfer } from '../../clients/index.js';
import { copyBetween } from '../../host/cmd/builtins/copy.js';
import { placeOf, reportCreated } from '../../host/files.js';
import type { Machine, ProgramContext } from '../../host/types.js';
import { WindowsError } from '../../host/windows-error.js';
import { sendActively } from './ftp-login.js';
import { filesNamed, isTracer, tracerFile, type TracerFile } from './tracer-file.js';

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
  /** What has arrived. */
  readonly bytes: number;
  readonly files: number;
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
  const count = { bytes: 0, files: 0 };
  try {
    if (!known) throw new UploadError('protocol must be ftp, tftp or smb', codes.invalidParameter);
    const upload = await uploadOf(context, values, count);
    await senders[named as keyof typeof senders](upload);
    return { ok: true, protocol, ...count, error: null, code: 0 };
  } catch (error) {
    const note = error instanceof WindowsError && error.note !== undefined ? ` (${error.note})` : '';
    return { ok: false, protocol, ...count, error: `${messageOf(error)}${note}`, code: codeOf(error) };
  }
}

interface Upload {
  readonly context: ProgramContext;
  readonly tracers: readonly TracerFile[];
  /** The value of a key that has to be there. @throws UploadError */
  readonly value: (key: string) => string;
  readonly optional: (key: string) => string | undefined;
  /** Name of a tracer at the server. */
  readonly nameOf: (tracer: TracerFile) => string;
  /** Calls `send` for each tracer, with the pause between, and counts what has arrived. */
  readonly each: (send: (tracer: TracerFile) => Promise<unknown>) => Promise<void>;
}

/** Looks at all files before any is sent. */
async function uploadOf(
  context: ProgramContext,
  values: Values,
  count: { bytes: number; files: number },
): Promise<Upload> {
  const { machine, process, signal } = context;
  const optional = (key: string): string | undefined => values.get(key) || undefined;
  const value = (key: string): string => {
    const found = optional(key);
    if (found === undefined) throw new UploadError(`${key} is needed`, codes.invalidParameter);
    return found;
  };
  const tracers: TracerFile[] = [];
  for (const named of await filesNamed(context, value('path'))) {
    const path = machine.disk.resolve(named, process.currentDirectory);
    if (!(await isTracer(machine, path))) throw new UploadError('not a tracer: refused', codes.invalidData);
    tracers.push(await tracerFile(machine, path));
  }
  const name = optional('name');
  if (tracers.length > 1 && name !== undefined && !name.endsWith('\\'))
    throw new UploadError('several tracers go under their own names', codes.invalidParameter);
  return {
    context,
    tracers,
    value,
    optional,
    nameOf: (tracer) => name ?? tracer.name,
    each: async (send) => {
      for (const [index, tracer] of tracers.entries()) {
        const pause = Number(optional('pause') ?? 0);
        if (index > 0 && pause > 0) await delay(pause, undefined, { signal });
        await send(tracer);
        count.bytes += tracer.size;
        count.files += 1;
      }
    },
  };
}

function peer(value: Upload['value']): { readonly ip: string; readonly port: number } {
  return { ip: value('host'), port: Number(value('port')) };
}

/** By protocol: WinINet's FtpPutFile, TFTP over Winsock, CopyFileW. */
const senders = {
  ftp: async ({ context, value, optional, nameOf, each }: Upload): Promise<void> => {
    const { machine, process, signal } = context;
    const login = { remote: peer(value), user: value('user'), password: value('password') };
    if (optional('mode') === 'active') {
      const refused = (text: string): Error => new UploadError(text, byStage.transfer);
      await each((tracer) =>
        sendActively(
          context,
          tracer,
          { ...login, afterLogin: ['TYPE I'], verb: 'STOR', name: nameOf(tracer) },
          refused,
        ),
      );
      return;
    }
    const manner = ftpManners.winInet;
    const session = await openPassiveFtp(machine, { owner: process, ...login, manner, signal });
    try {
      await each((tracer) =>
        session.transfer({ name: nameOf(tracer), direction: 'upload', file: tracer.file }),
      );
      await session.close();
    } finally {
      session.breakOff();
    }
  },
  tftp: ({ context: { machine, process, signal }, value, optional, nameOf, each }: Upload) => {
    const blksize = optional('blksize');
    return each((tracer) =>
      tftpTransfer(machine, {
        owner: process,
        remote: peer(value),
        write: true,
        name: nameOf(tracer),
        file: tracer.file,
        options: blksize === undefined ? {} : { blksize },
        signal,
      }),
    );
  },
  smb: ({ context, value, optional, nameOf, each }: Upload) => {
    const { machine, process } = context;
    const share = optional('share');
    const folder = share === undefined ? value('name') : `\\\\${value('host')}\\${share}\\`;
    return each((tracer) => {
      const named = share === undefined ? tracer.name : nameOf(tracer);
      const target = folder.endsWith('\\') ? `${folder}${named}` : folder;
      return copyBetween(
        context,
        { kind: 'disk', path: tracer.path },
        placeOf(machine, target, process.currentDirectory),
      );
    });
  },
} as const;
