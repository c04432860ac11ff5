import { Option } from 'commander';
import { failOnNames, judge, type FailOn } from '../../coverage/index.js';
import { reportsFolder, verifyAgain, renderReports, findRun } from '../../pipeline/index.js';
import type { CommandDeclaration } from '../context.js';

interface VerifyOptions {
  readonly telemetry?: string;
  readonly reports?: string;
  readonly failOn: FailOn;
  readonly json?: boolean;
}

export const verifyCommand: CommandDeclaration = (program, { terminal, finish }) => {
  program
    .command('verify')
    .description("judge a run again, on its own telemetry or on another folder's, offline")
    .argument('<run>', 'folder or id of a run')
    .option(
      '--telemetry <folder>',
      "a copy of the run's telemetry/ that was edited, thinned or exported elsewhere",
    )
    .option('--reports <folder>', 'where runs are kept')
    .addOption(
      new Option('--fail-on <what>', 'what ends with exit code 1').choices(failOnNames).default('unmet'),
    )
    .option('--json', 'print dyetrace.run/1 on standard output, nothing else')
    .action(async (run: string, options: VerifyOptions) => {
      const folder = await findRun(run, reportsFolder(options.reports));
      const result = await verifyAgain(folder, options.telemetry);
      if (options.json === true) terminal.out(JSON.stringify(result, null, 2));
      else await renderReports(result, folder, ['console'], terminal);
      finish(judge(result, options.failOn));
    });
};
