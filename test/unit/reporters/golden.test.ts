import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reporters } from '../../../src/reporters/index.js';
import { reportContext as context } from '../../helpers/reports.js';
import { runResult } from '../../helpers/run-result.js';

const golden = (name: string) => resolve('test/fixtures/reports', name);

describe('reports of one run, as they are meant to look', () => {
  it.each([
    ['console', 'console.txt'],
    ['markdown', 'report.md'],
    ['html', 'report.html'],
    ['json', 'run.json'],
    ['junit', 'junit.xml'],
    ['github', 'job-summary.md'],
    ['csv', 'executions.csv'],
    ['navigator', 'navigator.json'],
    ['attire', 'attire.json'],
    ['vectr', 'vectr.csv'],
    ['ocsf', 'ocsf.ndjson'],
  ])('%s', async (name, file) => {
    await expect(await reporters.get(name).render(runResult(), context)).toMatchFileSnapshot(golden(file));
  });
});
