import type { Program } from '../host/types.js';

/** where.exe: full paths of programs, by name. */
export const where: Program = {
  file: 'where.exe',
  originalFileName: 'where.exe',
  async run({ machine, process, environment, args, stdout, stderr }) {
    let found = 0;
    for (const name of args) {
      const path = await machine.findProgram(name, process.currentDirectory, environment);
      if (path === null) continue;
      found += 1;
      await stdout.write(`${path}\r\n`);
    }
    if (found > 0) return 0;
    await stderr.write('INFO: Could not find files for the given pattern(s).\r\n');
    return 1;
  },
};
