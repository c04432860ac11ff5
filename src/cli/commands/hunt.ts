import { Option } from 'commander';
import { exitCodes } from '../../core/index.js';
import { hunt, huntParameters, huntText, loadLab, severities } from '../../pipeline/index.js';
import { list, type CommandDeclaration } from '../context.js';

interface HuntOptions {
  readonly lab?: string;
  readonly set: string[];
  readonly quarantine?: string;
  readonly failOn?: (typeof severities)[number];
  readonly strict?: boolean;
  readonly memoryLimit: string;
  readonly json?: boolean;
}

export const huntCommand: CommandDeclaration = (program, { terminal, finish }) => {
  program
    .command('hunt')
    .description('the analytic over logs on disk: Sysmon, Security, Zeek, Suricata, captures')
    .argument('<files...>', 'files and folders; recognised by content')
    .option('--lab <file>', 'take parameters, approved transfers and incident rules from a lab file')
    .option('--set <name=value>', 'one parameter, for example largeTransferBytes=1MiB (repeatable)', list, [])
    .option('--quarantine <file>', 'write rejected records here, one JSON line each')
    .addOption(new Option('--fail-on <severity>', 'exit code 1 with hits at or above it').choices(severities))
    .option('--strict', 'exit code 2 if a record was rejected')
    .option('--memory-limit <size>', 'memory of the engine', '1GB')
    .option('--json', 'machine-readable (dyetrace.hunt/1), nothing else on standard output')
    .action(async (paths: string[], options: HuntOptions) => {
      const lab = options.lab === undefined ? null : await loadLab(options.lab);
      const result = await hunt({
        paths,
        parameters: huntParameters(lab?.parameters ?? null, options.set),
        approvedTransfers: lab?.approvedTransfers ?? [],
        incidentRules: lab?.incidentRules ?? [],
        quarantine: options.quarantine ?? null,
        memoryLimit: options.memoryLimit,
        onProgress: (report) => terminal.status(`read ${report.path}: ${report.records} records`),
      });
      const { rejected } = result.summary;
      terminal.out(options.json === true ? JSON.stringify(result, null, 2) : huntText(result));
      if (rejected > 0)
        terminal.err(
          `warning: ${rejected} records could not be read${options.quarantine === undefined ? ' (--quarantine FILE keeps them)' : `; they are in ${options.quarantine}`}`,
        );
      const from = options.failOn === undefined ? Infinity : severities.indexOf(options.failOn);
      if (rejected > 0 && options.strict === true) finish(exitCodes.badInput);
      else if (result.hits.some((hit) => severities.indexOf(hit.severity) >= from)) finish(exitCodes.found);
    });
};
