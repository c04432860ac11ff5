import { makePlan } from '../../pipeline/index.js';
import { formatBytes } from '../../reporters/index.js';
import type { CommandDeclaration } from '../context.js';
import { selectionOf, selectionOptions, type SelectionOptions } from '../selection.js';

interface PlanOptions extends SelectionOptions {
  readonly lab: string;
  readonly embedded?: boolean;
  readonly seed: string;
  readonly json?: boolean;
}

export const planCommand: CommandDeclaration = (program, { terminal }) => {
  selectionOptions(program.command('plan'))
    .description('what would run: commands, files, bytes, sinks, clean-up. Contacts nothing')
    .option('--lab <file>', 'lab file', 'lab.yaml')
    .option('--embedded', 'plan for the embedded lab')
    .option('--seed <text>', 'the same seed gives the same plan', 'dyetrace')
    .option('--json', 'machine-readable (dyetrace.plan/1)')
    .action(async (options: PlanOptions) => {
      const plan = await makePlan({
        lab: options.embedded === true ? null : options.lab,
        selection: selectionOf(options, 'smoke'),
        seed: options.seed,
      });
      if (options.json === true) {
        terminal.out(JSON.stringify(plan, null, 2));
        return;
      }
      terminal.out(
        `${plan.executions.length} executions, ${formatBytes(plan.limits.totalBytes)}, authorised by ${plan.authorisation.by} until ${plan.authorisation.until}`,
      );
      for (const execution of plan.executions) {
        terminal.out(
          `\n${execution.id}  ${execution.scenario} (${execution.profile}) on ${execution.host.id} → ${execution.sink.id} ${execution.sink.address}:${execution.sink.port}  (expected: ${execution.expected.outcome})`,
        );
        for (const file of execution.files)
          terminal.out(`  file   ${file.path}  ${formatBytes(file.size)}  ${file.kind}`);
        for (const step of execution.steps) terminal.out(`  run    ${step.commandLine}`);
        for (const command of execution.cleanup) terminal.out(`  undo   ${command}`);
        terminal.out(`  allowed by ${execution.allowedBy.join(', ')}`);
      }
      for (const { what, why } of plan.leftOut) terminal.out(`\nleft out: ${what}: ${why}`);
    });
};
