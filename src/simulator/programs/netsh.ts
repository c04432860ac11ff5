import type { Program } from '../host/types.js';

/** Programs that this host's firewall lets in: the prerequisite of active FTP and of TFTP (decisions.md, 16). */
const inbound = ['ftp.exe', 'tftp.exe', 'curl.exe', 'powershell.exe', 'rundll32.exe'];

/** netsh.exe, as far as `advfirewall firewall show rule` goes. */
export const netsh: Program = {
  file: 'netsh.exe',
  originalFileName: 'netsh.exe',
  async run({ args, stdout, stderr }) {
    if (!/^advfirewall firewall show rule/i.test(args.join(' '))) {
      await stderr.write(`The following command was not found: ${args.join(' ')}.\r\n`);
      return 1;
    }
    for (const program of inbound) {
      await stdout.write(
        `\r\nRule Name:                            Dyetrace ${program}\r\nEnabled:                              Yes\r\nDirection:                            In\r\nAction:                               Allow\r\n`,
      );
    }
    await stdout.write('Ok.\r\n\r\n');
    return 0;
  },
};
