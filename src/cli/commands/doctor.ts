import { exitCodes } from '../../core/index.js';
import { doctor, loadLab, showHostKeys } from '../../pipeline/index.js';
import type { CommandDeclaration } from '../context.js';

const marks = { ok: '✓', missing: '✗', 'could not look': '?' } as const;

export const doctorCommand: CommandDeclaration = (program, { terminal, finish }) => {
  program
    .command('doctor')
    .description('check everything that a run needs; changes nothing')
    .option('--lab <file>', 'lab file', 'lab.yaml')
    .option(
      '--show-host-key',
      'only show the host keys that the hosts offer now, to be compared and put into lab.yaml',
    )
    .option('--json', 'machine-readable')
    .action(async (options: { lab: string; showHostKey?: boolean; json?: boolean }) => {
      const lab = await loadLab(options.lab);
      if (options.showHostKey === true) {
        for (const { host, hostKey } of await showHostKeys(lab)) terminal.out(`${host}: ${hostKey}`);
        return;
      }
      const checks = await doctor(lab);
      if (options.json === true) terminal.out(JSON.stringify(checks, null, 2));
      else {
        for (const check of checks) {
          terminal.out(`${marks[check.state]} ${check.what}: ${check.text}`);
          if (check.remedy !== null) terminal.out(`  ${check.remedy}`);
        }
      }
      if (checks.some((check) => check.state !== 'ok')) finish(exitCodes.labFailed);
    });
};
