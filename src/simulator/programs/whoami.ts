import type { Program } from '../host/types.js';

export const whoami: Program = {
  file: 'whoami.exe',
  originalFileName: 'whoami.exe',
  async run({ process, stdout }) {
    await stdout.write(`${process.user.toLowerCase()}\r\n`);
    return 0;
  },
};
