import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock, waitFor, type Endpoint } from '../../src/core/index.js';
import { renderCommand } from '../../src/executors/index.js';
import {
  fill,
  loadScenarios,
  loadScripts,
  type Placeholders,
  type Scenario,
} from '../../src/scenario/index.js';
import { activityBus, type Activity } from '../../src/simulator/activity.js';
import { encodedLoader } from '../../src/runner/plan-steps.js';
import { createWindowsHost, type WindowsHost } from '../../src/simulator/host/index.js';
import { newKeyPair } from '../../src/simulator/host/ssh/host-key.js';
import { sftpPath } from '../../src/simulator/host/ssh/sftp.js';
import { labCertificate, sinkFactories, type Receipt, type Sink } from '../../src/sinks/index.js';
import { describeWith, findProgram } from '../helpers/requires.js';
import { sftpCall, sshSession, type Ran, type SshSession } from '../helpers/ssh-session.js';
import {
  expectDownload,
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';

const hostAddress = '127.0.1.77';
const sinkAddress = '127.0.2.77';
const account = { user: 'dk3f9q2x', password: 'Nonce-of-the-run-1' };
const directory = 'C:\\Dyetrace';
const bytes = 150_000;
const standIn = Buffer.from('Dyetrace tracer DLL stand-in\r\n');
const scenarios = await loadScenarios();
const scripts = await loadScripts();
const key = newKeyPair();
const certificate = labCertificate([sinkAddress], Date.now());

type Socket = Extract<Activity, { kind: 'socket-closed' }>;

let scratch: string;
let host: WindowsHost;
let session: SshSession;
let activities: Activity[];

function closedSockets(service?: string): Socket[] {
  return activities.filter(
    (activity): activity is Socket =>
      activity.kind === 'socket-closed' && (service === undefined || activity.socket.service === service),
  );
}

/** Whether each process that was started has ended, but for those of the SSH session. */
function allEnded(): boolean {
  const count = (kind: 'process-started' | 'process-ended'): number =>
    activities.filter((one) => one.kind === kind && !/sshd/i.test(one.process.image)).length;
  return count('process-started') === count('process-ended');
}

async function startHost(
  shell: 'cmd' | 'powershell',
  services: { tftp: number; smb: number },
): Promise<void> {
  activities = [];
  const bus = activityBus();
  bus.subscribe((activity) => activities.push(activity));
  host = createWindowsHost({
    name: 'WS01',
    address: hostAddress,
    port: 0,
    shell,
    user: 'dyetrace',
    authorizedKey: key.public,
    marker: { path: 'C:\\ProgramData\\Dyetrace\\lab.txt', content: 'lab: test\r\n' },
    directory: join(scratch, 'host'),
    services,
    smbclient: findProgram('smbclient') ?? null,
    clock: systemClock,
    seed: 'seed',
    bus,
  });
  const { port } = await host.start();
  session = await sshSession({ host: hostAddress, port, username: 'dyetrace', privateKey: key.private });
}

interface Outcome {
  readonly results: readonly Ran[];
  readonly receipt: Receipt;
  readonly result: string | null;
  readonly tracer: ReturnType<typeof testTracer>;
}

/** `-EncodedCommand` with the loader of the staged script, where a step has one. */
function encodedArgs(step: Scenario['steps'][number], values: Placeholders): string[] {
  if (!('program' in step) || step.encoded === undefined) return [];
  const { script, args } = step.encoded;
  const loader = encodedLoader(
    fill(script, values),
    args.map((arg) => fill(arg, values)),
  );
  return ['-EncodedCommand', Buffer.from(loader, 'utf16le').toString('base64')];
}

/** Performs a scenario as a run does: stages its files, runs its steps over one connection, takes the sink's receipt. */
async function perform(
  scenario: Scenario,
  shell: 'cmd' | 'powershell',
  sink: Sink,
  recorder: SinkRecorder,
  at: Endpoint,
  tracer: ReturnType<typeof testTracer>,
): Promise<Outcome> {
  const { execution } = tracer.spec;
  const path = (extension: string): string => `${directory}\\${execution}.${extension}`;
  const text = scenario.stage.find((file) => file.kind === 'text');
  const values: Placeholders = {
    id: execution,
    tracer: `${directory}\\${tracer.fileName}`,
    download: `${directory}\\${tracer.fileName}`,
    script: path('ps1'),
    dll: path('dll'),
    text: text === undefined ? '' : path(text.extension),
    result: path('json'),
    sink: at.ip,
    port: String(at.port),
    share: 'drop',
    file: tracer.fileName,
    ...account,
    directory,
    renamed: path('exe'),
    pause: '0',
    pauseSeconds: '0',
    pings: '1',
    pieces: '',
    piece: '',
    pieceFile: '',
    certificateSha256: certificate.sha256,
    publicKeyPin: certificate.publicKeyPin,
    tcpport: scenario.protocol === 'smb' ? `/TCPPORT:${at.port}` : '',
  };
  const contents: Record<string, Buffer> = { [values.dll]: standIn, [values.tracer]: tracer.bytes };
  const sftp = await session.sftp();
  await sftpCall((done) => sftp.mkdir('/C:/Dyetrace', done));
  for (const file of scenario.stage) {
    const staged = {
      tracer: values.tracer,
      dll: values.dll,
      script: values.script,
      text: values.text,
    }[file.kind];
    const content =
      file.kind === 'script'
        ? scripts.get(file.file)
        : file.kind === 'text'
          ? Buffer.from(fill(file.content, values).replaceAll('\n', '\r\n'))
          : contents[staged];
    await sftpCall((done) =>
      sftp.writeFile(sftpPath(staged), content ?? Buffer.alloc(0), { flag: 'wx' }, done),
    );
  }
  const results: Ran[] = [];
  for (const step of scenario.steps) {
    const command = renderCommand(
      'cmd' in step
        ? { cmd: fill(step.cmd, values) }
        : {
            program: fill(step.program, values),
            args: [...step.args, ...encodedArgs(step, values)]
              .map((arg) => fill(arg, values))
              .filter((arg) => arg !== ''),
          },
      shell,
    );
    results.push(await session.run(command, step.stdin === undefined ? undefined : `${account.password}\n`));
  }
  await waitFor(() => finalReceipts(recorder.lines).length > 0, { timeoutMs: 5000 });
  // A detached child goes on for a moment: it says goodbye.
  if (scenario.detached) await waitFor(() => allEnded(), { timeoutMs: 5000 });
  await sink.stop();
  const [receipt] = finalReceipts(recorder.lines);
  if (receipt === undefined)
    throw new Error(`no receipt: ${JSON.stringify({ results, refusals: recorder.refusals })}`);
  const result = scenario.steps.some((step) => JSON.stringify(step).includes('{result}'))
    ? (await sftpCall<Buffer>((done) => sftp.readFile(sftpPath(values.result), done))).toString('utf8')
    : null;
  return { results, receipt, result, tracer };
}

/** The sockets of one side, in a form that both sides can write down. */
function fromReceipt(receipt: Receipt): string[] {
  return receipt.sockets
    .map(({ transport, source, destination, openedBy, bytesFromClient, bytesToClient }) => {
      const [client, server] = openedBy === 'client' ? [source, destination] : [destination, source];
      return `${transport} ${client.ip}:${client.port} ${server.ip}:${server.port} ${openedBy} up ${bytesFromClient} down ${bytesToClient}`;
    })
    .sort();
}

function fromActivities(): string[] {
  return closedSockets()
    .map(({ socket: { transport, local, remote, openedBy }, bytesSent, bytesReceived }) => {
      const opener = openedBy === 'local' ? 'client' : 'sink';
      return `${transport} ${local.ip}:${local.port} ${remote.ip}:${remote.port} ${opener} up ${bytesSent} down ${bytesReceived}`;
    })
    .sort();
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'simulated-host-'));
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

for (const shell of ['cmd', 'powershell'] as const) {
  describeWith(
    { programs: ['smbd', 'smbclient'], root: true, platforms: ['linux'] },
    `scenarios on a simulated host whose DefaultShell is ${shell}`,
    () => {
      let sink: Sink;
      let recorder: SinkRecorder;
      let at: Endpoint;

      async function start(scenario: Scenario, tracer: ReturnType<typeof testTracer>): Promise<void> {
        recorder = recordingSink({
          address: sinkAddress,
          clients: [hostAddress],
          account,
          directory: join(scratch, 'sink'),
          expected: [
            scenario.direction === 'upload'
              ? expectUpload(tracer, { serverNames: scenario.serverNames })
              : expectDownload(tracer),
          ],
          ...(scenario.sink.tls ? { tls: certificate } : {}),
          ...(scenario.sink.encrypted ? { encrypt: 'required' } : {}),
        });
        sink = sinkFactories.get(scenario.protocol)(recorder.options);
        at = await sink.start();
        await startHost(shell, { tftp: at.port, smb: at.port });
      }
      beforeEach(async () => {
        await rm(join(scratch, 'host'), { recursive: true, force: true });
      });
      afterEach(async () => {
        await host.stop();
        await sink.stop();
      });

      it.each(scenarios.map((scenario) => [scenario.id, scenario] as const))(
        '%s: file, sockets and bytes are the same on both sides',
        async (id, scenario) => {
          const tracer = testTracer(`${shell} ${id}`, bytes);
          await start(scenario, tracer);
          const { results, receipt, result } = await perform(scenario, shell, sink, recorder, at, tracer);

          expect(results.map(({ stderr }) => stderr)).toEqual(scenario.steps.map(() => ''));
          for (const [index, { successExitCodes }] of scenario.steps.entries())
            expect(successExitCodes).toContain(results[index]?.exitCode);
          expect(recorder.refusals).toEqual([]);
          expect(receipt).toMatchObject({ complete: true, sha256: tracer.sha256, size: bytes });
          await host.stop();
          expect(fromActivities()).toEqual(fromReceipt(receipt));
          expect(new Set(closedSockets().map(({ socket }) => socket.local.ip))).toEqual(
            new Set([hostAddress]),
          );
          const owners = closedSockets().map(({ socket }) => socket.owner.image.split('\\').at(-1));
          expect(new Set(owners)).toEqual(
            new Set([scenario.expect.socketOwner.replace('{id}', tracer.spec.execution)]),
          );
          if (result !== null) {
            expect(JSON.parse(result)).toEqual({
              ok: true,
              protocol: scenario.protocol,
              bytes,
              files: 1,
              error: null,
              code: 0,
            });
          }
          if (scenario.initiator === 'powershell') {
            const shown = JSON.parse(results.at(-1)?.stdout ?? '') as {
              ok: boolean;
              bytes: number;
              pid: number;
            };
            expect(shown).toMatchObject({ ok: true, bytes });
            const started = activities.find(
              (activity) => activity.kind === 'process-started' && activity.process.pid === shown.pid,
            );
            expect(started).toMatchObject({ process: { originalFileName: 'PowerShell.EXE' } });
          }
        },
        60_000,
      );
    },
  );
}
