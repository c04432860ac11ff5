import { win32 } from 'node:path';
import { hasWildcard, wildcard } from '../../wildcards.js';
import { WindowsError } from '../../windows-error.js';
import { builtinArguments, type Builtin } from '../shell.js';

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly directory: boolean;
  readonly modifiedAt: number;
}

/** `11/24/2026  06:45 PM` */
function stamp(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hour = time.getUTCHours();
  const date = `${two(time.getUTCMonth() + 1)}/${two(time.getUTCDate())}/${time.getUTCFullYear()}`;
  return `${date}  ${two(hour % 12 || 12)}:${two(time.getUTCMinutes())} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** `dir [/b] [/-c] [path or pattern]`; `/-c` leaves the thousands' separators out. */
export const dir: Builtin = async (shell, rest, streams) => {
  const { disk } = shell.machine;
  const { switches, words } = builtinArguments(rest);
  const grouped = (value: number): string =>
    switches.includes('/-c') ? String(value) : value.toLocaleString('en-US');
  try {
    const given = words[0] ?? '.';
    const isPattern = hasWildcard(given);
    const path = disk.resolve(isPattern ? win32.dirname(given) : given, shell.directory);
    const found = await disk.find(path);
    if (found === null) throw new WindowsError(2);
    const folder = found.directory ? path : win32.dirname(path);
    const matches = isPattern
      ? wildcard(win32.basename(given))
      : (name: string) => found.directory || name.toLowerCase() === win32.basename(path).toLowerCase();
    const names = (await disk.list(folder)).filter(matches);
    if (names.length === 0 && isPattern) throw new WindowsError(2);
    const entries = await Promise.all(
      names.map(async (name): Promise<Entry> => {
        const one = await disk.find(win32.join(folder, name));
        return { name, size: 0, directory: false, modifiedAt: 0, ...one };
      }),
    );
    if (switches.includes('/b')) {
      await streams.stdout.write(entries.map(({ name }) => `${name}\r\n`).join(''));
      return 0;
    }
    const lines = entries.map(({ name, size, directory, modifiedAt }) => {
      const kind = directory ? '<DIR>         ' : grouped(size).padStart(14);
      return `${stamp(modifiedAt)}    ${kind} ${name}\r\n`;
    });
    const files = entries.filter(({ directory }) => !directory);
    const bytes = grouped(files.reduce((sum, { size }) => sum + size, 0)).padStart(14);
    const free = grouped(await disk.freeBytes());
    await streams.stdout.write(
      ` Volume in drive C has no label.\r\n Volume Serial Number is D1E7-ACE0\r\n\r\n Directory of ${folder}\r\n\r\n${lines.join('')}` +
        `${String(files.length).padStart(16)} File(s) ${bytes} bytes\r\n${String(entries.length - files.length).padStart(16)} Dir(s)  ${free} bytes free\r\n`,
    );
    return 0;
  } catch {
    await streams.stderr.write('File Not Found\r\n');
    return 1;
  }
};
