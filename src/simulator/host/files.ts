import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatedProcess } from '../activity.js';
import { parseUnc, type Unc } from '../clients/index.js';
import { isUnc } from './disk.js';
import { bufferInput, discard, type Input, type Output } from './streams.js';
import type { Machine } from './types.js';
import { WindowsError } from './windows-error.js';

/** Where a path leads: a file on the disk, a file on a share, or the null device. */
export type Place =
  | { readonly kind: 'disk'; readonly path: string }
  | { readonly kind: 'share'; readonly unc: Unc }
  | { readonly kind: 'nul' };

/** @throws WindowsError where the path is none */
export function placeOf(machine: Machine, path: string, directory: string): Place {
  if (/^nul:?$/i.test(path)) return { kind: 'nul' };
  if (!isUnc(path)) return { kind: 'disk', path: machine.disk.resolve(path, directory) };
  const unc = parseUnc(path);
  if (unc === null) throw new WindowsError(67);
  return { kind: 'share', unc };
}

/** Who opens a file, and with which credentials. */
export interface Opener {
  readonly machine: Machine;
  readonly process: SimulatedProcess;
  readonly logon: string;
  /** Aborted when the process is terminated: what it has under way ends with it. */
  readonly signal: AbortSignal;
}

/** Runs `work` with a temporary file on the control host: what goes to a share, or comes from it, is spooled there. */
export async function withSpool<T>(machine: Machine, work: (file: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(machine.spool, 'file-'));
  try {
    return await work(join(directory, 'spool'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Reports a file that a process has made. */
export function reportCreated(opener: Opener, path: string): void {
  const { machine, process } = opener;
  machine.bus.emit({ kind: 'file-created', at: machine.clock.now(), process, path });
}

/** The whole of a file, as input. @throws WindowsError */
export async function openInput(opener: Opener, place: Place): Promise<Input> {
  if (place.kind === 'nul') return bufferInput(Buffer.alloc(0));
  if (place.kind === 'disk') return bufferInput(await opener.machine.disk.readWhole(place.path));
  const { unc } = place;
  return withSpool(opener.machine, async (file) => {
    await opener.machine.redirector.get(opener.logon, unc, file, opener.signal);
    return bufferInput(await readFile(file));
  });
}

/** Output to a file for as long as `work` runs. @throws WindowsError */
export async function withOutput<T>(
  opener: Opener,
  place: Place,
  append: boolean,
  work: (output: Output) => Promise<T>,
): Promise<T> {
  if (place.kind === 'nul') return work(discard);
  if (place.kind === 'share') {
    const { unc } = place;
    return withSpool(opener.machine, async (file) => {
      if (append)
        await opener.machine.redirector.get(opener.logon, unc, file, opener.signal).catch(() => undefined);
      const result = await writing(file, append, work);
      await opener.machine.redirector.put(opener.logon, unc, file, opener.signal);
      return result;
    });
  }
  const { disk } = opener.machine;
  const isNew = (await disk.find(place.path)) === null;
  await disk.write(place.path, '', append ? 'a' : 'w');
  if (isNew) reportCreated(opener, place.path);
  return writing(await disk.locate(place.path), append, work);
}

async function writing<T>(file: string, append: boolean, work: (output: Output) => Promise<T>): Promise<T> {
  const stream = createWriteStream(file, { flags: append ? 'a' : 'w' });
  try {
    return await work({
      write: (chunk) =>
        new Promise((resolve, reject) => {
          stream.write(chunk, (error) => {
            if (error === null || error === undefined) resolve();
            else reject(error);
          });
        }),
    });
  } finally {
    stream.end();
    await once(stream, 'close');
  }
}
