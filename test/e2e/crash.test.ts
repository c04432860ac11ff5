import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '../../src/core/index.js';
import { runResultSchema } from '../../src/coverage/index.js';
import { openEffects, readJournal } from '../../src/runner/index.js';
import { dyetrace, start } from '../helpers/cli.js';
import { describeWith } from '../helpers/requires.js';

describeWith(
  { programs: ['smbd', 'smbclient'], root: true, platforms: ['linux'] },
  'a run that is stopped',
  () => {
    let reports: string;
    beforeEach(async () => {
      reports = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    });
    afterEach(() => rm(reports, { recursive: true, force: true }));

    /** The text of the journal as soon as it holds a word. */
    async function journalWith(word: string): Promise<string> {
      const text = await waitFor(
        async () => {
          const [run] = await readdir(reports);
          const content =
            run === undefined
              ? ''
              : await readFile(join(reports, run, 'journal.ndjson'), 'utf8').catch(() => '');
          return content.includes(word) ? content : undefined;
        },
        { timeoutMs: 60_000, intervalMs: 5 },
      );
      if (text === undefined) throw new Error(`the journal never held ${word}`);
      return text;
    }

    async function run(): Promise<string> {
      const [name] = await readdir(reports);
      if (name === undefined) throw new Error('no run');
      return name;
    }

    /** Processes of this machine whose command line holds the run's id. */
    async function processesOf(id: string): Promise<string[]> {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      const lines = await Promise.all(
        pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
      );
      return lines.filter((line) => line.includes(`dyetrace-${id}`));
    }

    it.each([
      'local-directory',
      '"kind":"sink"',
      'make-directory',
      '"kind":"stage"',
      '"kind":"command"',
      '"state":"execution-ended"',
    ])('by kill -9 behind %s is cleaned up from its journal', async (word) => {
      const process = start(['run', '--embedded', '--background', '500', '--reports', reports]);
      await journalWith(word);
      process.kill('SIGKILL');
      await process;
      const id = await run();
      const cleaned = await dyetrace(['cleanup', id, '--reports', reports, '--json']);
      expect({ exitCode: cleaned.exitCode, stderr: cleaned.stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect((JSON.parse(cleaned.stdout) as { left: unknown[] }).left).toEqual([]);
      expect(openEffects(await readJournal(join(reports, id, 'journal.ndjson')))).toEqual([]);
      expect(existsSync(join(tmpdir(), `dyetrace-${id}`))).toBe(false);
      expect(await waitFor(async () => (await processesOf(id)).length === 0, { timeoutMs: 10_000 })).toBe(
        true,
      );
      const again = await dyetrace(['cleanup', id, '--reports', reports, '--json']);
      expect(JSON.parse(again.stdout)).toEqual({ done: 0, left: [] });
    });

    it('by SIGINT cleans up, reports what was done, and ends with 130', async () => {
      const process = start(['run', '--embedded', '--background', '500', '--json', '--reports', reports]);
      await journalWith('"state":"execution-ended"');
      process.kill('SIGINT');
      const { exitCode, stdout } = await process;
      expect(exitCode).toBe(130);
      const result = runResultSchema.parse(JSON.parse(stdout));
      expect(result.run.interrupted).toBe(true);
      expect(result.cleanup.left).toEqual([]);
      expect(openEffects(await readJournal(join(reports, await run(), 'journal.ndjson')))).toEqual([]);
      expect(existsSync(join(tmpdir(), `dyetrace-${result.run.id}`))).toBe(false);
    });
  },
);
