import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runResultSchema } from '../../src/coverage/index.js';
import { loadScenarios, profileNames } from '../../src/scenario/index.js';
import { dyetrace } from '../helpers/cli.js';
import { describeWith } from '../helpers/requires.js';

describeWith({ programs: ['smbd', 'smbclient'], root: true, platforms: ['linux'] }, 'the suite full', () => {
  it('runs every scenario with every profile that fits, and everything is as expected, without a gap', {
    timeout: 900_000,
  }, async () => {
    const reports = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    try {
      const { stdout, exitCode } = await dyetrace([
        'run',
        '--embedded',
        '--suite',
        'full',
        '--json',
        '--reports',
        reports,
      ]);
      const { executions, cleanup, falsePositives } = runResultSchema.parse(JSON.parse(stdout));
      const wrong = executions.filter(({ met, gaps, control }) => !met || (!control && gaps.length > 0));
      expect(
        wrong.map(({ scenario, profile, outcome, gaps }) => [
          scenario,
          profile,
          outcome,
          ...gaps.map(({ cause }) => cause),
        ]),
      ).toEqual([]);
      const grades = executions.filter(
        ({ attribution: { grade, expectedGrade } }) => grade !== expectedGrade,
      );
      expect(
        grades.map(({ scenario, profile, attribution }) => [scenario, profile, attribution.grade]),
      ).toEqual([]);
      expect(falsePositives).toEqual([]);
      expect(cleanup.left).toEqual([]);
      expect(exitCode).toBe(0);

      const ran = new Set(executions.map(({ scenario, profile }) => `${scenario} ${profile}`));
      const library = await loadScenarios();
      const all = library.flatMap(({ id, profiles }) => profiles.map((profile) => `${id} ${profile}`));
      expect([...ran].sort()).toEqual(all.sort());
      expect(new Set(executions.map(({ profile }) => profile))).toEqual(new Set(profileNames));
    } finally {
      await rm(reports, { recursive: true, force: true });
    }
  });
});
