import { inboundPrograms } from '../host/registry.js';
import type { Program } from '../host/types.js';

/** netsh.exe, as far as `advfirewall firewall show rule` goes. */
export const netsh: Program = {
  file: 'netsh.exe',
  originalFileName: 'netsh.exe',
  async run({ args, stdout, stderr }) {
    if (!/^advfirewall firewall show rule/i.test(args.join(' '))) {
      await stderr.write(`The following command was not found: ${args.join(' ')}.\r\n`);
      return 1;
    }
    for (const program of inboundPrograms) {
      await stdout.write(
        `\r\nRule Name:                            Dyetrace ${program}\r\nEnabled:                              Yes\r\nDirection:                            In\r\nAction:                               Allow\r\n`,
      );
    }
    await stdout.write('Ok.\r\n\r\n');
    return 0;
  },
};
