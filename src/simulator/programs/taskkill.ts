import { win32 } from 'node:path';
import type { Program } from '../host/types.js';

/** taskkill.exe: `/pid n` or `/im name`, `/t` with all that it started. Forcibly, always. */
export const taskkill: Program = {
  file: 'taskkill.exe',
  originalFileName: 'taskkill.exe',
  async run({ machine, args, stdout, stderr }) {
    const value = (name: string): string | undefined =>
      args[args.findIndex((arg) => arg.toLowerCase() === name) + 1];
    const has = (name: string): boolean => args.some((arg) => arg.toLowerCase() === name);
    const matches = machine.processes.running().filter(({ pid, image, parent }) => {
      if (parent === null) return false;
      if (has('/pid')) return pid === Number(value('/pid'));
      return has('/im') && win32.basename(image).toLowerCase() === value('/im')?.toLowerCase();
    });
    if (matches.length === 0) {
      await stderr.write(`ERROR: The process "${value('/pid') ?? value('/im') ?? ''}" not found.\r\n`);
      return 128;
    }
    for (const process of matches) {
      await stdout.write(`SUCCESS: The process with PID ${process.pid} has been terminated.\r\n`);
      // Not waited for: this process may be one of those that end.
      if (has('/t')) void machine.processes.terminateTree(process);
      else machine.processes.terminate(process.pid);
    }
    return 0;
  },
};
