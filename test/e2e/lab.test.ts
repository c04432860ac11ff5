import { appendFileSync, mkdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { LabInput } from '../../src/config/index.js';
import { systemClock, waitFor } from '../../src/core/index.js';
import { runResultSchema } from '../../src/coverage/index.js';
import { openEffects, readJournal } from '../../src/runner/index.js';
import { markerContent } from '../../src/safety/index.js';
import {
  createForwarder,
  createSimulatedHost,
  newKeyPair,
  type SimulatedHost,
} from '../../src/simulator/index.js';
import { dyetrace, start } from '../helpers/cli.js';
import { describeWith } from '../helpers/requires.js';
import { freePort } from '../helpers/sshd.js';

/**
 * The way of a lab of one's own: lab.yaml, a host over SSH in another process, a SIEM that is read through exported files. The
 * host is the simulated one, since there is no Windows here.
 */
describeWith({ platforms: ['linux'] }, 'a lab.yaml with a host in another process (simulated)', () => {
  const sink = '127.0.2.201';
  let folder: string;
  let lab: LabInput;
  let host: SimulatedHost;
  let forwarder: ReturnType<typeof createForwarder>;

  const writeLab = (change: (input: LabInput) => void = () => undefined) => {
    const copy = structuredClone(lab);
    change(copy);
    return writeFile(join(folder, 'lab.yaml'), stringify(copy));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    const exported = join(folder, 'siem-export');
    const disk = join(folder, 'disk');
    for (const path of [exported, disk]) mkdirSync(path);
    forwarder = createForwarder({
      deliver: ({ source, record }) => {
        appendFileSync(join(exported, `${source}.ndjson`), `${JSON.stringify(record)}\n`);
      },
      delayMs: 50,
      faults: [],
      clock: systemClock,
    });
    const keys = newKeyPair();
    await writeFile(join(folder, 'key'), keys.private);
    host = createSimulatedHost({
      id: 'ws01',
      name: 'WS01',
      address: '127.0.1.201',
      port: 0,
      shell: 'cmd',
      user: 'dyetrace',
      authorizedKey: keys.public,
      marker: { path: 'C:\\ProgramData\\Dyetrace\\lab.txt', content: markerContent('own-lab') },
      directory: disk,
      services: { tftp: 69, smb: 445 },
      smbclient: null,
      clock: systemClock,
      seed: 'lab',
      faults: [],
      backgroundEvents: 200,
      ship: (record) => {
        forwarder.ship(record);
      },
    });
    const { port, hostKey } = await host.start();
    const ftpPort = await freePort();
    lab = {
      lab: { name: 'own-lab', contact: 'tests' },
      authorisation: { by: 'tests', until: '2100-01-01T00:00:00Z' },
      scope: { hosts: ['ws01'], sinks: [{ address: sink, ports: [ftpPort] }], protocols: ['ftp'] },
      hosts: [
        {
          id: 'ws01',
          name: 'WS01',
          address: '127.0.1.201',
          executor: { kind: 'ssh', port, user: 'dyetrace', hostKey, key: `file:${join(folder, 'key')}` },
        },
      ],
      sinks: [{ id: 'ftp', protocol: 'ftp', address: sink, port: ftpPort, zone: 'internet' }],
      siem: { kind: 'files', folder: exported },
      collect: { deadline: '5 s' },
      parameters: { protocolPorts: { ftp: [21, ftpPort] } },
    };
    await writeLab();
  });
  afterAll(async () => {
    await host.stop();
    forwarder.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const lab2 = () => ['--lab', join(folder, 'lab.yaml')];

  it('doctor finds the host, its marker and the sink, and changes nothing', async () => {
    const { stdout } = await dyetrace(['doctor', ...lab2(), '--json']);
    const checks = JSON.parse(stdout) as { what: string; state: string }[];
    for (const what of ['authorisation', 'host ws01', 'host ws01, lab marker', 'sink ftp'])
      expect(checks.find((check) => check.what === what)).toMatchObject({ state: 'ok' });
  });

  it('doctor --show-host-key shows the key that lab.yaml pins', async () => {
    const { stdout } = await dyetrace(['doctor', ...lab2(), '--show-host-key']);
    const { executor } = lab.hosts[0] ?? {};
    expect(stdout).toBe(`ws01: ${executor?.kind === 'ssh' ? executor.hostKey : ''}`);
  });

  it('run pours tracers, judges by the exported files, and leaves out what the lab has no sink for', async () => {
    const reports = join(folder, 'reports');
    const { stdout, exitCode } = await dyetrace([
      'run',
      ...lab2(),
      '--scenario',
      'powershell-ftp-webclient',
      '--scenario',
      'powershell-smb-copy',
      '--scenario',
      'rundll32-ftp-dll',
      '--json',
      '--fail-on',
      'never',
      '--reports',
      reports,
    ]);
    const result = runResultSchema.parse(JSON.parse(stdout));
    expect(exitCode).toBe(0);
    expect(result.run.simulated).toBe(false);
    const ftp = result.executions.map(({ scenario, receipts, attribution, outcome }) => ({
      scenario,
      complete: receipts.map(({ complete }) => complete),
      grade: attribution.grade,
      outcome,
    }));
    // No alert stands among the exported records, so the best that can be said is logged.
    expect(ftp).toEqual([
      { scenario: 'powershell-ftp-webclient', complete: [true], grade: 'direct', outcome: 'logged' },
      { scenario: 'rundll32-ftp-dll', complete: [true], grade: 'direct', outcome: 'logged' },
    ]);
    expect(result.executions[0]?.chain.find(({ link }) => link === 'alert')).toMatchObject({
      state: 'broken',
    });
    expect(result.cleanup.left).toEqual([]);
    expect((await readdir(reports)).length).toBe(1);
  });

  it('a host key that differs ends every execution as an error, and nothing is staged', async () => {
    await writeLab((input) => {
      const [first] = input.hosts;
      if (first?.executor.kind === 'ssh') first.executor.hostKey = `SHA256:${'A'.repeat(43)}`;
    });
    const { stdout, exitCode } = await dyetrace([
      'run',
      ...lab2(),
      '--scenario',
      'rundll32-ftp-dll',
      '--json',
      '--reports',
      join(folder, 'reports'),
    ]);
    const [execution] = runResultSchema.parse(JSON.parse(stdout)).executions;
    expect(exitCode).toBe(3);
    expect(execution?.outcome).toBe('error');
    expect(execution?.errors.map(({ code }) => code)).toContain('host-key-mismatch');
    expect(execution?.receipts).toEqual([]);
    await writeLab();
  });

  it('a host with the marker of another lab is not touched', async () => {
    await writeLab((input) => {
      input.lab.name = 'other-lab';
    });
    const { stdout, exitCode } = await dyetrace([
      'run',
      ...lab2(),
      '--scenario',
      'rundll32-ftp-dll',
      '--json',
      '--reports',
      join(folder, 'reports'),
    ]);
    const [execution] = runResultSchema.parse(JSON.parse(stdout)).executions;
    expect(exitCode).toBe(3);
    expect(execution?.errors.map(({ code }) => code)).toContain('wrong-lab-marker');
    await writeLab();
  });

  /** Every file and folder on the host's disk. */
  const onDisk = async (): Promise<string[]> =>
    (await readdir(join(folder, 'disk'), { recursive: true })).sort();

  it.each(['make-directory', '"kind":"stage"', '"kind":"command"', '"state":"execution-ended"'])(
    'after kill -9 behind %s the host lives on, and cleanup takes everything off it, from the journal alone',
    async (word) => {
      const reports = await mkdtemp(join(folder, 'killed-'));
      const before = await onDisk();
      const scenarios = ['--scenario', 'powershell-ftp-webclient', '--scenario', 'rundll32-ftp-dll'];
      // Slow enough that the transfer is under way when the command is in the journal.
      await writeLab((input) => {
        input.scope.maxBytesPerSecond = '2 MiB';
      });
      const process = start(['run', ...lab2(), ...scenarios, '--reports', reports]);
      const journal = await waitFor(
        async () => {
          const [run] = await readdir(reports);
          const text =
            run === undefined
              ? ''
              : await readFile(join(reports, run, 'journal.ndjson'), 'utf8').catch(() => '');
          return text.includes(word) ? join(reports, run ?? '', 'journal.ndjson') : undefined;
        },
        { timeoutMs: 60_000, intervalMs: 5 },
      );
      process.kill('SIGKILL');
      await process;
      expect(journal).toBeDefined();
      expect(openEffects(await readJournal(journal ?? ''))).not.toEqual([]);

      // The right to run has ended meanwhile; the duty to clean up has not.
      await writeLab((input) => {
        input.authorisation.until = '2020-01-01T00:00:00Z';
        input.scope.hosts = [];
      });
      const [id = ''] = await readdir(reports);
      const cleaned = await dyetrace(['cleanup', id, ...lab2(), '--reports', reports, '--json']);
      expect({ exitCode: cleaned.exitCode, stderr: cleaned.stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(JSON.parse(cleaned.stdout)).toMatchObject({ left: [] });
      expect(openEffects(await readJournal(journal ?? ''))).toEqual([]);
      expect(await onDisk()).toEqual(before);
      await writeLab();
    },
  );
});
