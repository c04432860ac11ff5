import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadYaml } from '../config/index.js';
import { InputError } from '../core/index.js';
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
