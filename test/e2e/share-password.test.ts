import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadScenarios } from '../../src/scenario/index.js';
import { start, type Ended } from '../helpers/cli.js';
import { filesWithSecret, holdsSecret } from '../helpers/find-secret.js';
import { watchProcesses, type ProcessWatch } from '../helpers/process-watch.js';
import { describeWith } from '../helpers/requires.js';

describe('the search for a secret', () => {
  const secret = 'S3cr3t-of_the-share!';
  it.each([
    ['as it is', Buffer.from(`net use \\\\x\\drop ${secret}`)],
    ['in UTF-16, as Windows logs it', Buffer.from(`/user:u ${secret}`, 'utf16le')],
    ['in base64', Buffer.from(Buffer.from(secret).toString('base64'))],
    [
      'in the middle of an -EncodedCommand',
      Buffer.from(Buffer.from(`net use ${secret} x`, 'utf16le').toString('base64')),
    ],
    ['in the middle of a base64 text', Buffer.from(Buffer.from(`ab${secret} x`).toString('base64'))],
    ['in hex', Buffer.from(Buffer.from(secret).toString('hex'))],
    ['in a URL', Buffer.from(`ftp://u:${encodeURIComponent(secret)}@h/`)],
    ['in a packed file', gzipSync(`x${secret}`)],
  ])('finds it %s', (_, content) => {
    expect(holdsSecret(content, secret)).toBe(true);
    expect(holdsSecret(content, 'Another-secret.12345')).toBe(false);
  });
});

describeWith(
  { programs: ['smbd', 'smbclient'], root: true, platforms: ['linux'] },
  'the password of the share, in an embedded run of every SMB scenario',
  () => {
    let folder: string;
    let reports: string;
    let scratch: string;
    let ended: Ended;
    let watch: ProcessWatch;
    let password: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
      // smbd changes to the share's user: the way to its folders has to be open.
      await chmod(folder, 0o755);
      [reports, scratch] = [join(folder, 'reports'), join(folder, 'tmp')];
      await mkdir(scratch, { mode: 0o755 });
      const running = start(
        [
          'run',
          '--embedded',
          '--seed',
          'password',
          '--scenario',
          '*-smb-*',
          '--background',
          '200',
          '--json',
          '--reports',
          reports,
        ],
        { env: { TMPDIR: scratch } },
      );
      if (running.pid === undefined) throw new Error('it was not started');
      // smbclient, which stands for Windows' redirector, takes it by the environment: that is where this test learns it.
      watch = watchProcesses(running.pid, 'PASSWD');
      const { exitCode, stdout, stderr } = await running;
      ended = { exitCode, stdout, stderr };
      await watch.stop();
      password = [...watch.values][0] ?? '';
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    /** Command lines of net.exe on the simulated hosts, as their own Sysmon saw them. */
    async function netUse(): Promise<string[]> {
      const [run = ''] = await readdir(reports);
      const sysmon = join(reports, run, 'telemetry', 'host', 'sysmon');
      const texts = await Promise.all(
        (await readdir(sysmon)).map((name) => readFile(join(sysmon, name), 'utf8')),
      );
      return texts
        .flatMap((text) => [...text.matchAll(/<Data Name=["']CommandLine["']>([^<]*)</g)])
        .map(([, line = '']) => line.replaceAll('&quot;', '"'))
        .filter((line) => /\bnet\.exe"?\s+use\b/i.test(line));
    }

    it('is known to this test, one for the run, and the run is as expected', () => {
      expect(ended.exitCode).toBe(0);
      expect(watch.values.size).toBe(1);
      expect(password.length).toBeGreaterThanOrEqual(16);
    });

    it('stands in no artefact: plan, journal, receipts, telemetry, reports', async () => {
      const { found, looked } = await filesWithSecret(reports, password);
      expect(found).toEqual([]);
      expect(looked).toBeGreaterThan(10);
      expect(await readdir(join(reports, (await readdir(reports))[0] ?? ''))).toEqual(
        expect.arrayContaining([
          'plan.json',
          'journal.ndjson',
          'receipts.ndjson',
          'telemetry',
          'report.html',
        ]),
      );
    });

    it('stands not in what the command prints', () => {
      for (const text of [ended.stdout, ended.stderr])
        expect(holdsSecret(Buffer.from(text), password)).toBe(false);
    });

    it('stands on no command line of this machine', () => {
      const lines = [...watch.commandLines];
      expect(lines.filter((line) => holdsSecret(Buffer.from(line), password))).toEqual([]);
      expect(lines.some((line) => line.includes('smbclient'))).toBe(true);
    });

    it('goes to net use by standard input, and the connection is deleted afterwards', async () => {
      const uses = await netUse();
      const made = uses.filter((line) => line.includes('/user:'));
      const deleted = uses.filter((line) => /\/delete/i.test(line));
      const scenarios = (await loadScenarios()).filter(({ id }) => id.includes('-smb-'));
      expect(made.length).toBeGreaterThanOrEqual(scenarios.length);
      expect(deleted.length).toBeGreaterThanOrEqual(scenarios.length);
      // The share, the account, and an asterisk in the password's place: no other word.
      for (const line of made)
        expect(line).toMatch(
          /net\.exe"?\s+use\s+"?\\\\[\d.]+\\drop"?\s+"?\/user:\w+"?\s+"?\*"?(\s+"?\/TCPPORT:\d+"?)?\s*("")?\s*$/i,
        );
    });

    it('is removed with everything else that the run had on disk', async () => {
      expect(await readdir(scratch)).toEqual([]);
    });

    it('would be found, had net use got it as an argument', async () => {
      const copy = join(folder, 'leaky');
      await mkdir(copy);
      const [line = ''] = (await netUse()).filter((one) => one.includes('/user:'));
      await writeFile(
        join(copy, 'sysmon.xml'),
        `<Data Name="CommandLine">${line.replace('*', password)}</Data>`,
      );
      expect((await filesWithSecret(copy, password)).found).toHaveLength(1);
    });
  },
);
