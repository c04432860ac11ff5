import { explainExecution, findRun, reportsFolder, storyText } from '../../pipeline/index.js';
import type { CommandDeclaration } from '../context.js';

interface ExplainOptions {
  readonly telemetry?: string;
  readonly reports?: string;
  readonly json?: boolean;
}

export const explainCommand: CommandDeclaration = (program, { terminal }) => {
  program
    .command('explain')
    .description('one execution as a story: truth, records of each leg, the judgement of each link, and why')
    .argument('<run>', 'folder or id of a run')
    .argument('<execution>', 'id of an execution, or a scenario that ran once')
    .option('--telemetry <folder>', "judge again on a copy of the run's telemetry/")
    .option('--reports <folder>', 'where runs are kept')
    .option('--json', 'print dyetrace.explain/1 on standard output, nothing else')
    .action(async (run: string, execution: string, options: ExplainOptions) => {
      const folder = await findRun(run, reportsFolder(options.reports));
      const story = await explainExecution(folder, execution, options.telemetry);
      terminal.out(options.json === true ? JSON.stringify(story, null, 2) : storyText(story));
    });
};
