import { exitCodes } from '../../core/index.js';
import { cleanUpRun, findRun, isSimulated, loadLab, reportsFolder } from '../../pipeline/index.js';
import type { CommandDeclaration } from '../context.js';

export const cleanupCommand: CommandDeclaration = (program, { terminal, finish }) => {
  program
    .command('cleanup')
    .description('undo what a run left behind, from its journal')
    .argument('<run>', 'folder or id of a run')
    .option('--lab <file>', 'lab file: the way to the hosts', 'lab.yaml')
    .option('--reports <folder>', 'where runs are kept')
    .option('--json', 'machine-readable')
    .action(async (run: string, options: { lab: string; reports?: string; json?: boolean }) => {
      const folder = await findRun(run, reportsFolder(options.reports));
      const result = await cleanUpRun(
        folder,
        (await isSimulated(folder)) ? null : await loadLab(options.lab),
      );
      if (options.json === true) terminal.out(JSON.stringify(result, null, 2));
      else {
        terminal.out(`undone: ${result.done}, left: ${result.left.length}`);
        for (const { what, where, why } of result.left) terminal.out(`left: ${what} on ${where}: ${why}`);
      }
      if (result.left.length > 0) finish(exitCodes.labFailed);
    });
};
