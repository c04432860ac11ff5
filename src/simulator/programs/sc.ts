import type { Program } from '../host/types.js';

/** Services that this host has, with their states. */
const services: Readonly<Record<string, 'RUNNING' | 'STOPPED'>> = {
  LanmanWorkstation: 'RUNNING',
  LanmanServer: 'RUNNING',
  sshd: 'RUNNING',
  Sysmon64: 'RUNNING',
  winlogbeat: 'RUNNING',
  mpssvc: 'RUNNING',
  // The simulated host has no Defender that could stop anything.
  WinDefend: 'STOPPED',
};
const states = { RUNNING: 4, STOPPED: 1 } as const;

/** sc.exe, as far as `query name` goes; 1060 where there is no such service. */
export const sc: Program = {
  file: 'sc.exe',
  originalFileName: 'sc.exe',
  async run({ args: [verb = '', wanted = ''], stdout }) {
    if (!/^query$/i.test(verb)) {
      await stdout.write('[SC] OpenSCManager FAILED 5:\r\n\r\nAccess is denied.\r\n\r\n');
      return 5;
    }
    const found = Object.entries(services).find(([name]) => name.toLowerCase() === wanted.toLowerCase());
    if (found === undefined) {
      await stdout.write(
        '[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\r\n\r\nThe specified service does not exist as an installed service.\r\n\r\n',
      );
      return 1060;
    }
    const [name, state] = found;
    const lines = [
      `SERVICE_NAME: ${name} `,
      '        TYPE               : 20  WIN32_SHARE_PROCESS  ',
      `        STATE              : ${states[state]}  ${state} `,
      '        WIN32_EXIT_CODE    : 0  (0x0)',
      '        SERVICE_EXIT_CODE  : 0  (0x0)',
      '        CHECKPOINT         : 0x0',
      '        WAIT_HINT          : 0x0',
    ];
    await stdout.write(`\r\n${lines.join('\r\n')}\r\n`);
    return 0;
  },
};
