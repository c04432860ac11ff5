import { connect } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '../../src/core/index.js';
import { ftpSink } from '../../src/sinks/ftp/index.js';
import { tftpSink } from '../../src/sinks/tftp/index.js';
import type { Sink } from '../../src/sinks/types.js';
import { captureLoopback, flowsOf, type CapturedFlow } from '../helpers/capture.js';
import { announcedPort, loggedInFtp } from '../helpers/ftp-client.js';
import { describeWith } from '../helpers/requires.js';
import {
  expectDownload,
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';
import { packageGet, packagePut, rawTftp } from '../helpers/tftp-client.js';

const account = { user: 'dyetrace', password: 'nonce-1234' };
const tracer = testTracer('tshark', 1_000_000);
const served = testTracer('tshark-served', 200_000);
let directory: string;
let file: string;
let sink: Sink;
let recorder: SinkRecorder;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dyetrace-tshark-'));
  file = join(directory, tracer.fileName);
  await writeFile(file, tracer.bytes);
});
afterEach(async () => {
  await sink.stop();
  await rm(directory, { recursive: true, force: true });
});

const sorted = (flows: readonly CapturedFlow[]) =>
  [...flows].sort((a, b) => `${a.source} ${a.destination}`.localeCompare(`${b.source} ${b.destination}`));

const curl = (...args: string[]) =>
  execa('curl', ['--silent', '--show-error', '--interface', '127.0.1.1', '--max-time', '30', ...args]);

describeWith(
  { programs: ['tshark', 'curl'], root: true, platforms: ['linux'] },
  'receipts equal what tshark captured',
  () => {
    it.each([
      ['127.0.2.31', 'passive', []],
      ['127.0.2.32', 'active', ['--ftp-port', '127.0.1.1']],
    ] as const)('FTP on %s, %s', async (address, _mode, mode) => {
      recorder = recordingSink({ address, expected: [expectUpload(tracer), expectDownload(served)] });
      sink = ftpSink(recorder.options);
      const at = await sink.start();
      const capture = await captureLoopback(address, directory);
      const url = `ftp://${account.user}:${account.password}@${at.ip}:${at.port}`;
      await curl(...mode, '-T', file, `${url}/${tracer.fileName}`);
      await curl(...mode, '-o', join(directory, 'download'), `${url}/${served.fileName}`);
      // Two sessions, and each has a receipt at the acknowledgement and one after QUIT.
      await waitFor(() => recorder.lines.length === 4, { timeoutMs: 5000 });
      const flows = await capture.stop();
      await sink.stop();
      const receipts = finalReceipts(recorder.lines);
      expect(receipts.map(({ complete, direction }) => [complete, direction])).toEqual([
        [true, 'upload'],
        [true, 'download'],
      ]);
      expect(flows).toHaveLength(4);
      expect(sorted(flowsOf(receipts))).toEqual(sorted(flows));
    });

    it('FTP with two transfers in one session, one of them broken', async () => {
      const address = '127.0.2.33';
      recorder = recordingSink({ address, expected: [expectUpload(tracer, { times: 2 })] });
      sink = ftpSink(recorder.options);
      const at = await sink.start();
      const capture = await captureLoopback(address, directory);
      const client = await loggedInFtp(at, account);
      const send = async (bytes: Buffer) => {
        const port = announcedPort(await client.command('EPSV'));
        const data = connect({ host: address, port, localAddress: '127.0.1.1' });
        await client.command(`STOR ${tracer.fileName}`);
        data.end(bytes);
        return client.reply();
      };
      expect(await send(tracer.bytes.subarray(0, 70_000))).toMatch(/^426 /);
      expect(await send(tracer.bytes)).toMatch(/^226 /);
      await client.command('QUIT');
      await client.closed;
      await waitFor(() => recorder.lines.length === 4, { timeoutMs: 5000 });
      const flows = await capture.stop();
      await sink.stop();
      const receipts = finalReceipts(recorder.lines);
      expect(receipts).toMatchObject([
        { complete: false, size: 70_000, error: 'the content ended after 70000 of 1000000 bytes' },
        { complete: true, sha256: tracer.sha256 },
      ]);
      expect(flows).toHaveLength(3);
      expect(sorted(flowsOf(receipts))).toEqual(sorted(flows));
    });

    it('TFTP, curl and the npm package tftp, both directions, and a client that goes away', async () => {
      const address = '127.0.2.34';
      recorder = recordingSink({
        address,
        expected: [expectUpload(tracer, { times: 3 }), expectDownload(served)],
      });
      sink = tftpSink(recorder.options);
      const at = await sink.start();
      const capture = await captureLoopback(address, directory);
      const peer = { host: at.ip, port: at.port, blockSize: 8192, windowSize: 4 };
      await curl('-T', file, `tftp://${at.ip}:${at.port}/${tracer.fileName}`);
      await packagePut(peer, tracer.fileName, tracer.bytes);
      await packageGet(peer, served.fileName);
      const quitter = await rawTftp(address);
      await quitter.send({ kind: 'wrq', fileName: tracer.fileName, mode: 'octet', options: {} }, at.port);
      const tid = (await quitter.next())?.port ?? 0;
      await quitter.send({ kind: 'data', block: 1, data: tracer.bytes.subarray(0, 512) }, tid);
      await quitter.next();
      await sink.stop();
      quitter.close();
      const flows = await capture.stop();
      const receipts = finalReceipts(recorder.lines);
      expect(receipts.map(({ command, complete }) => [command, complete])).toEqual([
        ['WRQ', true],
        ['WRQ', true],
        ['RRQ', true],
        ['WRQ', false],
      ]);
      expect(flows).toHaveLength(8);
      expect(sorted(flowsOf(receipts))).toEqual(sorted(flows));
    });
  },
);
