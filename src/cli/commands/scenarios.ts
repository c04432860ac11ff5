import { exitCodes, InputError } from '../../core/index.js';
import { lintScenario, loadScenarios, selectScenarios, type Scenario } from '../../scenario/index.js';
import type { CommandDeclaration } from '../context.js';
import { table } from '../table.js';
import { addImport } from './scenarios-import.js';

function listEntry(scenario: Scenario) {
  const { id, initiator, protocol, variant, control, profiles, tags, description } = scenario;
  return { id, initiator, protocol, variant, control, profiles, tags, description };
}

export const scenariosCommand: CommandDeclaration = (program, context) => {
  const { terminal, finish } = context;
  const scenarios = program.command('scenarios').description('the library of scenarios and controls');

  scenarios
    .command('list')
    .description('all scenarios')
    .argument('[glob...]', 'scenario ids, with * and ?')
    .option('--json', 'machine-readable')
    .action(async (globs: string[], options: { json?: boolean }) => {
      const chosen = selectScenarios(await loadScenarios(), globs).map(listEntry);
      if (options.json === true) terminal.out(JSON.stringify(chosen, null, 2));
      else
        terminal.out(
          table(
            ['id', 'initiator', 'protocol', 'kind'],
            chosen.map((entry) => [
              entry.id,
              entry.initiator,
              entry.protocol,
              entry.control ? 'control' : 'upload',
            ]),
          ),
        );
    });

  scenarios
    .command('show')
    .description('one scenario, whole')
    .argument('<id>')
    .option('--json', 'machine-readable')
    .action(async (id: string, options: { json?: boolean }) => {
      const [scenario] = selectScenarios(await loadScenarios(), [id]);
      if (scenario === undefined)
        throw new InputError({ code: 'unknown-scenario', message: `no scenario "${id}"` });
      if (options.json === true) {
        terminal.out(JSON.stringify(scenario, null, 2));
        return;
      }
      const steps = scenario.steps.map((step) =>
        'cmd' in step ? `cmd.exe /d /c ${step.cmd}` : [step.program, ...step.args].join(' '),
      );
      terminal.out(
        [
          `${scenario.id} (${scenario.control ? 'control' : 'upload'}, ${scenario.technique}, ${scenario.analytic})`,
          scenario.description,
          '',
          'Steps:',
          ...steps.map((step) => `  ${step}`),
          `Expected: ${scenario.expect.outcome}, attribution ${scenario.expect.attribution}, socket owner ${scenario.expect.socketOwner}`,
          `Legs: ${scenario.expect.legs.join(', ')}`,
          `Profiles: ${scenario.profiles.join(', ')}`,
          ...scenario.prerequisites.map(
            (prerequisite) => `Needs: ${prerequisite.text}. Else: ${prerequisite.remedy}`,
          ),
        ].join('\n'),
      );
    });

  scenarios
    .command('lint')
    .description('check the scenario files')
    .argument('[folder]', 'a library folder; absent: the one that comes with the package')
    .option('--json', 'machine-readable')
    .action(async (folder: string | undefined, options: { json?: boolean }) => {
      const all = await loadScenarios(folder);
      const findings = all.flatMap(lintScenario);
      if (options.json === true) terminal.out(JSON.stringify(findings, null, 2));
      else if (findings.length === 0) terminal.out(`${all.length} scenarios, nothing to mend`);
      else
        for (const finding of findings)
          terminal.out(`${finding.scenario}: ${finding.text} (${finding.code})`);
      if (findings.length > 0) finish(exitCodes.badInput);
    });

  addImport(scenarios, context);
};
