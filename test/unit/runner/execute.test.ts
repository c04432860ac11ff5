import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError, LabError, Secret, systemClock } from '../../../src/core/index.js';
import {
  cleanUp,
  executePlan,
  openEffects,
  openJournal,
  planRun,
  readJournal,
  type ExecuteTools,
  type Journal,
  type Plan,
} from '../../../src/runner/index.js';
import { chooseScenarios, loadScenarios, loadScripts } from '../../../src/scenario/index.js';
import { fakeHost, type FakeHost } from '../../helpers/fake-executor.js';
import { testLab } from '../../helpers/lab.js';

const marker = 'C:\\ProgramData\\Dyetrace\\lab.txt';
const password = 'share-secret-1234';

let folder: string;
let journalFile: string;
let journal: Journal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
  journalFile = join(folder, 'journal.ndjson');
  journal = openJournal(journalFile, systemClock);
});
afterEach(async () => {
  await journal.close().catch(() => undefined);
  await rm(folder, { recursive: true });
});

async function planOf(...ids: string[]): Promise<Plan> {
  return planRun({
    lab: testLab(),
    choices: chooseScenarios(await loadScenarios(), [{ scenarios: ids }]).choices,
    runId: '20261124-120000-test',
    seed: 'seed',
    now: systemClock.now(),
    version: '0.0.0',
    simulated: false,
    scripts: await loadScripts(),
    dll: Buffer.from('dll'),
  });
}

async function execute(plan: Plan, host: FakeHost, change: Partial<ExecuteTools> = {}) {
  return executePlan(plan, {
    journal,
    connect: () => Promise.resolve(host.executor()),
    marker: () => marker,
    scripts: await loadScripts(),
    dll: Buffer.from('dll'),
    sharePassword: new Secret(password),
    hindrance: () => undefined,
    received: () => true,
    receiptTimeoutMs: 50,
    listener: () => undefined,
    signal: new AbortController().signal,
    ...change,
  });
}

const marked = () => fakeHost({ marker: { path: marker, content: 'dyetrace-lab: test-lab\r\n' } });

describe('executePlan', () => {
  it('journals each intent before its effect, and leaves nothing behind', async () => {
    const seen: string[] = [];
    const host = fakeHost({
      marker: { path: marker, content: 'dyetrace-lab: test-lab\r\n' },
      onRun: async (command) => {
        const lines = await readJournal(journalFile);
        expect(
          lines.some(
            (line) =>
              line.state === 'intent' &&
              line.effect.kind === 'command' &&
              line.effect.commandLine === command,
          ),
        ).toBe(true);
        seen.push(command);
        return {};
      },
    });
    const plan = await planOf('cmd-ftp-client');
    const result = await execute(plan, host);
    expect(seen).toEqual(plan.executions[0]?.steps.map((step) => step.commandLine));
    expect(result.left).toEqual([]);
    expect([...host.files.keys()]).toEqual([marker]);
    expect([...host.directories]).toEqual([]);
    expect(openEffects(await readJournal(journalFile))).toEqual([]);
  });

  it('does not remove a file that was there before', async () => {
    const host = marked();
    const plan = await planOf('cmd-ftp-client');
    const tracer = plan.executions[0]?.files[0]?.path ?? '';
    host.files.set(tracer, Buffer.from('not ours'));
    const refusing = {
      ...host,
      executor: () => ({
        ...host.executor(),
        stage: () => Promise.reject(new InputError({ code: 'file-exists', message: 'is there' })),
      }),
    };
    await execute(plan, refusing);
    expect(host.files.get(tracer)?.toString()).toBe('not ours');
    expect(openEffects(await readJournal(journalFile))).toEqual([]);
  });

  it('does not remove a directory that was there before', async () => {
    const host = marked();
    host.directories.add('C:\\Dyetrace');
    await execute(await planOf('cmd-ftp-client'), host);
    expect([...host.directories]).toEqual(['C:\\Dyetrace']);
  });

  it.each([
    ['no marker', fakeHost(), 'no-lab-marker'],
    [
      'the marker of another lab',
      fakeHost({ marker: { path: marker, content: 'dyetrace-lab: production\r\n' } }),
      'wrong-lab-marker',
    ],
  ])('touches nothing on a host with %s', async (_, host, code) => {
    await execute(await planOf('cmd-ftp-client'), host);
    expect(host.calls).toEqual([]);
    const ended = (await readJournal(journalFile)).find((line) => line.state === 'execution-ended');
    expect(ended).toMatchObject({ error: { code } });
  });

  it('does not touch a host whose sink is not there', async () => {
    const host = marked();
    await execute(await planOf('cmd-ftp-client'), host, {
      hindrance: () => new LabError({ code: 'samba-missing', message: 'no Samba', remedy: 'install it' }),
    });
    expect(host.calls).toEqual([]);
    expect((await readJournal(journalFile)).at(-1)).toMatchObject({
      error: { code: 'samba-missing', remedy: 'install it' },
    });
  });

  it('gives the share password by standard input, and to nothing else', async () => {
    let given: string | null = null;
    const host = fakeHost({
      marker: { path: marker, content: 'dyetrace-lab: test-lab\r\n' },
      onRun: (command, stdin) => {
        if (command.includes('net.exe use') && !command.includes('/delete')) given = stdin;
        return Promise.resolve({});
      },
    });
    const plan = await planOf('cmd-smb-copy');
    await execute(plan, host);
    expect(given).toBe(password);
    expect(await readFile(journalFile, 'utf8')).not.toContain(password);
    expect(JSON.stringify(plan)).not.toContain(password);
    expect(host.calls.join('\n')).not.toContain(password);
    expect(host.calls.some((call) => call.includes('/delete'))).toBe(true);
  });

  it('ends what may still run when no tracer arrived', async () => {
    const host = marked();
    const plan = await planOf('cmd-ftp-client');
    await execute(plan, host, { received: () => false });
    expect(host.calls).toContain(`end ${plan.executions[0]?.id ?? ''}`);
  });

  it('stops at a failed step, and the next execution still runs', async () => {
    const host = fakeHost({
      marker: { path: marker, content: 'dyetrace-lab: test-lab\r\n' },
      onRun: (command) => Promise.resolve(command.includes('net.exe use') ? { exitCode: 2 } : {}),
    });
    const plan = await planOf('cmd-smb-copy', 'cmd-ftp-client');
    await execute(plan, host);
    expect(host.calls.some((call) => call.includes('copy /b'))).toBe(false);
    expect(host.calls.some((call) => call.includes('ftp.exe'))).toBe(true);
  });

  it('an abort cleans up what was begun and starts nothing more', async () => {
    const controller = new AbortController();
    const host = fakeHost({
      marker: { path: marker, content: 'dyetrace-lab: test-lab\r\n' },
      onRun: () => {
        controller.abort();
        return Promise.resolve({ ended: 'aborted', exitCode: null });
      },
    });
    const plan = await planOf('cmd-ftp-client', 'cmd-tftp-client');
    await execute(plan, host, { signal: controller.signal, received: () => false });
    expect([...host.files.keys()]).toEqual([marker]);
    expect(host.calls.filter((call) => call.startsWith('run '))).toHaveLength(1);
  });
});

describe('clean-up from the journal alone', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])(
    'after a crash behind line %i nothing is left',
    async (lines) => {
      const host = marked();
      const plan = await planOf('cmd-ftp-client');
      // The run goes to its end on a first host; then a second host gets just what a crash behind that line would have left.
      await execute(plan, host);
      await journal.close();
      const whole = (await readFile(journalFile, 'utf8')).split('\n');
      await writeFile(journalFile, `${whole.slice(0, lines).join('\n')}\n{"state":"intent","id":99,"at"`);
      const crashed = await readJournal(journalFile);
      const left = marked();
      for (const { effect } of openEffects(crashed)) {
        if (effect.kind === 'stage') left.files.set(effect.path, Buffer.from('x'));
        if (effect.kind === 'make-directory') left.directories.add(effect.path);
      }
      journal = openJournal(journalFile, systemClock, 100);
      const result = await cleanUp(openEffects(crashed), journal, {
        executor: () => Promise.resolve(left.executor()),
        endLeftServer: () => Promise.resolve(false),
      });
      expect(result.left).toEqual([]);
      expect([...left.files.keys()]).toEqual([marker]);
      expect([...left.directories]).toEqual([]);
    },
  );

  it('says what it could not undo, and goes on', async () => {
    const host = marked();
    const executor = { ...host.executor(), remove: () => Promise.reject(new Error('file in use')) };
    const first = await journal.intent({ kind: 'make-directory', host: 'ws01', path: 'C:\\D' }, null);
    const second = await journal.intent({ kind: 'stage', host: 'ws01', path: 'C:\\D\\f' }, null);
    const result = await cleanUp(openEffects(await readJournal(journalFile)), journal, {
      executor: () => Promise.resolve(executor),
      endLeftServer: () => Promise.resolve(false),
    });
    expect(result).toEqual({ done: 1, left: [{ what: 'C:\\D\\f', where: 'host ws01', why: 'file in use' }] });
    expect(openEffects(await readJournal(journalFile)).map(({ id }) => id)).toEqual([second]);
    expect(first).toBe(1);
  });

  it('a line of the journal that is broken in the middle is an error with its place', async () => {
    await writeFile(journalFile, 'rubbish\n{"state":"undone","id":1,"at":"2026-11-24T12:00:00.000Z"}\n');
    await expect(readJournal(journalFile)).rejects.toThrow(`${journalFile}:1: not a line of a journal`);
  });
});
