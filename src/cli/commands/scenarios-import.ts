import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { exitCodes, InputError, messageOf, systemCode } from '../../core/index.js';
import { draftFile, draftOf, foreignProcedures, loadScenarios, type Draft } from '../../scenario/index.js';
import type { CommandContext } from '../context.js';

interface ImportOptions {
  readonly id?: string;
  readonly out?: string;
  readonly json?: boolean;
}

async function content(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError({
      code: 'input-missing',
      message: `cannot read ${file}: ${messageOf(error)}`,
      where: { file },
      remedy: 'name a YAML file of Atomic Red Team, or of a Caldera ability',
    });
  });
}

/** Writes a draft, and never over another file. */
async function write(folder: string, name: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, text, { flag: 'wx' }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
    throw new InputError({
      code: 'draft-exists',
      message: `${file} is there already`,
      where: { file },
      remedy: 'remove it, or name another folder with --out',
    });
  });
  return file;
}

function report({ procedure, scenario, lines }: Draft, file: string | null): string {
  return [
    `${procedure.name} (${procedure.from} ${procedure.id}): ${scenario === null ? 'nothing to take over' : scenario.id}`,
    ...lines.map(
      ({ text, taken, note }) => `  ${taken ? 'taken   ' : 'left out'}  ${text}\n            ${note}`,
    ),
    ...(file === null ? [] : [`  written to ${file}`]),
  ].join('\n');
}

/** `scenarios import`: drafts of scenarios after procedures of other projects. */
export function addImport(scenarios: Command, { terminal, finish }: CommandContext): void {
  scenarios
    .command('import')
    .description(
      'draft scenarios after an Atomic Red Team file or a Caldera ability; the destination becomes the sink',
    )
    .argument('<file>', 'YAML file')
    .option('--id <id>', 'one procedure: GUID of the atomic test, or id of the ability')
    .option('--out <folder>', 'write the drafts here; without it they are printed')
    .option('--json', 'machine-readable')
    .action(async (file: string, options: ImportOptions) => {
      const library = await loadScenarios();
      const drafts = foreignProcedures(await content(file), file, options.id).map((one) =>
        draftOf(one, library),
      );
      const written: (string | null)[] = [];
      for (const { scenario } of drafts) {
        written.push(
          scenario === null || options.out === undefined
            ? null
            : await write(options.out, `${scenario.id}.yaml`, draftFile(scenario)),
        );
      }
      if (options.json === true) {
        terminal.out(
          JSON.stringify(
            drafts.map((draft, at) => ({ ...draft, file: written[at] ?? null })),
            null,
            2,
          ),
        );
      } else {
        if (drafts.length === 0)
          terminal.out(`${file} has no procedure for cmd.exe or PowerShell on Windows`);
        for (const [at, draft] of drafts.entries()) {
          terminal.out(report(draft, written[at] ?? null));
          if (draft.scenario !== null && options.out === undefined) terminal.out(draftFile(draft.scenario));
        }
      }
      if (drafts.every(({ scenario }) => scenario === null)) finish(exitCodes.badInput);
    });
}
