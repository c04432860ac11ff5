import { win32 } from 'node:path';
import { openInput, placeOf } from '../../files.js';
import { WindowsError, asWindowsError, printed } from '../../windows-error.js';
import { hasWildcard, matchingFiles } from '../../wildcards.js';
import { builtinArguments, type Builtin, type CmdShell } from '../shell.js';

/** What a word names: itself, or the files of a pattern; a pattern without files stays what it is. */
async function paths(shell: CmdShell, word: string): Promise<readonly string[]> {
  const { disk } = shell.machine;
  if (!hasWildcard(word)) return [disk.resolve(word, shell.directory)];
  const found = await matchingFiles(disk, word, shell.directory);
  if (found.length > 0) return found;
  return [win32.join(disk.resolve(win32.dirname(word), shell.directory), win32.basename(word))];
}

/** Runs for each word; a failure is printed as Windows words it, and gives `failed` as the error level. */
async function eachWord(
  shell: CmdShell,
  rest: string,
  streams: Parameters<Builtin>[2],
  failed: number,
  work: (path: string, word: string) => Promise<void>,
): Promise<number> {
  const { words } = builtinArguments(rest);
  if (words.length === 0) {
    await streams.stderr.write('The syntax of the command is incorrect.\r\n');
    return 1;
  }
  let level = 0;
  for (const word of words) {
    try {
      for (const path of await paths(shell, word)) await work(path, word);
    } catch (error) {
      await streams.stderr.write(printed(asWindowsError(error)));
      level = failed;
    }
  }
  return level;
}

export const type: Builtin = async (shell, rest, streams) => {
  const { words } = builtinArguments(rest);
  try {
    if (words.length === 0) throw new WindowsError(123);
    for (const word of words) {
      const input = await openInput(shell, placeOf(shell.machine, word, shell.directory));
      await streams.stdout.write(await input.readAll());
    }
    return 0;
  } catch (error) {
    await streams.stderr.write(printed(asWindowsError(error)));
    return 1;
  }
};

/** `del` leaves the error level at 0 even where there is nothing to delete, as cmd.exe does. */
export const del: Builtin = (shell, rest, streams) =>
  eachWord(shell, rest, streams, 0, async (path) => {
    const found = await shell.machine.disk.find(path);
    if (found === null || found.directory) {
      await streams.stdout.write(`Could Not Find ${path}\r\n`);
      return;
    }
    await shell.machine.disk.remove(path);
  });

export const mkdir: Builtin = (shell, rest, streams) =>
  eachWord(shell, rest, streams, 1, async (path, word) => {
    if (await shell.machine.disk.makeDirectory(path)) return;
    await streams.stderr.write(`A subdirectory or file ${word} already exists.\r\n`);
    throw new WindowsError(80);
  });

export const rmdir: Builtin = (shell, rest, streams) =>
  eachWord(shell, rest, streams, 2, (path) => shell.machine.disk.removeDirectory(path));

export const cd: Builtin = async (shell, rest, streams) => {
  const { words } = builtinArguments(rest);
  if (words.length === 0) {
    await streams.stdout.write(`${shell.directory}\r\n`);
    return 0;
  }
  try {
    const found = await shell.machine.disk.find(shell.machine.disk.resolve(words.join(' '), shell.directory));
    if (found?.directory !== true) throw new WindowsError(3);
    shell.directory = found.path;
    return 0;
  } catch (error) {
    await streams.stderr.write(printed(asWindowsError(error)));
    return 1;
  }
};
