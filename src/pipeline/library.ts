import type { Shell } from '../config/index.js';
import { planStep } from '../runner/index.js';
import {
  lintScenario,
  type LintFinding,
  type Placeholders,
  type ProfileName,
  type Scenario,
  type ScenarioStep,
} from '../scenario/index.js';

const directory = 'C:\\ProgramData\\Dyetrace\\d0000001';
const file = (extension: string): string => `${directory}\\d0000001.${extension}`;
const hash = '0'.repeat(64);

/** An execution as it might be, at an address for documentation (RFC 5737): what a scenario's commands look like before any plan. */
function sample(scenario: Scenario, profile: ProfileName): Placeholders {
  const slow = profile === 'slow';
  return {
    id: 'd0000001',
    tracer: slow ? file('0*') : file('dat'),
    script: file('ps1'),
    dll: file('dll'),
    text: file('txt'),
    result: file('json'),
    download: file('dat'),
    sink: '192.0.2.10',
    port: { ftp: '21', smb: '445', tftp: '69' }[scenario.protocol],
    share: 'drop',
    file: slow ? '' : 'd0000001.dat',
    user: 'lab',
    password: 'nonce',
    directory,
    renamed: file('exe'),
    pause: slow ? '1000' : '0',
    pauseSeconds: slow ? '1' : '0',
    pings: slow ? '2' : '1',
    pieces: '',
    piece: file('001'),
    pieceFile: 'd0000001.001',
    certificateSha256: hash,
    publicKeyPin: 'sha256//AAAA=',
    tcpport: '',
  };
}

const pieces = [1, 2].map((number) => ({
  fileName: `d0000001.00${String(number)}`,
  size: 8192,
  sha256: hash,
  piece: number,
}));

/** A scenario's commands as a host with this DefaultShell gets them, for a sample execution. @throws InputError `not-quotable` */
export function sampleCommands(
  scenario: Scenario,
  shell: Shell,
  profile: ProfileName = scenario.profiles[0] ?? 'unbalanced',
): string[] {
  const steps = profile === 'slow' ? (scenario.slow.steps ?? scenario.steps) : scenario.steps;
  return steps.map((step) => planStep(step, sample(scenario, profile), pieces, shell).commandLine);
}

/** Lint of a library, with the quoting of both shells tried on every step. */
export function lintLibrary(scenarios: readonly Scenario[]): LintFinding[] {
  return scenarios.flatMap((scenario) =>
    lintScenario(scenario, {
      render: (step: ScenarioStep, shell: Shell) =>
        planStep(step, sample(scenario, step.each === undefined ? 'unbalanced' : 'slow'), pieces, shell)
          .commandLine,
    }),
  );
}

/** How many scenarios there are for each initiator and protocol; controls apart. */
export function libraryMatrix(scenarios: readonly Scenario[]): {
  readonly initiators: readonly string[];
  readonly protocols: readonly string[];
  count(initiator: string, protocol: string): number;
  readonly controls: number;
} {
  const uploads = scenarios.filter(({ control }) => !control);
  return {
    initiators: [...new Set(uploads.map(({ initiator }) => initiator))],
    protocols: [...new Set(uploads.map(({ protocol }) => protocol))],
    count: (initiator, protocol) =>
      uploads.filter((one) => one.initiator === initiator && one.protocol === protocol).length,
    controls: scenarios.length - uploads.length,
  };
}
