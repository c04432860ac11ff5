import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runResultSchema } from '../../src/coverage/index.js';
import { dyetrace } from '../helpers/cli.js';
import { describeWith } from '../helpers/requires.js';

interface Told {
  execution: { id: string };
  legs: {
    leg: string;
    records: { from: string; raw: string | null }[];
    searched: { source: string; query: string }[];
  }[];
  otherRecords: { from: string; id: string }[];
}

describeWith({ programs: ['smbd', 'smbclient'], root: true }, 'dyetrace explain', () => {
  let reports: string;
  let good: string;
  beforeAll(async () => {
    reports = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    good = await runOnce();
  }, 120_000);
  afterAll(() => rm(reports, { recursive: true, force: true }));

  async function runOnce(...faults: string[]) {
    const { stdout } = await dyetrace([
      ...['run', '--embedded', '--scenario', 'rundll32-ftp-dll', '--background', '500', '--json'],
      ...faults.flatMap((fault) => ['--fault', fault]),
      ...['--reports', reports],
    ]);
    return runResultSchema.parse(JSON.parse(stdout)).run.id;
  }

  it('tells a good execution with its raw records', async () => {
    const args = ['explain', good, 'rundll32-ftp-dll', '--reports', reports];
    const text = await dyetrace(args);
    expect({ exitCode: text.exitCode, stderr: text.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(text.stdout).toMatch(/outcome alerted, expected alerted/);
    expect(text.stdout).toMatch(/control tcp 127\.0\.1\.\d+:\d+ → 127\.0\.2\.\d+:\d+/);
    expect(text.stdout).not.toContain('Gap ');
    expect(text.stdout).not.toContain('searched ');
    const told = JSON.parse((await dyetrace([...args, '--json'])).stdout) as Told;
    for (const { records } of told.legs) {
      const raw = records.filter(({ from }) => from === 'siem').map((record) => record.raw);
      expect(raw.length).toBeGreaterThan(0);
      expect(raw).not.toContain(null);
    }
  });

  it('tells where a broken one broke, what the host has, and what was asked', async () => {
    const run = await runOnce('forwarder-drops-network');
    const args = ['explain', run, 'rundll32-ftp-dll', '--reports', reports];
    const { stdout } = await dyetrace(args);
    expect(stdout).toMatch(/network_connection: missing/);
    expect(stdout).toMatch(/ship: broken \(forwarder-dropped\) on network_connection/);
    expect(stdout).toMatch(/searched siem winlogbeat: \d+ records by /);
    expect(stdout).toMatch(/host connection .+Sysmon/);
    expect(stdout).toContain('Gap forwarder-dropped on network_connection');
    const told = JSON.parse((await dyetrace([...args, '--json'])).stdout) as Told;
    expect(told.otherRecords.map(({ from }) => from)).toContain('host');
  });

  it('names what is near where there is no such execution', async () => {
    const { exitCode, stderr } = await dyetrace(['explain', good, 'rundll32-ftp-dl', '--reports', reports]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('did you mean rundll32-ftp-dll?');
  });
});
