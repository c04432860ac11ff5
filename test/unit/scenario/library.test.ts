import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initiators, protocols } from '../../../src/config/index.js';
import {
  fill,
  lintScenario,
  loadScenarios,
  matchesGlob,
  scenarioSchema,
  selectScenarios,
  type Placeholders,
  type Scenario,
} from '../../../src/scenario/index.js';

let library: Scenario[];
let folder: string;
beforeAll(async () => {
  library = await loadScenarios();
  folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the library', () => {
  it('has every initiator over every protocol, and three controls', () => {
    const uploads = library.filter((scenario) => !scenario.control);
    for (const initiator of initiators)
      for (const protocol of protocols)
        expect(
          uploads.filter((scenario) => scenario.initiator === initiator && scenario.protocol === protocol)
            .length,
        ).toBeGreaterThan(0);
    expect(library.filter((scenario) => scenario.control).length).toBeGreaterThanOrEqual(3);
  });

  it('has FTP with the data connection opened by either side', () => {
    const openers = library
      .filter((scenario) => scenario.protocol === 'ftp')
      .flatMap((scenario) =>
        scenario.expect.sockets.filter((socket) => socket.role === 'data').map((socket) => socket.openedBy),
      );
    expect(new Set(openers)).toEqual(new Set(['client', 'sink']));
  });

  it('passes its own lint', () => {
    expect(library.flatMap((scenario) => lintScenario(scenario))).toEqual([]);
  });
});

describe('lint', () => {
  const step = (input: object) => scenarioSchema.shape.steps.element.parse(input);
  const base = () => library.find((scenario) => scenario.id === 'cmd-smb-copy') as Scenario;

  it.each([
    ['not-staged', (s: Scenario) => ({ ...s, stage: [] })],
    [
      'outside-sink',
      (s: Scenario) => ({ ...s, steps: [step({ cmd: 'copy {tracer} \\\\fileserver\\c$\\x' })] }),
    ],
    [
      'outside-sink',
      (s: Scenario) => ({
        ...s,
        steps: [step({ program: 'curl.exe', args: ['ftp://203.0.113.9/{file}'] })],
      }),
    ],
    ['missing-cleanup', (s: Scenario) => ({ ...s, cleanup: [] })],
    ['unknown-placeholder', (s: Scenario) => ({ ...s, cleanup: [...s.cleanup, 'del {trace}'] })],
    [
      'not-staged',
      (s: Scenario) => ({ ...s, slow: { steps: [step({ program: 'x.exe', args: ['{dll}'] })] } }),
    ],
    [
      'outside-sink',
      (s: Scenario) => ({ ...s, steps: [step({ cmd: 'tftp.exe -i 198.51.100.7 PUT {tracer}' })] }),
    ],
    ['outside-sink', (s: Scenario) => ({ ...s, cleanup: [...s.cleanup, 'curl.exe https://example.com/'] })],
    [
      'no-check',
      (s: Scenario) => ({ ...s, prerequisites: [{ id: 'x', text: 't', check: 'exit /b 0', remedy: 'r' }] }),
    ],
    ['tftp-limit', (s: Scenario) => ({ ...s, protocol: 'tftp' as const })],
    ['tftp-limit', (s: Scenario) => ({ ...s, protocol: 'tftp' as const, maxBytes: 2 ** 40 })],
    ['profile-unfit', (s: Scenario) => ({ ...s, maxBytes: 1024 * 1024, profiles: ['large' as const] })],
    ['control-mismatch', (s: Scenario) => ({ ...s, control: true, profiles: ['large' as const] })],
  ])('finds %s', (code, change) => {
    expect(lintScenario(change(base())).map((finding) => finding.code)).toContain(code);
  });
});

describe('loading', () => {
  it('says file, line and column of an unknown field', async () => {
    await mkdir(join(folder, 'controls'), { recursive: true });
    const file = join(folder, 'x.yaml');
    await writeFile(
      file,
      'id: x\ndescription: d\ninitiator: cmd\nprotocol: ftp\nvariant: v\nprofils: [tiny]\nstage: []\n',
    );
    await expect(loadScenarios(folder)).rejects.toThrow(
      `${file}:6:1 (profils): unknown key "profils"; did you mean "profiles"?`,
    );
  });
});

describe('selection', () => {
  it('takes globs', () => {
    expect(selectScenarios(library, ['*-tftp-*']).every((scenario) => scenario.id.includes('-tftp-'))).toBe(
      true,
    );
    expect(selectScenarios(library, [])).toHaveLength(library.length);
    expect(matchesGlob('a.b', 'a?b')).toBe(true);
    expect(matchesGlob('axb', 'a.b')).toBe(false);
  });

  it('a glob that matches nothing is an error with the nearest id', () => {
    expect(() => selectScenarios(library, ['cmd-smb-cop'])).toThrow('no scenario matches');
  });
});

describe('fill', () => {
  const values = Object.fromEntries(
    [
      'id',
      'tracer',
      'script',
      'dll',
      'text',
      'result',
      'download',
      'sink',
      'port',
      'share',
      'file',
      'user',
      'password',
      'tcpport',
    ].map((name) => [name, `<${name}>`]),
  ) as unknown as Placeholders;

  it('fills what it knows and refuses the rest', () => {
    expect(fill('put {tracer} {file}', values)).toBe('put <tracer> <file>');
    expect(() => fill('{nope}', values)).toThrow('unknown placeholder {nope}');
    expect(() => fill('{toString}', values)).toThrow('unknown placeholder');
  });
});

it('the schema is strict', () => {
  expect(scenarioSchema.safeParse({ id: 'x' }).success).toBe(false);
});
