import { builtInSuites } from '../../config/index.js';
import { exitCodes, InputError } from '../../core/index.js';
import { libraryMatrix, lintLibrary, loadLab, sampleCommands } from '../../pipeline/index.js';
import {
  chooseScenarios,
  loadScenarios,
  selectScenarios,
  suiteNamed,
  type Scenario,
} from '../../scenario/index.js';
import type { CommandDeclaration } from '../context.js';
import { selectionOf, selectionOptions, type SelectionOptions } from '../selection.js';
import { table } from '../table.js';
import { addImport } from './scenarios-import.js';

function listEntry(scenario: Scenario) {
  const { id, initiator, protocol, variant, control, profiles, tags, description } = scenario;
  return { id, initiator, protocol, variant, control, profiles, tags, description };
}

export const scenariosCommand: CommandDeclaration = (program, context) => {
  const { terminal, finish } = context;
  const scenarios = program.command('scenarios').description('the library of scenarios and controls');

  selectionOptions(
    scenarios
      .command('list')
      .description('the scenarios, and how they cover initiators and protocols')
      .argument('[glob...]', 'scenario ids, with * and ?')
      .option('--lab <file>', 'a lab file, for its suites')
      .option('--json', 'machine-readable'),
    'list',
  ).action(async (globs: string[], options: SelectionOptions & { lab?: string; json?: boolean }) => {
    const { initiators, protocols, variants, tags, profiles, scenarios: named } = selectionOf(options);
    const selection = {
      scenarios: globs.length > 0 || named !== undefined ? [...globs, ...(named ?? [])] : undefined,
      initiators,
      protocols,
      variants,
      tags,
      profiles: profiles ?? (options.suite === undefined ? ('all' as const) : undefined),
    };
    const suites = options.lab === undefined ? builtInSuites : (await loadLab(options.lab)).suites;
    const suite = options.suite === undefined ? [] : [suiteNamed(suites, options.suite)];
    const { choices } = chooseScenarios(await loadScenarios(), [...suite, selection]);
    const chosen = choices.map(({ scenario }) => scenario);
    if (options.json === true) {
      terminal.out(JSON.stringify(chosen.map(listEntry), null, 2));
      return;
    }
    const matrix = libraryMatrix(chosen);
    terminal.out(
      table(
        ['id', 'initiator', 'protocol', 'kind', 'profiles'],
        chosen.map(({ id, initiator, protocol, control, profiles: fitting }) => [
          id,
          initiator,
          protocol,
          control ? 'control' : 'upload',
          fitting.join(', '),
        ]),
      ),
    );
    terminal.out('');
    terminal.out(
      table(
        ['uploads', ...matrix.protocols],
        matrix.initiators.map((initiator) => [
          initiator,
          ...matrix.protocols.map((protocol) => String(matrix.count(initiator, protocol))),
        ]),
      ),
    );
    terminal.out(`${chosen.length} scenarios, ${matrix.controls} of them controls`);
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
      terminal.out(
        [
          `${scenario.id} (${scenario.control ? 'control' : 'upload'}, ${scenario.technique}, ${scenario.analytic})`,
          scenario.description,
          '',
          'Steps, for a sample execution, where DefaultShell is cmd.exe:',
          ...sampleCommands(scenario, 'cmd').map((step) => `  ${step}`),
          'and where it is PowerShell:',
          ...sampleCommands(scenario, 'powershell').map((step) => `  ${step}`),
          `Expected: ${scenario.expect.outcome}, attribution ${scenario.expect.attribution}, socket owner ${scenario.expect.socketOwner}`,
          `Legs: ${scenario.expect.legs.join(', ')}`,
          `Profiles: ${scenario.profiles.join(', ')}`,
          `Oldest Windows: ${scenario.minimumWindows}`,
          ...scenario.blockedBy.map(
            ({ by, text, evidence }) => `May be blocked by ${by}: ${text} (${evidence})`,
          ),
          `Clean-up: ${scenario.cleanup.join('; ') || 'staged files go by themselves'}`,
          `Again: ${scenario.idempotence}`,
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
      const findings = lintLibrary(all);
      if (options.json === true) terminal.out(JSON.stringify(findings, null, 2));
      else if (findings.length === 0) terminal.out(`${all.length} scenarios, nothing to mend`);
      else
        for (const finding of findings)
          terminal.out(`${finding.scenario}: ${finding.text} (${finding.code})`);
      if (findings.length > 0) finish(exitCodes.badInput);
    });

  addImport(scenarios, context);
};
