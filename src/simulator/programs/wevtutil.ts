import type { Program } from '../host/types.js';

/** wevtutil.exe: the host's event store answers. */
export const wevtutil: Program = {
  file: 'wevtutil.exe',
  originalFileName: 'wevtutil.exe',
  async run(context) {
    const { stdout, exitCode } = context.machine.wevtutil(context.args);
    await context.stdout.write(stdout);
    return exitCode;
  },
};
