import { win32 } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { copyBetween } from '../host/cmd/builtins/copy.js';
import { isUnc } from '../host/disk.js';
import { placeOf, type Place } from '../host/files.js';
import type { Program, ProgramContext } from '../host/types.js';
import { hasWildcard, matchingFiles } from '../host/wildcards.js';
import { WindowsError, asWindowsError } from '../host/windows-error.js';
import { readRobocopy, type RobocopyRequest } from './robocopy/options.js';

/** Bits of the exit code (Microsoft Learn, robocopy, "Exit (return) codes"). */
const exitBits = { copied: 1, failed: 8, fatal: 16 } as const;

/** Errors that say that the destination is not there at all. */
const unreachable: readonly number[] = [53, 64, 67, 1326];

interface Job {
  readonly context: ProgramContext;
  readonly request: RobocopyRequest;
}

/** Names of the files to copy. A share is not listed: from there, files go by their names. @throws WindowsError */
async function names({ context, request }: Job): Promise<readonly string[]> {
  const { machine, process } = context;
  const { source, files } = request;
  if (isUnc(source)) {
    if (files.some(hasWildcard)) throw new WindowsError(5, 'a simulated robocopy does not list shares');
    return files;
  }
  const found = await Promise.all(
    files.map((file) => matchingFiles(machine.disk, win32.join(source, file), process.currentDirectory)),
  );
  return [...new Set(found.flat())].map((path) => win32.basename(path));
}

/** Whether the file is at the destination already, with the same size and content time. Shares are written again. */
async function isSame({ context: { machine } }: Job, from: Place, to: Place): Promise<boolean> {
  if (from.kind !== 'disk' || to.kind !== 'disk') return false;
  const [one, other] = await Promise.all([machine.disk.find(from.path), machine.disk.find(to.path)]);
  return one !== null && one.size === other?.size;
}

function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}

function hexadecimal(code: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(8, '0')}`;
}

async function complain({ context }: Job, error: WindowsError, what: string): Promise<void> {
  const { machine, stdout } = context;
  const reason = error.note === undefined ? '' : `${error.note}\r\n`;
  await stdout.write(
    `${stamp(machine.clock.now())} ERROR ${error.code} (${hexadecimal(error.code)}) ${what}\r\n${error.message}\r\n${reason}`,
  );
}

/** One file, with its retries. @returns its bit of the exit code */
async function copied(job: Job, name: string): Promise<number> {
  const { context, request } = job;
  const { machine, process, signal, stdout } = context;
  const { currentDirectory } = process;
  const source = `${request.source}\\${name}`;
  const from = placeOf(machine, source, currentDirectory);
  const to = placeOf(machine, `${request.destination}\\${name}`, currentDirectory);
  if (await isSame(job, from, to)) return 0;
  if (request.fileList) await stdout.write(`\t    New File  \t\t\t${name}\r\n`);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await copyBetween(context, from, to);
      return exitBits.copied;
    } catch (failure) {
      const error = asWindowsError(failure);
      if (unreachable.includes(error.code)) {
        await complain(job, error, `Accessing Destination Directory ${request.destination}\\`);
        return exitBits.fatal;
      }
      await complain(job, error, `Copying File ${source}`);
      if (signal.aborted || attempt >= request.retries) {
        await stdout.write('\r\nERROR: RETRY LIMIT EXCEEDED.\r\n\r\n');
        return exitBits.failed;
      }
      await stdout.write(`Waiting ${request.waitSeconds} seconds... Retrying...\r\n`);
      await delay(request.waitSeconds * 1000, undefined, { signal });
    }
  }
}

const rule = `${'-'.repeat(79)}\r\n`;

async function header({ context, request }: Job): Promise<void> {
  if (!request.header) return;
  await context.stdout.write(
    `\r\n${rule}   ROBOCOPY     ::     Robust File Copy for Windows\r\n${rule}\r\n  Started : ${stamp(context.machine.clock.now())}\r\n   Source : ${request.source}\\\r\n     Dest : ${request.destination}\\\r\n\r\n    Files : ${request.files.join('\r\n\t    ')}\r\n\r\n${rule}\r\n`,
  );
}

async function summary({ context, request }: Job, bits: readonly number[]): Promise<void> {
  if (!request.summary) return;
  const count = (bit: number): string => String(bits.filter((one) => one === bit).length).padStart(10);
  await context.stdout.write(
    `\r\n${rule}\r\n               Total    Copied   Skipped  Mismatch    FAILED    Extras\r\n   Files :${String(bits.length).padStart(10)}${count(exitBits.copied)}${count(0)}${'0'.padStart(10)}${count(exitBits.failed)}${'0'.padStart(10)}\r\n\r\n`,
  );
}

/** Robocopy.exe: its exit code is made of bits; 0 is nothing to do, 1 is copied, 8 and above is failure. */
export const robocopy: Program = {
  file: 'robocopy.exe',
  originalFileName: 'robocopy.exe',
  async run(context) {
    const request = readRobocopy(context.args);
    if (typeof request === 'string') {
      await context.stdout.write(`${request}\r\n`);
      return exitBits.fatal;
    }
    const job: Job = { context, request };
    await header(job);
    const bits: number[] = [];
    try {
      const { machine, process } = context;
      const destination = placeOf(machine, request.destination, process.currentDirectory);
      const files = await names(job);
      if (destination.kind === 'disk') await machine.disk.makeDirectory(destination.path);
      for (const name of files) {
        const bit = await copied(job, name);
        bits.push(bit);
        if (bit === exitBits.fatal) return bit;
      }
    } catch (failure) {
      const error = asWindowsError(failure);
      await complain(job, error, `Accessing Source Directory ${request.source}\\`);
      return exitBits.fatal;
    }
    await summary(job, bits);
    return bits.reduce((all, bit) => all | bit, 0);
  },
};
