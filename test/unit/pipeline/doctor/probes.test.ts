import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { labSchema, type ResolvedLab } from '../../../../src/config/index.js';
import type { Executor } from '../../../../src/executors/index.js';
import { checkHost } from '../../../../src/pipeline/doctor/host.js';
import { probes } from '../../../../src/pipeline/doctor/probes.js';
import type { Answer, HostNeeds } from '../../../../src/pipeline/doctor/types.js';
import { loadScenarios, matchesGlob } from '../../../../src/scenario/index.js';
import { fakeHost } from '../../../helpers/fake-executor.js';
import { shellCommandLine } from '../../../../src/simulator/host/ssh/exec.js';
import { bench, type Bench } from '../../simulator/host/bench.js';

const library = await loadScenarios();
const marker = { path: 'C:\\ProgramData\\Dyetrace\\lab.txt', content: 'dyetrace-lab: test-lab\r\n' };

function lab(smbPort = 445): ResolvedLab {
  const parsed = labSchema.parse({
    lab: { name: 'test-lab', contact: 'a@example.org' },
    authorisation: { by: 'me', until: '2027-01-01T00:00:00Z' },
    scope: {},
    hosts: [
      {
        id: 'ws01',
        name: 'WS01',
        address: '127.0.1.1',
        shell: 'cmd',
        marker: marker.path,
        executor: { kind: 'local' },
      },
    ],
    sinks: [{ id: 'smb', protocol: 'smb', address: '127.0.2.1', port: smbPort }],
    siem: { kind: 'embedded' },
  });
  return { ...parsed, resolved: true };
}

function needs(globs: readonly string[], resolved = lab()): HostNeeds {
  const [host] = resolved.hosts;
  if (host === undefined) throw new Error('no host');
  const scenarios = library.filter(({ id }) => globs.some((glob) => matchesGlob(id, glob)));
  return { lab: resolved, host, scenarios };
}

const asked = (globs: readonly string[], resolved = lab()): string[] =>
  probes.flatMap((probe) =>
    probe.subjects(needs(globs, resolved)).map((subject) => `${probe.id}: ${subject}`),
  );

describe('the table', () => {
  it('covers every prerequisite of the library, and nothing that no scenario has', () => {
    const wanted = new Set(library.flatMap(({ prerequisites }) => prerequisites.map(({ id }) => id)));
    expect(new Set(probes.flatMap(({ covers }) => covers))).toEqual(wanted);
  });

  it('asks about a prerequisite wherever a scenario has it', () => {
    for (const scenario of library) {
      const rows = probes.filter((probe) => probe.subjects(needs([scenario.id])).length > 0);
      const covered = rows.flatMap(({ covers }) => covers);
      for (const { id } of scenario.prerequisites)
        expect([scenario.id, covered]).toEqual([scenario.id, expect.arrayContaining([id])]);
    }
  });

  it('asks what the scenarios need, and no more', () => {
    const always = ['Defender: WinDefend', 'free disk: C:'];
    expect(asked([])).toEqual([]);
    expect(asked(['cmd-ftp-client'])).toEqual(['ftp.exe: ftp.exe', 'inbound: ftp.exe', ...always]);
    expect(asked(['cmd-ftp-curl'])).toEqual(['curl: ftp', ...always]);
    expect(asked(['cmd-tftp-curl'])).toEqual(['curl: tftp', 'inbound: curl.exe', ...always]);
    expect(asked(['cmd-tftp-client'])).toEqual(['tftp.exe: tftp.exe', 'inbound: tftp.exe', ...always]);
    expect(asked(['cmd-smb-copy'])).toEqual(['SMB client: LanmanWorkstation', 'SMB rules: plain', ...always]);
    expect(asked(['cmd-smb-encrypted'])).toContain('SMB rules: encrypted');
    expect(asked(['cmd-smb-copy'], lab(1445))).toContain('SMB client port: 1445');
    expect(asked(['powershell-ftp-webclient'])).toEqual([
      'PowerShell version: powershell.exe',
      'PowerShell language mode: powershell.exe',
      'execution policy: powershell.exe',
      'script block logging: powershell.exe',
      ...always,
    ]);
  });

  it('changes nothing: its commands only ask', () => {
    for (const { question } of probes) {
      if ('cmd' in question) expect(question.cmd).toMatch(/^dir /);
      else
        expect([question.program, ...question.args].join(' ')).toMatch(
          /^(where\.exe \S+|curl\.exe --version|(reg|sc)\.exe query .*|powershell\.exe -NoProfile -NonInteractive -Command (\$ExecutionContext\.SessionState\.LanguageMode|Get-SmbClientConfiguration .*))$/,
        );
    }
  });
});

const probe = (id: string) => {
  const found = probes.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
};
const reg = (...values: string[]): Answer => ({
  exitCode: 0,
  stdout: `\r\nHKEY_X\r\n${values.map((value) => `    ${value}\r\n`).join('')}\r\n`,
  stderr: '',
});
const absent: Answer = {
  exitCode: 1,
  stdout: '',
  stderr: 'ERROR: The system was unable to find the specified registry key or value.\r\n',
};
const denied: Answer = { exitCode: 1, stdout: '', stderr: 'ERROR: Access is denied.\r\n' };
const said = (stdout: string): Answer => ({ exitCode: 0, stdout, stderr: '' });

it.each([
  ['PowerShell version', reg('PowerShellVersion    REG_SZ    5.1.19041.4412'), '', 'ok'],
  ['PowerShell version', reg('PowerShellVersion    REG_SZ    4.0'), '', 'missing'],
  ['PowerShell version', absent, '', 'missing'],
  ['PowerShell version', denied, '', 'could not look'],
  ['PowerShell language mode', said('FullLanguage\r\n'), '', 'ok'],
  ['PowerShell language mode', said('ConstrainedLanguage\r\n'), '', 'missing'],
  ['PowerShell language mode', { exitCode: 1, stdout: '', stderr: 'blocked' }, '', 'could not look'],
  ['execution policy', absent, '', 'ok'],
  [
    'execution policy',
    reg('EnableScripts    REG_DWORD    0x1', 'ExecutionPolicy    REG_SZ    RemoteSigned'),
    '',
    'ok',
  ],
  [
    'execution policy',
    reg('EnableScripts    REG_DWORD    0x1', 'ExecutionPolicy    REG_SZ    AllSigned'),
    '',
    'missing',
  ],
  ['execution policy', reg('EnableScripts    REG_DWORD    0x0'), '', 'missing'],
  ['execution policy', denied, '', 'could not look'],
  ['script block logging', reg('EnableScriptBlockLogging    REG_DWORD    0x1'), '', 'ok'],
  ['script block logging', reg('EnableScriptBlockLogging    REG_DWORD    0x0'), '', 'missing'],
  ['script block logging', absent, '', 'missing'],
  ['SMB client port', reg('CurrentBuildNumber    REG_SZ    26100'), '1445', 'ok'],
  ['SMB client port', reg('CurrentBuildNumber    REG_SZ    19045'), '1445', 'missing'],
  ['SMB client port', absent, '1445', 'could not look'],
  [
    'SMB rules',
    said('{"RequireSecuritySignature":true,"RequireEncryption":false,"BlockNTLM":false}'),
    'plain',
    'ok',
  ],
  [
    'SMB rules',
    said('{"RequireSecuritySignature":false,"RequireEncryption":null,"BlockNTLM":null}'),
    'plain',
    'ok',
  ],
  [
    'SMB rules',
    said('{"RequireSecuritySignature":true,"RequireEncryption":true,"BlockNTLM":false}'),
    'plain',
    'missing',
  ],
  [
    'SMB rules',
    said('{"RequireSecuritySignature":true,"RequireEncryption":true,"BlockNTLM":false}'),
    'encrypted',
    'ok',
  ],
  [
    'SMB rules',
    said('{"RequireSecuritySignature":true,"RequireEncryption":true,"BlockNTLM":true}'),
    'encrypted',
    'missing',
  ],
  ['SMB rules', { exitCode: 1, stdout: '', stderr: 'Access denied' }, 'plain', 'could not look'],
  ['Defender', said('        STATE              : 4  RUNNING'), 'WinDefend', 'ok'],
  [
    'Defender',
    { exitCode: 5, stdout: '[SC] OpenSCManager FAILED 5:', stderr: '' },
    'WinDefend',
    'could not look',
  ],
  ['free disk', said('               2 Dir(s)  53687091200 bytes free\r\n'), 'C:', 'ok'],
  ['free disk', said('               2 Dir(s)  1000000 bytes free\r\n'), 'C:', 'missing'],
  ['free disk', said('File Not Found\r\n'), 'C:', 'could not look'],
] as const)('%s reads %o', (id, answer, subject, state) => {
  const row = probe(id);
  expect(row.read(answer, subject, needs(['*'])).state).toBe(state);
  expect(row.remedy(subject)).not.toBe('');
});

describe('a host', () => {
  it('is asked each question once', async () => {
    const { calls, executor } = fakeHost({ marker });
    await checkHost(needs(['*']), executor());
    const runs = calls.filter((call) => call.startsWith('run '));
    expect(new Set(runs).size).toBe(runs.length);
    expect(calls.filter((call) => !/^(run|read|describe)/.test(call))).toEqual([]);
  });

  it('that does not answer is not called missing', async () => {
    const { executor } = fakeHost({
      marker,
      onRun: () => Promise.resolve({ exitCode: null, ended: 'timeout' }),
    });
    const checks = await checkHost(needs(['cmd-ftp-client']), executor());
    const inbound = checks.find(({ what }) => what === 'host ws01, inbound ftp.exe');
    expect(inbound).toMatchObject({ state: 'could not look', text: 'no answer within 30 s' });
    expect(inbound?.remedy).toContain('netsh.exe advfirewall firewall add rule name="Dyetrace ftp.exe"');
  });

  it('is asked what an own scenario wants to know', async () => {
    const { executor, calls } = fakeHost({
      marker,
      onRun: (command) =>
        Promise.resolve(command === 'my check' ? { exitCode: 3, stderr: 'no such thing' } : {}),
    });
    const own = { id: 'own', text: 'the thing is there', check: 'my check', remedy: 'buy it' };
    const base = needs(['cmd-ftp-client']);
    const scenarios = base.scenarios.map((one) => ({
      ...one,
      prerequisites: [...one.prerequisites, own, own],
    }));
    const checks = await checkHost({ ...base, scenarios }, executor());
    expect(checks.at(-1)).toEqual({
      what: 'host ws01, own',
      state: 'missing',
      text: 'not so: the thing is there (no such thing)',
      remedy: 'buy it',
    });
    expect(calls.filter((call) => call === 'run my check')).toHaveLength(1);
  });
});

describe('the simulated host', () => {
  let host: Bench;
  beforeEach(async () => {
    host = await bench('127.0.1.65');
    await host.machine.disk.makeDirectory('C:\\ProgramData\\Dyetrace');
    await host.write(marker.path, marker.content);
  });
  afterEach(() => host.close());

  it.each(['cmd', 'powershell'] as const)(
    'answers as Windows would, its DefaultShell being %s: nothing that its scenarios need is missing or unseen',
    async (shell) => {
      const { executor } = fakeHost({ marker });
      const system32 = 'C:\\Windows\\System32\\';
      const image = shell === 'cmd' ? 'cmd.exe' : 'WindowsPowerShell\\v1.0\\powershell.exe';
      const simulated: Executor = {
        ...executor(),
        run: async (command) => ({
          ...(await host.run(`${system32}${image}`, shellCommandLine(shell, command))),
          startedAt: 0,
          endedAt: 0,
          ended: 'exit',
          truncated: false,
        }),
        describe: () =>
          Promise.resolve({ os: 'Windows', shell, user: 'lab', clock: Date.now(), clockUncertaintyMs: 1 }),
      };
      const wanted = needs(['*'], lab(1445));
      const checks = await checkHost({ ...wanted, host: { ...wanted.host, shell } }, simulated);
      expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
      expect(checks.length).toBeGreaterThan(20);
    },
  );

  it('the scenarios’ own checks succeed there too', async () => {
    const own = new Set(library.flatMap(({ prerequisites }) => prerequisites.map(({ check }) => check)));
    for (const check of own) expect([check, (await host.cmd(check)).exitCode]).toEqual([check, 0]);
  });
});
