import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dyetrace, withFolder } from '../helpers/cli.js';

describe('the command line', () => {
  it('lists every command in its help', async () => {
    const { stdout, exitCode } = await dyetrace(['--help']);
    expect(exitCode).toBe(0);
    for (const command of [
      'init',
      'doctor',
      'scenarios',
      'plan',
      'run',
      'verify',
      'report',
      'hunt',
      'cleanup',
    ])
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  it.each([
    [['nonsense'], 'unknown command'],
    [['run', '--embeded'], "unknown option '--embeded'"],
    [['run', '--embedded', '--fault', 'no-such-fault'], 'unknown fault "no-such-fault"'],
    [['run', '--embedded', '--scenario', 'no-such'], 'no scenario matches "no-such"'],
    [['run', '--embedded', '--report', 'pdf'], 'unknown reporter "pdf"'],
    [['plan', '--embedded', '--profile', 'huge'], 'Allowed choices are'],
    [['hunt', 'no-such-file.json'], 'no-such-file.json'],
    [['hunt', '.', '--set', 'largeTransferByte=1'], 'did you mean largeTransferBytes?'],
    [['verify', 'no-such-run'], 'no run "no-such-run"'],
    [['report', 'no-such-run'], 'no run "no-such-run"'],
    [['cleanup', 'no-such-run'], 'no run "no-such-run"'],
    [['plan', '--lab', 'absent.yaml'], 'absent.yaml: no such file'],
    [['scenarios', 'show', 'cmd-smb-cop'], 'did you mean "cmd-smb-copy"?'],
  ])('%j is bad input: exit code 2 and a next step', async (args, text) => {
    await withFolder(async (cwd) => {
      const { exitCode, stderr, stdout } = await dyetrace(args, { cwd });
      expect(stderr).toContain(text);
      expect(stderr).not.toContain('    at ');
      expect(stdout).toBe('');
      expect(exitCode).toBe(2);
    });
  });

  it('init writes a lab that plan refuses for its empty scope, and never overwrites', async () => {
    await withFolder(async (cwd) => {
      expect((await dyetrace(['init'], { cwd })).exitCode).toBe(0);
      const written = await readFile(join(cwd, 'lab.yaml'), 'utf8');
      expect(written).toMatch(/^# yaml-language-server: \$schema=/);
      const plan = await dyetrace(['plan'], { cwd });
      expect(plan.exitCode).toBe(2);
      expect(plan.stderr).toContain('nothing to run');
      expect((await dyetrace(['init'], { cwd })).exitCode).toBe(2);
      expect(await readFile(join(cwd, 'lab.yaml'), 'utf8')).toBe(written);
    });
  });

  it('a mistake in lab.yaml is shown with its place', async () => {
    await withFolder(async (cwd) => {
      await dyetrace(['init'], { cwd });
      const file = join(cwd, 'lab.yaml');
      await writeFile(file, (await readFile(file, 'utf8')).replace('shell: cmd', 'shel: cmd'));
      const { exitCode, stderr } = await dyetrace(['plan'], { cwd });
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(
        /lab\.yaml:\d+:5 \(hosts\[0\]\.shel\): unknown key "shel"; did you mean "shell"\?/,
      );
    });
  });

  it('the same plan with the same seed and time is the same, byte for byte, and one document on standard output', async () => {
    const { stdout, stderr, exitCode } = await dyetrace(['plan', '--embedded', '--json', '--seed', 'a']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const plan = JSON.parse(stdout) as { schema: string; executions: unknown[] };
    expect(plan.schema).toBe('dyetrace.plan/1');
    expect(plan.executions).toHaveLength(12);
  });

  it('scenarios list, show and lint', async () => {
    const list = JSON.parse((await dyetrace(['scenarios', 'list', '--json'])).stdout) as { id: string }[];
    const files = ['scenarios', 'scenarios/controls'].flatMap((folder) =>
      readdirSync(folder).filter((name) => name.endsWith('.yaml')),
    );
    expect(list.map(({ id }) => `${id}.yaml`).sort()).toEqual(files.sort());
    expect(Object.keys(list[0] ?? {})).toEqual([
      'id',
      'initiator',
      'protocol',
      'variant',
      'control',
      'profiles',
      'tags',
      'description',
    ]);
    expect((await dyetrace(['scenarios', 'show', 'cmd-ftp-client'])).stdout).toContain('ftp.exe -n -s:');
    const lint = await dyetrace(['scenarios', 'lint']);
    expect([lint.exitCode, lint.stdout]).toEqual([0, `${files.length} scenarios, nothing to mend`]);
  });
});
