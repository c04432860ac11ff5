import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planSchema, readJournal, openEffects } from '../../src/runner/index.js';
import { runResultSchema, type RunResult } from '../../src/coverage/index.js';
import { collectionSchema } from '../../src/telemetry/index.js';
import { loadScenarios } from '../../src/scenario/index.js';
import { dyetrace, type Ended } from '../helpers/cli.js';
import { describeWith } from '../helpers/requires.js';
import { mkdtemp } from 'node:fs/promises';

describeWith({ programs: ['smbd', 'smbclient'], root: true }, 'dyetrace run --embedded', () => {
  let reports: string;
  let ended: Ended;
  let result: RunResult;
  let folder: string;

  beforeAll(async () => {
    reports = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    ended = await dyetrace(['run', '--embedded', '--seed', 'e2e', '--json', '--reports', reports]);
    const [name] = await readdir(reports);
    folder = join(reports, name ?? '');
    result = runResultSchema.parse(JSON.parse(ended.stdout));
  });
  afterAll(() => rm(reports, { recursive: true, force: true }));

  it('runs twelve executions, all as expected, and ends with 0', () => {
    expect(
      result.executions.map(({ scenario, outcome, met, gaps }) => ({ scenario, outcome, met, gaps })),
    ).toEqual(
      result.executions.map(({ scenario, control }) => ({
        scenario,
        outcome: control ? 'logged' : 'alerted',
        met: true,
        gaps: [],
      })),
    );
    expect(result.executions).toHaveLength(12);
    expect(result.falsePositives).toEqual([]);
    expect(result.errors).toEqual([]);
    expect(ended.exitCode).toBe(0);
  });

  it('gives each upload the attribution that its scenario says, from the telemetry', async () => {
    const scenarios = new Map((await loadScenarios()).map((scenario) => [scenario.id, scenario]));
    for (const execution of result.executions.filter(({ control }) => !control)) {
      const expected = scenarios.get(execution.scenario)?.expect;
      expect({ scenario: execution.scenario, grade: execution.attribution.grade }).toEqual({
        scenario: execution.scenario,
        grade: expected?.attribution,
      });
      const owner = execution.attribution.socketOwner?.executable.split('\\').at(-1)?.toLowerCase();
      expect({ scenario: execution.scenario, owner }).toEqual({
        scenario: execution.scenario,
        owner: expected?.socketOwner.toLowerCase(),
      });
    }
  });

  it('measures the volume that the receipts tell', () => {
    for (const execution of result.executions) {
      expect({ scenario: execution.scenario, grade: execution.volume.grade }).toEqual({
        scenario: execution.scenario,
        grade: 'measured',
      });
      const truth = execution.receipts
        .flatMap((receipt) => receipt.sockets)
        .reduce((sum, socket) => sum + socket.bytesFromClient, 0);
      expect(execution.volume.truth).toBe(truth);
      expect(Math.abs(execution.volume.errorPercent ?? 100)).toBeLessThan(1);
    }
  });

  it('received each tracer whole: the receipt has the hash of the plan', async () => {
    const plan = planSchema.parse(JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')));
    for (const execution of plan.executions) {
      const receipts = result.executions.find(({ id }) => id === execution.id)?.receipts ?? [];
      expect(receipts.map(({ sha256, complete, size }) => ({ sha256, complete, size }))).toEqual([
        { sha256: execution.tracers[0]?.sha256, complete: true, size: execution.tracers[0]?.size },
      ]);
    }
  });

  it('writes the folder that interfaces promise', async () => {
    for (const file of [
      'plan.json',
      'journal.ndjson',
      'receipts.ndjson',
      'run.json',
      'report.html',
      'report.md',
      'telemetry/collection.json',
    ])
      expect({ file, there: existsSync(join(folder, file)) }).toEqual({ file, there: true });
    collectionSchema.parse(JSON.parse(await readFile(join(folder, 'telemetry', 'collection.json'), 'utf8')));
    expect(runResultSchema.parse(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')))).toEqual(
      result,
    );
    expect((await stat(join(folder, 'telemetry', 'host', 'sysmon'))).isDirectory()).toBe(true);
  });

  it('surrounds the tracers with ordinary activity, which does not alert', () => {
    const records = result.telemetry
      .filter((source) => source.from === 'siem')
      .reduce((sum, source) => sum + source.records, 0);
    expect(records).toBeGreaterThanOrEqual(5000);
    expect(result.alerts).toHaveLength(9);
  });

  it('leaves nothing behind', async () => {
    expect(result.cleanup.left).toEqual([]);
    expect(result.cleanup.done).toBeGreaterThan(30);
    expect(openEffects(await readJournal(join(folder, 'journal.ndjson')))).toEqual([]);
    expect(existsSync(join(tmpdir(), `dyetrace-${result.run.id}`))).toBe(false);
  });

  it('keeps the share password out of every artefact', async () => {
    // The password is random and known to nobody afterwards; what can be seen is that no artefact holds a value where one would stand.
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    for (const entry of files) {
      const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
      expect(text).not.toMatch(/net(\.exe)? use [^\n]*\/user:\S+ (?!\*)[A-Za-z0-9_-]{20,}/);
      expect(text).not.toContain('BEGIN OPENSSH PRIVATE KEY');
    }
  });

  it('verify gives the same again, from the folder alone', async () => {
    const again = await dyetrace(['verify', folder, '--json']);
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual(result);
  });

  it('verify on thinned telemetry names the leg that is gone', async () => {
    const copy = join(reports, 'thinned');
    await cp(join(folder, 'telemetry'), copy, { recursive: true });
    const file = join(copy, 'siem', 'winlogbeat', 'records.ndjson');
    const kept = (await readFile(file, 'utf8'))
      .split('\n')
      .filter((line) => line !== '' && !['3', '5156'].includes(eventCode(line)));
    await writeFile(file, `${kept.join('\n')}\n`);
    const again = await dyetrace(['verify', folder, '--telemetry', copy, '--json', '--fail-on', 'gaps']);
    const thinned = runResultSchema.parse(JSON.parse(again.stdout));
    expect(again.exitCode).toBe(1);
    for (const execution of thinned.executions) {
      expect(execution.legs.network_connection.state).toBe('missing');
      expect(execution.chain.find(({ state }) => state === 'broken')?.link).toBe('ship');
    }
    await rm(copy, { recursive: true });
  });

  it('an unreadable source is unknown, never missing', async () => {
    const copy = join(reports, 'unread');
    await cp(join(folder, 'telemetry'), copy, { recursive: true });
    await rm(join(copy, 'siem', 'zeek-conn'), { recursive: true });
    const file = join(copy, 'collection.json');
    const collection = collectionSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const siem = collection.siem.map((source) =>
      source.source === 'zeek-conn'
        ? { ...source, records: 0, error: { code: 'siem-failed', message: 'HTTP 503', remedy: 'wait' } }
        : source,
    );
    await writeFile(file, JSON.stringify({ ...collection, siem }));
    const again = await dyetrace(['verify', folder, '--telemetry', copy, '--json']);
    const unread = runResultSchema.parse(JSON.parse(again.stdout));
    for (const execution of unread.executions) expect(execution.legs.flow_volume.state).toBe('unknown');
    await rm(copy, { recursive: true });
  });

  it('report renders again', async () => {
    const report = await dyetrace(['report', folder, '--report', 'console,markdown']);
    expect(report.exitCode).toBe(0);
    expect(report.stdout).toContain('9 of 9 uploads alerted, 3 of 3 controls silent');
    expect(report.stdout).toContain('Simulated hosts');
  });
});

describeWith(
  { programs: ['smbd'], root: true, platforms: ['linux'] },
  'dyetrace run --embedded without smbclient',
  () => {
    it('ends an SMB execution as an error with its remedy: never a silent hole, never a gap', async () => {
      const reports = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
      const { exitCode, stdout } = await dyetrace(
        [
          'run',
          '--embedded',
          '--scenario',
          'cmd-smb-copy',
          '--background',
          '200',
          '--json',
          '--reports',
          reports,
        ],
        { env: { PATH: reports } },
      );
      const [execution] = runResultSchema.parse(JSON.parse(stdout)).executions;
      expect(exitCode).toBe(3);
      expect(execution).toMatchObject({ outcome: 'error', met: false });
      expect(execution?.errors).toContainEqual(
        expect.objectContaining({
          code: 'smbclient-missing',
          remedy: expect.stringContaining('apt-get install smbclient') as string,
        }),
      );
      expect(execution?.gaps.filter(({ leg }) => leg !== null)).toEqual([]);
      await rm(reports, { recursive: true });
    });
  },
);

function eventCode(line: string): string {
  const { event } = JSON.parse(line) as { event: { code: string | number } };
  return String(event.code);
}
