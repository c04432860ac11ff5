import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadYaml } from '../config/index.js';
import { InputError, nearest } from '../core/index.js';
import { scenarioSchema, type Scenario } from './schema.js';

/** The library that comes with the package: `scenarios/` beside `src` or `dist`. */
export const libraryFolder = fileURLToPath(new URL('../../scenarios/', import.meta.url));

async function yamlFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}

/** Reads the library: uploads first, then controls. @throws InputError with file, line and column on the first bad file */
export async function loadScenarios(folder: string = libraryFolder): Promise<Scenario[]> {
  const files = [...(await yamlFiles(folder)), ...(await yamlFiles(join(folder, 'controls')))];
  const scenarios = await Promise.all(files.map((file) => loadYaml(file, scenarioSchema)));
  for (const [index, scenario] of scenarios.entries()) {
    const file = files[index] ?? '';
    if (!file.endsWith(`${scenario.id}.yaml`)) {
      throw new InputError({
        code: 'scenario-file-name',
        message: `${file}: holds scenario "${scenario.id}"`,
        where: { file, path: 'id' },
        remedy: `name the file ${scenario.id}.yaml`,
      });
    }
  }
  return scenarios;
}

/** The PowerShell scripts that scenarios stage, by the name that they use (`scripts/Send-TracerFtp.ps1`). */
export async function loadScripts(folder: string = libraryFolder): Promise<ReadonlyMap<string, Buffer>> {
  const names = (await readdir(join(folder, 'scripts'))).filter((name) => name.endsWith('.ps1')).sort();
  const contents = await Promise.all(names.map((name) => readFile(join(folder, 'scripts', name))));
  return new Map(names.map((name, index) => [`scripts/${name}`, contents[index] ?? Buffer.alloc(0)]));
}

/** A glob with `*` and `?` on an id. */
export function matchesGlob(id: string, glob: string): boolean {
  const pattern = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(id);
}

/**
 * The scenarios whose ids match one of the globs; all, where there is none.
 * @throws InputError on a glob that matches nothing, with the nearest id
 */
export function selectScenarios(scenarios: readonly Scenario[], globs: readonly string[]): Scenario[] {
  for (const glob of globs) {
    if (scenarios.some((scenario) => matchesGlob(scenario.id, glob))) continue;
    const close = nearest(
      glob,
      scenarios.map((scenario) => scenario.id),
    );
    throw new InputError({
      code: 'unknown-scenario',
      message: `no scenario matches "${glob}"`,
      remedy: close === undefined ? 'dyetrace scenarios list shows them all' : `did you mean "${close}"?`,
    });
  }
  return scenarios.filter(
    (scenario) => globs.length === 0 || globs.some((glob) => matchesGlob(scenario.id, glob)),
  );
}
