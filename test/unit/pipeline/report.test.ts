import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderReports, runFolder } from '../../../src/pipeline/index.js';
import { reporters } from '../../../src/reporters/index.js';
import { execution, runResult } from '../../helpers/run-result.js';

describe('several reports at once', () => {
  let path: string;
  const said: string[] = [];
  const output = {
    out: (text: string) => said.push(text),
    err: (text: string) => said.push(text),
    colour: false,
    width: 120,
  };
  const render = (names: readonly string[], result = runResult()) =>
    renderReports(result, runFolder(path), names, output);

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    said.length = 0;
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(path, { recursive: true, force: true });
  });

  it('writes each into the folder of the run', async () => {
    await render(['html', 'junit', 'junit', 'console']);
    expect((await readdir(path)).sort()).toEqual(['junit.xml', 'report.html']);
    expect(said.filter((line) => line.startsWith('junit: '))).toHaveLength(1);
    expect(said.at(-1)).toContain('uploads alerted');
  });

  it('loses no other by one that throws, and fails', async () => {
    vi.spyOn(reporters.get('html'), 'render').mockRejectedValue(new Error('out of ink'));
    await expect(render(['csv', 'html', 'junit'])).rejects.toThrow('out of ink');
    expect((await readdir(path)).sort()).toEqual(['executions.csv', 'junit.xml']);
    expect(said).toContain('report html failed: out of ink');
  });

  it('writes nothing where a name is unknown, and says what was meant', async () => {
    await expect(render(['csv', 'junti'])).rejects.toThrow(/unknown reporter "junti"/);
    expect(await readdir(path)).toEqual([]);
  });

  it('writes a file per host where the format wants one', async () => {
    const other = execution({ id: 'b', host: { id: 'srv1', name: 'SRV1', role: 'server' } });
    await render(['attire'], runResult([execution(), other]));
    expect((await readdir(path)).sort()).toEqual(['attire-srv1.json', 'attire-ws01.json']);
    expect(await readFile(join(path, 'attire-srv1.json'), 'utf8')).toContain('"host": "SRV1"');
  });
});
