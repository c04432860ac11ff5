import { Option } from 'commander';
import { exitCodes } from '../../core/index.js';
import { failOnNames, judge, type FailOn } from '../../coverage/index.js';
import { faultNames, loadLab, renderReports, reportsFolder, run } from '../../pipeline/index.js';
import { reporterNames, reporters } from '../../reporters/index.js';
import { list, type CommandDeclaration } from '../context.js';
import { interruptSignal } from '../interrupt.js';
import { progress } from '../progress.js';
import { selectionOf, selectionOptions, type SelectionOptions } from '../selection.js';

interface RunOptions extends SelectionOptions {
  readonly lab: string;
  readonly embedded?: boolean;
  readonly seed?: string;
  readonly fault: string[];
  readonly background: string;
  readonly report: string[];
  readonly reports?: string;
  readonly failOn: FailOn;
  readonly json?: boolean;
}

export const runCommand: CommandDeclaration = (program, { terminal, finish }) => {
  selectionOptions(program.command('run'))
    .description('plan, execute, collect, verify, report')
    .option('--lab <file>', 'lab file', 'lab.yaml')
    .option('--embedded', 'the embedded lab: simulated hosts, real sinks, no credentials')
    .option('--seed <text>', 'content of tracers, background and ids follow from it')
    .option('--fault <name>', `fault of the embedded lab (repeatable): ${faultNames.join(', ')}`, list, [])
    .option('--background <events>', 'ordinary events around an embedded run', '6000')
    .option('--report <names>', `reports to write: ${reporterNames.join(', ')}`, list, [])
    .option('--reports <folder>', 'where runs are kept (default: DYETRACE_REPORTS, else reports)')
    .addOption(
      new Option('--fail-on <what>', 'what ends with exit code 1').choices(failOnNames).default('unmet'),
    )
    .option('--json', 'print run.json on standard output, nothing else')
    .action(async (options: RunOptions) => {
      const reports = options.report.length === 0 ? ['console', 'json', 'markdown', 'html'] : options.report;
      // A wrong name is told before the run, not after it.
      for (const name of reports) reporters.get(name);
      const interrupt = interruptSignal(() =>
        terminal.err('stopping: cleaning up, then reporting what was done (again: stop at once)'),
      );
      try {
        const { result, folder } = await run({
          lab:
            options.embedded === true
              ? { embedded: true, faults: options.fault, backgroundEvents: Number(options.background) }
              : await loadLab(options.lab),
          selection: selectionOf(options, 'smoke'),
          ...(options.seed === undefined ? {} : { seed: options.seed }),
          reports: reportsFolder(options.reports),
          listener: progress(terminal),
          signal: interrupt.signal,
        });
        if (options.json === true) terminal.out(JSON.stringify(result, null, 2));
        await renderReports(
          result,
          folder,
          options.json === true ? reports.filter((name) => name !== 'console') : reports,
          terminal,
        );
        finish(interrupt.signal.aborted ? exitCodes.interrupted : judge(result, options.failOn));
      } finally {
        interrupt.release();
      }
    });
};
