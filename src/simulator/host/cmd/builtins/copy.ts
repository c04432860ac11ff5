import { copyFile } from 'node:fs/promises';
import { win32 } from 'node:path';
import { placeOf, reportCreated, withSpool, type Opener, type Place } from '../../files.js';
import { WindowsError, asWindowsError, printed } from '../../windows-error.js';
import type { StandardStreams } from '../../types.js';
import { hasWildcard, matchingFiles } from '../../wildcards.js';
import { builtinArguments, type Builtin, type CmdShell } from '../shell.js';

/** `copy [/b] [/y] source [destination]`: a file, or those that a pattern names, from and to the disk or a share. */
export const copy: Builtin = async (shell, rest, streams) => {
  const { switches, words } = builtinArguments(rest);
  const [source, destination = '.'] = words;
  if (source === undefined || words.length > 2) {
    await streams.stderr.write('The syntax of the command is incorrect.\r\n');
    return 1;
  }
  let copied = 0;
  try {
    const patterned = hasWildcard(source);
    for (const file of patterned ? await sources(shell, source) : [source]) {
      const from = placeOf(shell.machine, file, shell.directory);
      const to = await completed(
        shell,
        placeOf(shell.machine, destination, shell.directory),
        win32.basename(file),
      );
      await checkSource(shell, from);
      if (patterned) await streams.stdout.write(`${file}\r\n`);
      if (!switches.includes('/y') && !(await mayReplace(shell, to, streams))) continue;
      await copyBetween(shell, from, to);
      copied += 1;
    }
    await streams.stdout.write(`        ${copied} file(s) copied.\r\n`);
    return copied > 0 ? 0 : 1;
  } catch (error) {
    await streams.stderr.write(printed(asWindowsError(error)));
    await streams.stdout.write(`        ${copied} file(s) copied.\r\n`);
    return 1;
  }
};

/** Files of a pattern, with the folder as it was written. @throws WindowsError 2 where there are none */
async function sources(opener: CmdShell, pattern: string): Promise<readonly string[]> {
  const files = await matchingFiles(opener.machine.disk, pattern, opener.directory);
  if (files.length === 0) throw new WindowsError(2);
  return files.map((file) => win32.join(win32.dirname(pattern), win32.basename(file)));
}

/** Asks whether a file that is there may go; end of input is No. */
async function mayReplace(opener: Opener, to: Place, streams: StandardStreams): Promise<boolean> {
  if (to.kind !== 'disk' || (await opener.machine.disk.find(to.path)) === null) return true;
  await streams.stdout.write(`Overwrite ${to.path}? (Yes/No/All): `);
  return /^[ya]/i.test((await streams.stdin.readLine()) ?? '');
}

async function checkSource(opener: Opener, from: Place): Promise<void> {
  if (from.kind !== 'disk') return;
  const found = await opener.machine.disk.find(from.path);
  if (found === null) throw new WindowsError(2);
  if (found.directory) throw new WindowsError(5);
}

/** A destination that is a folder, or a share itself, takes the source's name. */
async function completed(opener: Opener, to: Place, name: string): Promise<Place> {
  if (to.kind === 'share' && to.unc.path === '') return { kind: 'share', unc: { ...to.unc, path: name } };
  if (to.kind !== 'disk') return to;
  const found = await opener.machine.disk.find(to.path);
  return found?.directory === true ? { kind: 'disk', path: `${to.path}\\${name}` } : to;
}

/** CopyFile between two places. @throws WindowsError */
export async function copyBetween(opener: Opener, from: Place, to: Place): Promise<void> {
  const { machine, logon, signal } = opener;
  if (from.kind === 'nul' || to.kind === 'nul') return;
  if (from.kind === 'share') {
    await withSpool(machine, async (file) => {
      await machine.redirector.get(logon, from.unc, file, signal);
      if (to.kind === 'share') await machine.redirector.put(logon, to.unc, file, signal);
      else await place(opener, file, to.path);
    });
    return;
  }
  const file = await machine.disk.locate(from.path);
  if (to.kind === 'share') await machine.redirector.put(logon, to.unc, file, signal);
  else await place(opener, file, to.path);
}

async function place(opener: Opener, file: string, path: string): Promise<void> {
  const { disk } = opener.machine;
  const isNew = (await disk.find(path)) === null;
  // Through the disk first: it answers for a folder that is not there as Windows does.
  await disk.write(path, '', 'a');
  await copyFile(file, await disk.locate(path));
  if (isNew) reportCreated(opener, path);
}
