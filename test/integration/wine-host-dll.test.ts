import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  renderCommand,
  type CommandResult,
  type CommandStep,
  type Executor,
} from '../../src/executors/index.js';
import { sinkFactories, type Sink } from '../../src/sinks/index.js';
import { captureLoopback, flowsOf } from '../helpers/capture.js';
import { describeWith } from '../helpers/requires.js';
import {
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
  type TestTracer,
} from '../helpers/sink-lab.js';
import { startWineHost, wineHostPrograms, type WineHost } from '../helpers/wine-host.js';

interface DllResult {
  readonly ok: boolean;
  readonly protocol: string;
  readonly bytes: number;
  readonly files: number;
  readonly error: string | null;
  readonly code: number;
}

/** What follows shows Wine's reimplementation of rundll32.exe, WinINet and Winsock at work; Windows' own may differ. */
describeWith(
  { programs: [...wineHostPrograms, 'tshark'], root: true, platforms: ['linux'] },
  'the tracer DLL in rundll32.exe of a Wine host behind sshd',
  () => {
    let host: WineHost;
    let executor: Executor;
    let directory: string;
    const sinks: Sink[] = [];

    const run = (step: CommandStep): Promise<CommandResult> =>
      executor.run(renderCommand(step, 'cmd'), { timeoutMs: 60_000 });

    async function stage(path: string, content: Buffer): Promise<void> {
      // eslint-disable-next-line @typescript-eslint/require-await -- a generator that awaits nothing is still an AsyncIterable
      const pieces = async function* () {
        yield content;
      };
      await executor.stage({ path, content: pieces });
    }

    async function startSink(
      protocol: 'ftp' | 'tftp',
      address: string,
      tracer: TestTracer,
    ): Promise<SinkRecorder & { port: number }> {
      const recorder = recordingSink({ address, expected: [expectUpload(tracer)], directory });
      const sink = sinkFactories.get(protocol)(recorder.options);
      sinks.push(sink);
      const { port } = await sink.start();
      return { ...recorder, port };
    }

    /** Calls the DLL and reads its result. Rundll32 itself always returns 0. */
    async function upload(dll: string, parameters: readonly string[]): Promise<DllResult> {
      const path = `C:\\Dyetrace\\${Math.random().toString(36).slice(2)}.json`;
      const { exitCode } = await run({
        program: 'rundll32.exe',
        args: [`${dll},Upload`, ...parameters, `result=${path}`],
      });
      expect(exitCode).toBe(0);
      const result = await executor.read(path);
      await executor.remove(path);
      return JSON.parse(result.toString()) as DllResult;
    }

    const dll = 'C:\\Dyetrace\\tracer.dll';

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'dyetrace-winetest-'));
      host = await startWineHost();
      executor = host.connect();
      await executor.makeDirectory('C:\\Dyetrace');
      await executor.makeDirectory('C:\\Dyetrace\\Zuflüsse und Flüße');
      await promisify(execFile)(process.execPath, ['scripts/build-dll.mjs', '--out', directory]);
      const built = await readFile(join(directory, 'tracer.dll'));
      await stage(dll, built);
      await stage('C:\\Dyetrace\\Zuflüsse und Flüße\\tracer.dll', built);
    });
    afterAll(async () => {
      await Promise.all(sinks.map((sink) => sink.stop()));
      await executor.close();
      await host.stop();
      await rm(directory, { recursive: true, force: true });
    });

    it.each([
      ['passive', '127.0.2.31', 300_000],
      ['active', '127.0.2.32', 300_000],
    ] as const)('uploads by FTP (%s), and the receipt equals the packets', async (mode, address, size) => {
      const tracer = testTracer(`wine-ftp-${mode}`, size);
      const path = `C:\\Dyetrace\\Zuflüsse und Flüße\\${tracer.fileName}`;
      await stage(path, tracer.bytes);
      const sink = await startSink('ftp', address, tracer);
      const capture = await captureLoopback(address, directory);
      const result = await upload(dll, [
        'protocol=ftp',
        `host=${address}`,
        `port=${sink.port}`,
        `mode=${mode}`,
        `user=${sink.options.account.user}`,
        `password=${sink.options.account.password}`,
        `name=${tracer.fileName}`,
        `path=${path}`,
      ]);
      expect(result).toEqual({ ok: true, protocol: 'ftp', bytes: size, files: 1, error: null, code: 0 });
      await Promise.all(sinks.splice(0).map((each) => each.stop()));
      const flows = await capture.stop();
      const receipts = finalReceipts(sink.lines);
      expect(receipts).toMatchObject([
        { complete: true, size, sha256: tracer.sha256, executionId: tracer.spec.execution, command: 'STOR' },
      ]);
      const byName = (a: { source: string }, b: { source: string }) => a.source.localeCompare(b.source);
      expect(flowsOf(receipts).sort(byName)).toEqual(flows.sort(byName));
      const data = receipts[0]?.sockets.find((socket) => socket.role === 'data');
      expect(data).toMatchObject({ openedBy: mode === 'passive' ? 'client' : 'sink', bytesFromClient: size });
    });

    it('uploads by TFTP, and the receipt equals the packets', async () => {
      const address = '127.0.2.33';
      // A whole number of blocks: an empty one ends the transfer.
      const tracer = testTracer('wine-tftp', 512 * 400);
      const path = `C:\\Dyetrace\\${tracer.fileName}`;
      await stage(path, tracer.bytes);
      const sink = await startSink('tftp', address, tracer);
      const capture = await captureLoopback(address, directory);
      const result = await upload('C:\\Dyetrace\\Zuflüsse und Flüße\\tracer.dll', [
        'protocol=tftp',
        `host=${address}`,
        `port=${sink.port}`,
        `name=${tracer.fileName}`,
        `path=${path}`,
      ]);
      expect(result).toEqual({
        ok: true,
        protocol: 'tftp',
        bytes: tracer.bytes.length,
        files: 1,
        error: null,
        code: 0,
      });
      await Promise.all(sinks.splice(0).map((each) => each.stop()));
      const flows = await capture.stop();
      const receipts = finalReceipts(sink.lines);
      expect(receipts).toMatchObject([
        { complete: true, size: tracer.bytes.length, sha256: tracer.sha256, command: 'WRQ' },
      ]);
      const byName = (a: { source: string }, b: { source: string }) => a.source.localeCompare(b.source);
      expect(flowsOf(receipts).sort(byName)).toEqual(flows.sort(byName));
    });

    it.each([
      ['ftp passive', 'ftp', '127.0.2.36', ['mode=passive']],
      ['ftp active', 'ftp', '127.0.2.37', ['mode=active']],
      ['tftp', 'tftp', '127.0.2.38', ['name=']],
      ['tftp with a block size', 'tftp', '127.0.2.39', ['blksize=1428']],
    ] as const)(
      'several tracers in one process, with a pause between: %s',
      async (_, protocol, address, extra) => {
        const folder = `C:\\Dyetrace\\Zuflüsse und Flüße\\Stück ${address}`;
        await executor.makeDirectory(folder);
        const tracers = [1, 2, 3]
          .map((piece) => testTracer(`wine-piece-${address}-${piece}`, 512 * 20 + piece))
          .sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
        for (const { fileName, bytes } of tracers) await stage(`${folder}\\${fileName}`, bytes);
        const recorder = recordingSink({
          address,
          expected: tracers.map((tracer) => expectUpload(tracer)),
          directory,
        });
        const sink = sinkFactories.get(protocol)(recorder.options);
        sinks.push(sink);
        const { port } = await sink.start();
        const { user, password } = recorder.options.account;
        const result = await upload(dll, [
          `protocol=${protocol}`,
          `host=${address}`,
          `port=${port}`,
          ...(protocol === 'ftp' ? [`user=${user}`, `password=${password}`] : []),
          `path=${folder}\\*.dat`,
          'pause=400',
          ...extra,
        ]);
        const bytes = tracers.reduce((sum, tracer) => sum + tracer.bytes.length, 0);
        expect(result).toEqual({ ok: true, protocol, bytes, files: 3, error: null, code: 0 });
        await Promise.all(sinks.splice(0).map((each) => each.stop()));
        const receipts = finalReceipts(recorder.lines);
        expect(receipts.map(({ complete, sha256 }) => [complete, sha256])).toEqual(
          tracers.map(({ sha256 }) => [true, sha256]),
        );
        const starts = receipts.map(({ firstByteAt }) => Date.parse(firstByteAt ?? ''));
        for (const [index, start] of starts.slice(1).entries())
          expect(start - (starts[index] ?? 0)).toBeGreaterThanOrEqual(390);
      },
    );

    it('sends none of several where one is no tracer', async () => {
      const folder = 'C:\\Dyetrace\\mixed';
      await executor.makeDirectory(folder);
      const tracer = testTracer('wine-mixed', 4096);
      await stage(`${folder}\\${tracer.fileName}`, tracer.bytes);
      await stage(`${folder}\\zz.dat`, Buffer.from('payroll'));
      const sink = await startSink('tftp', '127.0.2.40', tracer);
      const common = ['protocol=tftp', 'host=127.0.2.40', `port=${sink.port}`];
      const refused = { ok: false, bytes: 0, files: 0, error: 'not a tracer: refused', code: 13 };
      await expect(upload(dll, [...common, `path=${folder}\\*.dat`])).resolves.toMatchObject(refused);
      await expect(upload(dll, [...common, `path=${folder}\\*.none`])).resolves.toMatchObject({
        ok: false,
        error: 'path names no file',
      });
      await executor.remove(`${folder}\\zz.dat`);
      await stage(`${folder}\\zz.dat`, tracer.bytes);
      await expect(
        upload(dll, [...common, `path=${folder}\\*.dat`, `name=${tracer.fileName}`]),
      ).resolves.toMatchObject({ ok: false, error: 'several tracers go under their own names' });
      await Promise.all(sinks.splice(0).map((each) => each.stop()));
      expect([sink.lines, sink.refusals]).toEqual([[], []]);
    });

    it('sends nothing that is no tracer', async () => {
      const tracer = testTracer('wine-refused', 4096);
      const sink = await startSink('tftp', '127.0.2.34', tracer);
      const forgeries = [
        Buffer.from('root:x:0:0\r\n'),
        Buffer.concat([Buffer.from(' '), tracer.bytes]),
        Buffer.from(tracer.bytes.toString('latin1').replace('End of header', 'End of heater'), 'latin1'),
        Buffer.from(tracer.bytes.toString('latin1').replace('\r\nExecution: ', '\r\nExecutor: '), 'latin1'),
        Buffer.alloc(0),
      ];
      for (const content of forgeries) {
        const path = 'C:\\Dyetrace\\no-tracer.bin';
        await stage(path, content);
        const result = await upload(dll, [
          'protocol=tftp',
          'host=127.0.2.34',
          `port=${sink.port}`,
          `name=${tracer.fileName}`,
          `path=${path}`,
        ]);
        expect(result).toMatchObject({ ok: false, bytes: 0, error: 'not a tracer: refused' });
        await executor.remove(path);
      }
      await Promise.all(sinks.splice(0).map((each) => each.stop()));
      expect([sink.lines, sink.refusals]).toEqual([[], []]);
    });

    it('says why an upload failed', async () => {
      const tracer = testTracer('wine-failed', 4096);
      const path = `C:\\Dyetrace\\${tracer.fileName}`;
      await stage(path, tracer.bytes);
      const sink = await startSink('tftp', '127.0.2.35', tracer);
      const common = ['host=127.0.2.35', `port=${sink.port}`, `path=${path}`];
      await expect(upload(dll, ['protocol=tftp', ...common, 'name=other.dat'])).resolves.toMatchObject({
        ok: false,
        protocol: 'tftp',
        error: expect.stringMatching(/^TFTP error \d+: /) as string,
      });
      await expect(upload(dll, ['protocol=gopher', ...common])).resolves.toMatchObject({
        ok: false,
        protocol: 'none',
      });
      await expect(
        upload(dll, ['protocol=tftp', 'host=localhost', `path=${path}`, 'name=x']),
      ).resolves.toMatchObject({ ok: false, error: 'host must be an IP address' });
      await expect(
        upload(dll, ['protocol=ftp', ...common, 'user=u', 'password=p', 'name=x']),
      ).resolves.toMatchObject({ ok: false, protocol: 'ftp', bytes: 0 });
      expect(finalReceipts(sink.lines).filter((receipt) => receipt.complete)).toEqual([]);
    });

    // Wine reaches no real share: CopyFileW is shown at work on a local path only.
    it('smb: copies to a local path, and over nothing that is there', async () => {
      const tracer = testTracer('wine-smb-local', 100_000);
      const path = `C:\\Dyetrace\\${tracer.fileName}`;
      const target = `C:\\Dyetrace\\Zuflüsse und Flüße\\${tracer.fileName}`;
      await stage(path, tracer.bytes);
      const parameters = ['protocol=smb', `name=${target}`, `path=${path}`];
      await expect(upload(dll, parameters)).resolves.toEqual({
        ok: true,
        protocol: 'smb',
        bytes: 100_000,
        files: 1,
        error: null,
        code: 0,
      });
      expect((await executor.read(target)).equals(tracer.bytes)).toBe(true);
      // 80: ERROR_FILE_EXISTS
      await expect(upload(dll, parameters)).resolves.toMatchObject({
        ok: false,
        error: 'CopyFile',
        code: 80,
      });
    });
    it('rundll32 returns 0 whatever it was told to do', async () => {
      await expect(run({ program: 'rundll32.exe', args: [`${dll},Nothing`, 'x'] })).resolves.toMatchObject({
        exitCode: 0,
      });
    });
  },
);
