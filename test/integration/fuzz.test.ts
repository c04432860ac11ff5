import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWith, fixtures } from '../helpers/requires.js';

const run = promisify(execFile);

/** A sample of `npm run fuzz`: the frame itself, and that a defect is seen. */
describeWith({ fixtures: true, programs: ['tshark'] }, 'mutated files through the readers', () => {
  const fuzz = async (...options: string[]): Promise<{ code: number; stdout: string }> => {
    const command = ['scripts/fuzz.mjs', '--fixtures', fixtures, ...options];
    try {
      const { stdout } = await run(process.execPath, command);
      return { code: 0, stdout };
    } catch (error) {
      if (error instanceof Error && 'code' in error && 'stdout' in error)
        return { code: Number(error.code), stdout: String(error.stdout) };
      throw error;
    }
  };

  it('reading ends in records, rejected records or an error that names the input', async () => {
    const { code, stdout } = await fuzz('--cases', '160', '--seed', '1', '--max-seconds', '60');
    expect(stdout).toMatch(/seed 1: 0 defects/);
    expect(stdout).toMatch(/^evtx +\d+/m);
    expect(code).toBe(0);
  });

  it('a case that takes too long is a defect', async () => {
    const { code, stdout } = await fuzz('--cases', '2', '--reader', 'evtx', '--max-seconds', '0');
    expect(stdout).toContain('DEFECT in evtx, case 0');
    expect(code).toBe(1);
  });
});
