import { win32 } from 'node:path';
import { messageOf } from '../../core/index.js';
import { parseWindowsCommandLine } from '../../executors/index.js';
import { programs } from '../programs/index.js';
import { splitProgram } from './command-line.js';
import { isUnc } from './disk.js';
import type { Machine } from './types.js';
import { WindowsError } from './windows-error.js';

/** CreateProcessW: 32,767 characters with the terminating null (Microsoft Learn). */
const commandLineLimit = 32_767;

const mark = 'Dyetrace simulated program: ';

/** Writes the executables of the simulated programs, each a line that says which one it is: a copy under another name works too. */
export async function installPrograms(disk: Machine['disk']): Promise<void> {
  for (const [, program] of programs.entries()) {
    const folder = ['C:\\Windows\\System32', ...(program.folder === undefined ? [] : [program.folder])].join(
      '\\',
    );
    await disk.makeDirectory(folder);
    await disk.write(`${folder}\\${program.file}`, `${mark}${program.file}\r\n`);
  }
}

/** The operating system's part of a host: finding and starting programs. */
export function machine(parts: Omit<Machine, 'findProgram' | 'launch'>): Machine {
  const self: Machine = {
    ...parts,
    async findProgram(name, directory, environment) {
      if (isUnc(name)) return null;
      const folders = /[\\/:]/.test(name)
        ? [directory]
        : [directory, ...(environment.get('Path') ?? '').split(';').filter((folder) => folder !== '')];
      const spellings = win32.extname(name) === '' ? [`${name}.exe`] : [name, `${name}.exe`];
      for (const folder of folders) {
        for (const spelling of spellings) {
          const path = resolveOrNull(parts.disk, spelling, folder);
          const found = path === null ? null : await parts.disk.find(path);
          if (found !== null && !found.directory) return found.path;
        }
      }
      return null;
    },
    async launch(request) {
      if (request.commandLine.length >= commandLineLimit) throw new WindowsError(206);
      const head = (await parts.disk.readHead(request.image, 256)).toString('utf8');
      const name = head.startsWith(mark) ? head.slice(mark.length).trimEnd() : null;
      const program = programs.entries().find(([, candidate]) => candidate.file === name)?.[1];
      if (program === undefined) throw new WindowsError(193);
      const { tail } = splitProgram(request.commandLine);
      const { parent, image, commandLine, directory, stderr } = request;
      return parts.processes.start(
        { parent, image, commandLine, directory, originalFileName: program.originalFileName },
        async (process, signal) => {
          try {
            return await program.run({
              machine: self,
              process,
              args: parseWindowsCommandLine(request.commandLine).slice(1),
              tail,
              environment: request.environment.copy(),
              stdin: request.stdin,
              stdout: request.stdout,
              stderr,
              logon: request.logon,
              signal,
            });
          } catch (error) {
            if (!signal.aborted)
              await stderr.write(`${program.file}: unhandled exception: ${messageOf(error)}\r\n`);
            return 1;
          }
        },
      );
    },
  };
  return self;
}

function resolveOrNull(disk: Machine['disk'], path: string, directory: string): string | null {
  try {
    return disk.resolve(path, directory);
  } catch {
    return null;
  }
}
