import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock, waitFor, type Endpoint } from '../../src/core/index.js';
import { activityBus, type Activity } from '../../src/simulator/activity.js';
import { createWindowsHost, type WindowsHost } from '../../src/simulator/host/index.js';
import { newKeyPair } from '../../src/simulator/host/ssh/host-key.js';
import { defaultSinkLimits, sinkFactories, type Sink } from '../../src/sinks/index.js';
import { describeWith, findProgram } from '../helpers/requires.js';
import {
  expectDownload,
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';
import { sftpCall, sshSession, type SshSession } from '../helpers/ssh-session.js';

const hostAddress = '127.0.1.78';
const sinkAddress = '127.0.2.78';
const account = { user: 'dk3f9q2x', password: 'Nonce of the run, 1' };
const key = newKeyPair();
const one = testTracer('smb one', 100_000);
const two = testTracer('smb two', 50_000);
const served = testTracer('smb served', 60_000);
/** At the sink's rate it takes seconds, so that it can be broken off. */
const large = testTracer('smb large', 24 * 2 ** 20);

describeWith(
  { programs: ['smbd', 'smbclient'], root: true, platforms: ['linux'] },
  'the SMB redirector of a simulated host',
  () => {
    let scratch: string;
    let host: WindowsHost;
    let session: SshSession;
    let sink: Sink;
    let recorder: SinkRecorder;
    let at: Endpoint;
    let activities: Activity[];

    beforeEach(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'simulated-smb-'));
      activities = [];
      const bus = activityBus();
      bus.subscribe((activity) => activities.push(activity));
      recorder = recordingSink({
        address: sinkAddress,
        clients: [hostAddress],
        account,
        directory: join(scratch, 'sink'),
        expected: [expectUpload(one), expectUpload(two), expectUpload(large), expectDownload(served)],
        limits: { ...defaultSinkLimits, maxBytesPerSecond: 4 * 2 ** 20 },
      });
      sink = sinkFactories.get('smb')(recorder.options);
      at = await sink.start();
      host = createWindowsHost({
        name: 'WS01',
        address: hostAddress,
        port: 0,
        shell: 'cmd',
        user: 'dyetrace',
        authorizedKey: key.public,
        marker: { path: 'C:\\ProgramData\\Dyetrace\\lab.txt', content: '' },
        directory: join(scratch, 'host'),
        services: { tftp: 69, smb: at.port },
        smbclient: findProgram('smbclient') ?? null,
        clock: systemClock,
        seed: 'seed',
        bus,
      });
      const { port } = await host.start();
      session = await sshSession({ host: hostAddress, port, username: 'dyetrace', privateKey: key.private });
      const sftp = await session.sftp();
      for (const tracer of [one, two, large]) {
        await sftpCall((done) => sftp.writeFile(`/C:/Users/dyetrace/${tracer.fileName}`, tracer.bytes, done));
      }
    });
    afterEach(async () => {
      await host.stop();
      await sink.stop();
      await rm(scratch, { recursive: true, force: true });
    });

    const share = `\\\\${sinkAddress}\\drop`;
    const use = (password = account.password, more = '') =>
      session.run(`net.exe use ${share} /user:${account.user} * ${more}`, `${password}\n`);
    const copy = (tracer: typeof one) =>
      session.run(`copy /b /y ${tracer.fileName} ${share}\\${tracer.fileName}`);
    const opened = () =>
      activities.flatMap((activity) => (activity.kind === 'socket-opened' ? [activity.socket] : []));

    it('copies over the connection of net use, which System owns', async () => {
      expect(await use()).toMatchObject({ exitCode: 0, stderr: '' });
      expect(opened()).toMatchObject([
        {
          owner: { pid: 4, image: 'System' },
          local: { ip: hostAddress },
          remote: at,
          service: 'smb',
        },
      ]);
      expect(await copy(one)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(opened()).toHaveLength(1);
      const files = activities.flatMap((activity) =>
        activity.kind === 'smb-file'
          ? [[activity.action, activity.share, activity.fileName, activity.bytes]]
          : [],
      );
      expect(files).toEqual([
        ['open', share, one.fileName, 0],
        ['write', share, one.fileName, 100_000],
      ]);
    });

    it('connects anew where the server has closed the connection (trap 13)', async () => {
      await use();
      await copy(one);
      // The sink's front closes once the execution's handles are closed.
      await waitFor(() => activities.some(({ kind }) => kind === 'socket-closed'), { timeoutMs: 10_000 });
      expect(await copy(two)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(opened()).toHaveLength(2);
      expect(new Set(opened().map(({ local }) => local.port)).size).toBe(2);
      await waitFor(() => finalReceipts(recorder.lines).length === 2, { timeoutMs: 10_000 });
      expect(finalReceipts(recorder.lines).map(({ sha256 }) => sha256)).toEqual([one.sha256, two.sha256]);
    });

    it('reads from a share', async () => {
      await use();
      const read = await session.run(`copy ${share}\\${served.fileName} back.dat`);
      expect(read).toMatchObject({ exitCode: 0, stderr: '' });
      const sftp = await session.sftp();
      const back = await sftpCall<Buffer>((done) => sftp.readFile('/C:/Users/dyetrace/back.dat', done));
      expect(back.equals(served.bytes)).toBe(true);
      expect(activities.findLast(({ kind }) => kind === 'smb-file')).toMatchObject({
        action: 'read',
        bytes: 60_000,
      });
    });

    it('says why, in Windows’ words', async () => {
      expect((await copy(one)).stderr).toBe('Access is denied.\r\n');
      expect((await use('wrong')).stderr).toContain('System error 1326 has occurred.');
      expect(
        (
          await session.run(
            `net.exe use \\\\${sinkAddress}\\nothing /user:${account.user} *`,
            `${account.password}\n`,
          )
        ).stderr,
      ).toContain('System error 67 has occurred.\r\n\r\nThe network name cannot be found.');
      expect((await use(account.password, '/TCPPORT:9')).stderr).toContain('System error 53 has occurred.');
      await use();
      expect(await copy({ ...one, fileName: 'nothing.dat' })).toMatchObject({
        exitCode: 1,
        stderr: 'The system cannot find the file specified.\r\n',
      });
    });

    it('ends the connection with net use /delete, and with the session', async () => {
      const closed = () => activities.filter(({ kind }) => kind === 'socket-closed').length;
      await use();
      expect((await session.run(`net.exe use ${share} /delete /y`)).stdout).toContain(
        'was deleted successfully',
      );
      expect(closed()).toBe(1);
      expect((await session.run(`net.exe use ${share} /delete /y`)).stderr).toContain('System error 2250');
      await use();
      await session.close();
      await waitFor(() => closed() === 2, { timeoutMs: 10_000 });
      expect(closed()).toBe(2);
    });

    it('breaks a copy off with its process', async () => {
      await use();
      const command = `copy /b /y ${large.fileName} ${share}\\${large.fileName}`;
      const channel = await session.begin(command);
      const copying = () =>
        activities.some((one) => one.kind === 'process-started' && one.process.commandLine.includes(command));
      await waitFor(copying, { timeoutMs: 5000 });
      channel.close();
      await waitFor(() => activities.some(({ kind }) => kind === 'socket-closed'), { timeoutMs: 10_000 });
      const closed = activities.find((activity) => activity.kind === 'socket-closed');
      expect(closed?.bytesSent).toBeLessThan(large.spec.size);
      expect(activities.some(({ kind }) => kind === 'smb-file')).toBe(false);
      const last = activities.findLast((activity) => activity.kind === 'process-ended');
      expect(last?.process.commandLine).toContain(command);
    });

    it('leaves no password on a command line or on disk', async () => {
      await use();
      const lines = await Promise.all(
        (await readdir('/proc'))
          .filter((name) => /^\d+$/.test(name))
          .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
      );
      const clients = lines.filter((line) => line.includes(`${sinkAddress}/drop`));
      expect(clients).toHaveLength(1);
      expect(lines.some((line) => line.includes(account.password))).toBe(false);
      const files = await readdir(join(scratch, 'host'), { recursive: true, withFileTypes: true });
      for (const file of files.filter((entry) => entry.isFile())) {
        const content = await readFile(join(file.parentPath, file.name));
        expect(content.includes(account.password), file.name).toBe(false);
      }
    });
  },
);
