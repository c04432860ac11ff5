import { writeFile } from 'node:fs/promises';
import { Option } from 'commander';
import { exitCodes, InputError, messageOf } from '../../core/index.js';
import {
  explanationText,
  hunt,
  huntCsv,
  huntHtml,
  huntMarkdown,
  huntParameters,
  huntText,
  loadApprovals,
  loadLab,
  severities,
  type Hunted,
} from '../../pipeline/index.js';
import { formatBytes, formatDuration } from '../../reporters/index.js';
import { list, type CommandDeclaration } from '../context.js';

interface HuntOptions {
  readonly lab?: string;
  readonly set: string[];
  readonly approve: string[];
  readonly quarantine?: string;
  readonly save?: string;
  readonly explain: string[];
  readonly failOn?: (typeof severities)[number];
  readonly strict?: boolean;
  readonly memoryLimit: string;
  readonly json?: boolean;
  readonly csv?: string;
  readonly html?: string;
  readonly markdown?: string;
}

async function write(file: string | undefined, content: () => string): Promise<void> {
  if (file === undefined) return;
  await writeFile(file, content()).catch((error: unknown) => {
    throw new InputError({
      code: 'output-not-writable',
      message: `cannot write ${file}: ${messageOf(error)}`,
      where: { file },
      remedy: 'name a file in a folder that is there and may be written',
    });
  });
}

function shown({ result, explanations }: Hunted, json: boolean): string {
  if (explanations.length === 0) return json ? JSON.stringify(result, null, 2) : huntText(result);
  return json ? JSON.stringify(explanations, null, 2) : explanations.map(explanationText).join('\n\n');
}

export const huntCommand: CommandDeclaration = (program, { terminal, finish }) => {
  program
    .command('hunt')
    .description('the analytic over logs on disk: Sysmon, Security, Zeek, Suricata, captures')
    .argument('<files...>', 'files, folders and globs, recognised by content; - is standard input')
    .option('--lab <file>', 'take parameters, approved transfers and incident rules from a lab file')
    .option('--set <name=value>', 'one parameter, for example largeTransferBytes=1MiB (repeatable)', list, [])
    .option(
      '--approve <file>',
      'documented transfers, as approvedTransfers in lab.yaml (repeatable)',
      list,
      [],
    )
    .option('--quarantine <file>', 'write rejected records here, one JSON line each')
    .option('--save <folder>', 'keep the parsed telemetry as Parquet, to be hunted again without parsing')
    .option('--explain <id>', 'how a hit was put together, with its raw records (repeatable)', list, [])
    .addOption(new Option('--fail-on <severity>', 'exit code 1 with hits at or above it').choices(severities))
    .option('--strict', 'exit code 2 if a record was rejected')
    .option('--memory-limit <size>', 'memory of the engine', '1GB')
    .option('--json', 'machine-readable (dyetrace.hunt/1), nothing else on standard output')
    .option('--csv <file>', 'write the hits as CSV')
    .option('--html <file>', 'write one HTML file; hits open to their records')
    .option('--markdown <file>', 'write a Markdown file')
    .action(async (paths: string[], options: HuntOptions) => {
      const lab = options.lab === undefined ? null : await loadLab(options.lab);
      const approved = (await Promise.all(options.approve.map(loadApprovals))).flat();
      const began = performance.now();
      const hunted = await hunt({
        paths,
        parameters: huntParameters(lab?.parameters ?? null, options.set),
        approvedTransfers: [...(lab?.approvedTransfers ?? []), ...approved],
        incidentRules: lab?.incidentRules ?? [],
        quarantine: options.quarantine ?? null,
        memoryLimit: options.memoryLimit,
        ...(options.save === undefined ? {} : { save: options.save }),
        ...(options.html === undefined && options.explain.length === 0
          ? {}
          : { explain: options.explain.length > 0 ? options.explain : 'all' }),
        onProgress: (report, { files, of, bytes, ofBytes }) => {
          const seconds = (performance.now() - began) / 1000;
          const rate = bytes / Math.max(seconds, 0.001);
          const left = formatDuration(Math.round(((ofBytes - bytes) / Math.max(rate, 1)) * 1000));
          terminal.status(
            `${files} of ${of} files, ${formatBytes(Math.round(rate))}/s, ${left} left: ${report.path}`,
          );
        },
      });
      const { result, explanations } = hunted;
      await write(options.csv, () => huntCsv(result));
      await write(options.markdown, () => huntMarkdown(result));
      await write(options.html, () => huntHtml(result, explanations));
      terminal.out(
        shown(options.explain.length > 0 ? hunted : { result, explanations: [] }, options.json === true),
      );
      const { rejected } = result.summary;
      if (rejected > 0)
        terminal.err(
          `warning: ${rejected} records could not be read${options.quarantine === undefined ? ' (--quarantine FILE keeps them)' : `; they are in ${options.quarantine}`}`,
        );
      const from = options.failOn === undefined ? Infinity : severities.indexOf(options.failOn);
      if (rejected > 0 && options.strict === true) finish(exitCodes.badInput);
      else if (result.hits.some((hit) => severities.indexOf(hit.severity) >= from)) finish(exitCodes.found);
    });
};
