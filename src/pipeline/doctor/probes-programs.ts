import { readCurl, readWhere } from './readers.js';
import type { Probe } from './types.js';
import { ifUsed, uses } from './uses.js';

/** A program that has to be in PATH. */
function inPath(program: string, covers: readonly string[], mend: string): Probe {
  return {
    id: program,
    covers,
    subjects: ifUsed(program),
    question: { program: 'where.exe', args: [program] },
    read: (answer) => readWhere(answer, program),
    remedy: () => mend,
  };
}

const systemFile = (program: string): string => `${program} is part of Windows; restore it: sfc.exe /scannow`;

/** Programs that scenarios start. */
export const programsProbes: readonly Probe[] = [
  {
    id: 'curl',
    covers: ['curl-ftp', 'curl-tftp'],
    subjects: ({ scenarios }) => [
      ...new Set(scenarios.filter((one) => uses(one, 'curl.exe')).map(({ protocol }) => protocol)),
    ],
    question: { program: 'curl.exe', args: ['--version'] },
    read: readCurl,
    remedy: (protocol) =>
      `winget install cURL.cURL (Windows 10 1803 and later have curl.exe; this one has to speak ${protocol})`,
  },
  inPath('ftp.exe', ['ftp-client'], systemFile('ftp.exe')),
  inPath('tftp.exe', ['tftp-client'], 'dism.exe /online /enable-feature /featurename:TFTP'),
  inPath('robocopy.exe', ['robocopy'], systemFile('robocopy.exe')),
  inPath(
    'rundll32.exe',
    ['rundll32'],
    'allow %SystemRoot%\\System32\\rundll32.exe for the lab account in AppLocker or App Control',
  ),
];
