import { freeBytes, readFirewall, serviceState, words } from './readers.js';
import { missing, ok, unseen, type HostNeeds, type Probe } from './types.js';

/** Bytes that an execution may have on the host at once, with room for logs. */
function neededBytes({ lab }: HostNeeds): number {
  return 4 * lab.parameters.largeTransferBytes;
}

const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`;

/** Firewall, Defender, disk. */
export const systemProbes: readonly Probe[] = [
  {
    id: 'inbound',
    covers: [
      'ftp-active-inbound',
      'ftp-active-inbound-powershell',
      'tftp-inbound',
      'tftp-inbound-curl',
      'tftp-inbound-powershell',
      'tftp-inbound-rundll32',
    ],
    // Active FTP's data connection and TFTP's answers (decisions.md, 16) come from the sink.
    subjects: ({ scenarios }) => [
      ...new Set(
        scenarios
          .filter(
            ({ expect, protocol }) =>
              protocol === 'tftp' || expect.sockets.some((one) => one.openedBy === 'sink'),
          )
          .map(({ expect }) => expect.socketOwner),
      ),
    ],
    question: {
      program: 'reg.exe',
      args: [
        'query',
        'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy',
        '/s',
      ],
    },
    read: readFirewall,
    remedy: (program) =>
      `netsh.exe advfirewall firewall add rule name="Dyetrace ${program}" dir=in action=allow program="%SystemRoot%\\System32\\${program === 'powershell.exe' ? 'WindowsPowerShell\\v1.0\\' : ''}${program}"`,
  },
  {
    id: 'Defender',
    covers: [],
    subjects: ({ scenarios }) => (scenarios.length === 0 ? [] : ['WinDefend']),
    question: { program: 'sc.exe', args: ['query', 'WinDefend'] },
    read: (answer) => {
      const state = serviceState(answer);
      if (state === null) return unseen(words(answer));
      return state === 'running'
        ? ok('it runs: what it stops counts as blocked, by its event 1116 or 1117')
        : ok(`it is ${state}: nothing will be blocked by it`);
    },
    remedy: () => 'ask as a user who may query services',
  },
  {
    id: 'free disk',
    covers: [],
    subjects: ({ scenarios }) => (scenarios.length === 0 ? [] : ['C:']),
    question: { cmd: 'dir /-c C:\\' },
    read: (answer, _, needs) => {
      const free = freeBytes(answer.stdout);
      if (free === null) return unseen(words(answer));
      const needed = neededBytes(needs);
      return free >= needed
        ? ok(`${mebibytes(free)} free, ${mebibytes(needed)} needed`)
        : missing(`${mebibytes(free)} free, ${mebibytes(needed)} needed`);
    },
    remedy: () => 'free space on C: cleanmgr.exe /d C:',
  },
];
