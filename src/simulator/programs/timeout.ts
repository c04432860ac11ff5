import type { Program } from '../host/types.js';

/**
 * timeout.exe: it reads the console, and every session here has its standard input redirected (SSH without a terminal), so that it
 * ends at once with an error and waits for nothing, as on Windows. Scripts that run unattended wait by ping.exe.
 */
export const timeout: Program = {
  file: 'timeout.exe',
  originalFileName: 'timeout.exe',
  async run({ stderr }) {
    await stderr.write('ERROR: Input redirection is not supported, exiting the process immediately.\r\n');
    return 1;
  },
};
