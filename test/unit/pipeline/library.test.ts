import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { initiators, protocols } from '../../../src/config/index.js';
import { libraryMatrix, libraryPage, lintLibrary, sampleCommands } from '../../../src/pipeline/index.js';
import { loadScenarios, scenarioSchema, type Scenario } from '../../../src/scenario/index.js';

let library: Scenario[];
beforeAll(async () => {
  library = await loadScenarios();
});

/** The variants of the field guide: one scenario file each. */
const variants = [
  'powershell-ftp-webclient',
  'powershell-ftp-active',
  'powershell-ftp-client',
  'powershell-smb-copy',
  'powershell-smb-stream',
  'powershell-tftp-socket',
  'powershell-tftp-client',
  'cmd-ftp-client',
  'cmd-ftp-curl',
  'cmd-smb-copy',
  'cmd-smb-redirect',
  'cmd-smb-robocopy',
  'cmd-tftp-client',
  'cmd-tftp-curl',
  'rundll32-ftp-dll',
  'rundll32-ftp-child',
  'rundll32-smb-dll',
  'rundll32-smb-child',
  'rundll32-tftp-dll',
  'rundll32-tftp-child',
  'renamed-powershell-ftp',
];

describe('the library', () => {
  it('has every variant of the field guide, the encrypted and odd ones, and eight controls', () => {
    const ids = library.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(variants));
    for (const odd of ['ftps', 'encrypted', 'append', 'unique', 'encoded', 'blksize', 'netascii'])
      expect(
        library.filter(({ variant }) => variant === odd).map(({ id }) => id),
        odd,
      ).not.toEqual([]);
    expect(library.filter(({ control }) => control).length).toBeGreaterThanOrEqual(8);
  });

  it('can be said in both shells, every step of it', () => {
    expect(lintLibrary(library)).toEqual([]);
  });

  it('counts its matrix without the controls', () => {
    const matrix = libraryMatrix(library);
    const sum = initiators
      .flatMap((initiator) => protocols.map((protocol) => matrix.count(initiator, protocol)))
      .reduce((a, b) => a + b);
    expect(sum + matrix.controls).toBe(library.length);
  });

  it('is what docs/scenarios.md says (npm run docs)', async () => {
    const page = await readFile(new URL('../../../docs/scenarios.md', import.meta.url), 'utf8');
    expect(page).toBe(libraryPage(library));
  });
});

describe('lint of quoting', () => {
  it('finds a command that one of the shells cannot take', () => {
    const base = library.find(({ id }) => id === 'cmd-ftp-curl');
    const broken = scenarioSchema.shape.steps.element.parse({ program: 'curl.exe', args: ['100%PATH%'] });
    const findings = base === undefined ? [] : lintLibrary([{ ...base, steps: [broken] }]);
    expect(findings).toMatchObject([
      { code: 'quoting', text: expect.stringContaining('under cmd') as string },
    ]);
  });

  it('shows commands with an address for documentation, never a real one', () => {
    for (const scenario of library)
      for (const shell of ['cmd', 'powershell'] as const)
        expect(sampleCommands(scenario, shell).join('\n')).not.toMatch(/\{[a-zA-Z]+\}/);
  });
});
