import { findRun, readResult, renderReports, reportsFolder } from '../../pipeline/index.js';
import { reporterNames } from '../../reporters/index.js';
import { list, type CommandDeclaration } from '../context.js';

export const reportCommand: CommandDeclaration = (program, { terminal }) => {
  program
    .command('report')
    .description('render a run again')
    .argument('<run>', 'folder or id of a run')
    .option('--report <names>', `reports to write: ${reporterNames.join(', ')}`, list, [])
    .option('--reports <folder>', 'where runs are kept')
    .action(async (run: string, options: { report: string[]; reports?: string }) => {
      const folder = await findRun(run, reportsFolder(options.reports));
      await renderReports(
        await readResult(folder),
        folder,
        options.report.length === 0 ? ['console'] : options.report,
        terminal,
      );
    });
};
