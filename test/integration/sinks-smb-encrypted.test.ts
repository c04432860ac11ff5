import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock, waitFor, type Endpoint } from '../../src/core/index.js';
import { activityBus, type Activity } from '../../src/simulator/activity.js';
import { createWindowsHost } from '../../src/simulator/host/index.js';
import { newKeyPair } from '../../src/simulator/host/ssh/host-key.js';
import { zeekSensor } from '../../src/simulator/sensors/zeek.js';
import type { ShippedRecord } from '../../src/simulator/types.js';
import { sinkFactories, type Sink } from '../../src/sinks/index.js';
import { describeWith, findProgram } from '../helpers/requires.js';
import {
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';
import { sftpCall, sshSession } from '../helpers/ssh-session.js';

const sinkAddress = '127.0.2.79';
const hostAddress = '127.0.1.79';
const account = { user: 'dk3f9q2x', password: 'Nonce of the run, 1' };
const one = testTracer('smb encrypted one', 100_000);
const two = testTracer('smb encrypted two', 50_000);
const needs = { programs: ['smbd', 'smbpasswd', 'smbclient'], root: true, platforms: ['linux'] } as const;

let directory: string;
let recorder: SinkRecorder;
let sink: Sink;
let at: Endpoint;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'smb-encrypted-'));
  await chmod(directory, 0o755);
  recorder = recordingSink({
    address: sinkAddress,
    // smbclient comes from the address that it connects to.
    clients: [sinkAddress, '127.0.0.1', hostAddress],
    account,
    directory: join(directory, 'sink'),
    expected: [expectUpload(one), expectUpload(two)],
    encrypt: 'required',
  });
  sink = sinkFactories.get('smb')(recorder.options);
  at = await sink.start();
});
afterEach(async () => {
  await sink.stop();
  await rm(directory, { recursive: true, force: true });
});

describeWith(needs, 'SMB sink that requires encryption', () => {
  async function put(...options: string[]): Promise<string> {
    const [file, login] = [join(directory, 'content'), join(directory, 'login')];
    await writeFile(file, one.bytes);
    await writeFile(login, `username = ${account.user}\npassword = ${account.password}\n`);
    const where = [`//${at.ip}/drop`, '-p', String(at.port), '-A', login];
    const ran = await execa('smbclient', [...where, ...options, '-c', `put ${file} ${one.fileName}`], {
      all: true,
      reject: false,
    });
    return ran.all;
  }

  it('takes an encrypted upload', async () => {
    expect(await put('--client-protection=encrypt')).toContain('putting file');
    await waitFor(() => recorder.lines.some(({ complete }) => complete), { timeoutMs: 10_000 });
    await sink.stop();
    expect(finalReceipts(recorder.lines)).toMatchObject([{ complete: true, sha256: one.sha256 }]);
  });

  it('refuses SMB 2.1, which has no encryption; a client of SMB 3 encrypts because it has to', async () => {
    expect(await put('--max-protocol=SMB2_10')).toMatch(/NT_STATUS_\w+/);
    expect(recorder.lines).toEqual([]);
    expect(await put('--client-protection=off')).toContain('putting file');
  });
});

describeWith(needs, 'a simulated host and a share that requires encryption', () => {
  it('sends by copy, robocopy and a redirection; a sensor sees bytes and no names', async () => {
    const key = newKeyPair();
    const activities: Activity[] = [];
    const shipped: ShippedRecord[] = [];
    const bus = activityBus();
    const zeek = zeekSensor({ sensor: 'zeek', faults: [], ship: (record) => shipped.push(record) });
    bus.subscribe((activity) => activities.push(activity));
    bus.subscribe(zeek);
    const host = createWindowsHost({
      name: 'WS01',
      address: hostAddress,
      port: 0,
      shell: 'cmd',
      user: 'dyetrace',
      authorizedKey: key.public,
      marker: { path: 'C:\\ProgramData\\Dyetrace\\lab.txt', content: '' },
      directory: join(directory, 'host'),
      services: { tftp: 69, smb: at.port },
      smbclient: findProgram('smbclient') ?? null,
      clock: systemClock,
      seed: 'seed',
      bus,
    });
    const { port } = await host.start();
    try {
      const session = await sshSession({
        host: hostAddress,
        port,
        username: 'dyetrace',
        privateKey: key.private,
      });
      const sftp = await session.sftp();
      for (const tracer of [one, two])
        await sftpCall((done) => sftp.writeFile(`/C:/Users/dyetrace/${tracer.fileName}`, tracer.bytes, done));
      const share = `\\\\${sinkAddress}\\drop`;
      const guest = await session.run(`net.exe use ${share} /user:guest *`, '\n');
      expect(guest.stderr).toContain('System error 1272 has occurred.');
      const use = await session.run(`net.exe use ${share} /user:${account.user} *`, `${account.password}\n`);
      expect(use).toMatchObject({ exitCode: 0, stderr: '' });
      const robocopy = `robocopy C:\\Users\\dyetrace ${share} ${one.fileName} /njh /njs /np /r:0`;
      expect((await session.run(robocopy)).exitCode).toBe(1);
      const type = `cmd.exe /d /c "type ${two.fileName} > ${share}\\${two.fileName}"`;
      expect(await session.run(type)).toMatchObject({ exitCode: 0, stderr: '' });
      await waitFor(() => finalReceipts(recorder.lines).length === 2, { timeoutMs: 10_000 });
      await session.close();
    } finally {
      await host.stop();
    }
    await sink.stop();
    const receipts = finalReceipts(recorder.lines);
    expect(receipts).toMatchObject([
      { complete: true, sha256: one.sha256 },
      { complete: true, sha256: two.sha256 },
    ]);
    const files = activities.flatMap((activity) =>
      activity.kind === 'smb-file' ? [activity.encrypted] : [],
    );
    expect(files).toEqual([true, true, true, true]);
    expect(new Set(shipped.map(({ source }) => source))).toEqual(new Set(['zeek-conn']));
    for (const { fileName } of [one, two]) {
      expect(JSON.stringify(shipped)).not.toContain(fileName);
      expect(JSON.stringify(recorder.log)).toContain(fileName);
    }
  });
});
