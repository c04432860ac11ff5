import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../../src/core/index.js';
import { renderCommand, type CommandStep, type Executor } from '../../src/executors/index.js';
import {
  fill,
  loadScenarios,
  placeholderNames,
  type Placeholders,
  type Scenario,
} from '../../src/scenario/index.js';
import { sinkFactories } from '../../src/sinks/index.js';
import { describeWith } from '../helpers/requires.js';
import {
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type TestTracer,
} from '../helpers/sink-lab.js';
import { startWineHost, wineHostPrograms, type WineHost } from '../helpers/wine-host.js';

const library = await loadScenarios();

/** Programs that Wine 8 has not, or whose own would only fail (wine-host.test.ts shows it). */
const lacking = ['powershell.exe', 'ftp.exe', 'tftp.exe', 'curl.exe', 'robocopy.exe'];

/** What a scenario needs that Wine has not; a share alone can be stood in for by a folder. */
function lacks(scenario: Scenario): string[] {
  const text = JSON.stringify([scenario.steps, scenario.stage]);
  return lacking.filter((program) => new RegExp(`(?<![a-z])${program.replace('.', '\\.')}`).test(text));
}

const folder = 'C:\\Dyetrace\\Zuflüsse und Flüße';

describeWith(
  { programs: wineHostPrograms, root: true, platforms: ['linux'] },
  "the library's own steps on a Wine host behind sshd",
  () => {
    let host: WineHost;
    let executor: Executor;
    let directory: string;
    let dll: Buffer;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'dyetrace-winetest-'));
      host = await startWineHost();
      executor = host.connect();
      await promisify(execFile)(process.execPath, ['scripts/build-dll.mjs', '--out', directory]);
      dll = await readFile(join(directory, 'tracer.dll'));
      for (const path of ['C:\\Dyetrace', folder, `${folder}\\drop`]) await executor.makeDirectory(path);
    });
    afterAll(async () => {
      await executor.close();
      await host.stop();
      await rm(directory, { recursive: true, force: true });
    });

    async function stage(path: string, content: Buffer): Promise<void> {
      // eslint-disable-next-line @typescript-eslint/require-await -- a generator that awaits nothing is still an AsyncIterable
      const pieces = async function* () {
        yield content;
      };
      await executor.stage({ path, content: pieces });
    }

    /** A value for every placeholder; what a scenario without slow pieces and TLS does not use is empty. */
    function placeholders(
      scenario: Scenario,
      tracer: TestTracer,
      values: Partial<Placeholders>,
    ): Placeholders {
      const base = `C:\\Dyetrace\\${tracer.spec.execution}-${scenario.id}`;
      const empty = Object.fromEntries(placeholderNames.map((name) => [name, '']));
      return {
        ...(empty as unknown as Placeholders),
        id: tracer.spec.execution,
        tracer: `${folder}\\${tracer.fileName}`,
        file: tracer.fileName,
        dll: `${base}.dll`,
        result: `${base}.json`,
        ...values,
      };
    }

    async function perform(scenario: Scenario, values: Placeholders, tracer: TestTracer): Promise<void> {
      for (const file of scenario.stage) {
        if (file.kind === 'tracer') await stage(values.tracer, tracer.bytes);
        else if (file.kind === 'dll') await stage(values.dll, dll);
        else throw new Error(`${scenario.id} stages a ${file.kind}`);
      }
      for (const step of scenario.steps) {
        // The share's account: there is no share here.
        if ('program' in step && step.program === 'net.exe') continue;
        const filled: CommandStep =
          'cmd' in step
            ? { cmd: fill(step.cmd, values) }
            : { program: step.program, args: step.args.map((arg) => fill(arg, values)) };
        const { exitCode } = await executor.run(renderCommand(filled, 'cmd'), { timeoutMs: 60_000 });
        expect([step, step.successExitCodes]).toEqual([step, expect.arrayContaining([exitCode])]);
      }
    }

    it('runs whatever needs no program that Wine lacks', () => {
      const whole = library.filter((scenario) => lacks(scenario).length === 0).map(({ id }) => id);
      expect(whole.sort()).toEqual([
        'cmd-smb-copy',
        'cmd-smb-encrypted',
        'cmd-smb-redirect',
        'control-cmd-smb-copy-from',
        'control-cmd-smb-small-admin',
        'rundll32-ftp-dll',
        'rundll32-smb-child',
        'rundll32-smb-dll',
        'rundll32-tftp-dll',
      ]);
      for (const scenario of library.filter((one) => lacks(one).length > 0))
        console.warn(`not on Wine: ${scenario.id}, which needs ${lacks(scenario).join(', ')}`);
    });

    it.each(['ftp', 'tftp'] as const)('rundll32-%s-dll, byte for byte', async (protocol) => {
      const scenario = library.find(({ id }) => id === `rundll32-${protocol}-dll`);
      if (scenario === undefined) throw new Error('not in the library');
      const address = protocol === 'ftp' ? '127.0.2.41' : '127.0.2.42';
      const tracer = testTracer(`wine-library-${protocol}`, 262_144);
      const recorder = recordingSink({ address, expected: [expectUpload(tracer)], directory });
      const sink = sinkFactories.get(protocol)(recorder.options);
      const { port } = await sink.start();
      const { user, password } = recorder.options.account;
      const values = placeholders(scenario, tracer, { sink: address, port: String(port), user, password });
      await perform(scenario, values, tracer);
      await sink.stop();
      expect(finalReceipts(recorder.lines)).toMatchObject([
        { complete: true, size: 262_144, sha256: tracer.sha256, executionId: tracer.spec.execution },
      ]);
      const result = JSON.parse((await executor.read(values.result)).toString()) as unknown;
      expect(result).toEqual({ ok: true, protocol, bytes: 262_144, files: 1, error: null, code: 0 });
    });

    // Wine reaches no share: the steps are the library's own, but where they say \\sink\share a local folder stands.
    it.each([
      'cmd-smb-copy',
      'cmd-smb-encrypted',
      'cmd-smb-redirect',
      'control-cmd-smb-small-admin',
      'rundll32-smb-dll',
      'rundll32-smb-child',
    ])('%s, to a local folder in the place of the share', async (id) => {
      const found = library.find((one) => one.id === id);
      if (found === undefined) throw new Error('not in the library');
      const local = 'C:\\Dyetrace\\drop';
      await executor.makeDirectory(local);
      const steps = JSON.parse(
        JSON.stringify(found.steps).replaceAll('\\\\\\\\{sink}\\\\{share}', local.replaceAll('\\', '\\\\')),
      ) as Scenario['steps'];
      expect(JSON.stringify(steps)).toContain('C:');
      const tracer = testTracer(`wine-library-${id}`, 262_144);
      // cmd.exe's own commands take paths without quotes here, as the library has them: no spaces.
      const values = placeholders(found, tracer, { tracer: `C:\\Dyetrace\\${tracer.fileName}` });
      await perform({ ...found, steps }, values, tracer);
      const copied = await waitFor(
        () => executor.read(`${local}\\${tracer.fileName}`).catch(() => undefined),
        { timeoutMs: 10_000 },
      );
      const head = (content: Buffer | undefined): string =>
        content?.subarray(0, 200).toString('latin1') ?? '';
      expect(head(copied)).toBe(head(tracer.bytes));
      // Wine's `type` is for text: it changes other bytes on their way (Windows' hands a redirection each byte).
      if (id !== 'cmd-smb-redirect') expect(copied?.equals(tracer.bytes)).toBe(true);
    });
  },
);
