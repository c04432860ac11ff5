import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { executionId, systemClock, waitFor, type Endpoint } from '../../src/core/index.js';
import { endLeftServer, smbSink, type SmbSink } from '../../src/sinks/smb/index.js';
import {
  defaultSinkLimits,
  receiptSchema,
  refusalSchema,
  type ExpectedTransfer,
  type Receipt,
  type Refusal,
  type SinkOptions,
} from '../../src/sinks/types.js';
import { tracerChunks, tracerContent, tracerFileName } from '../../src/tracer/index.js';
import { describeWith, findProgram } from '../helpers/requires.js';

const execute = promisify(execFile);
const address = '127.0.2.45';
const account = { user: 'dk3f9q2x', password: 'Not on a command line 1!' };
const mebibyte = 1024 * 1024;

const spec = (name: string, size: number) => ({
  lab: 'test-lab',
  run: 'test-run',
  execution: executionId('test-run', name, 'host'),
  contact: 'lab@example.test',
  size,
  seed: 'seed',
});

const content = (one: ReturnType<typeof spec>) => Buffer.concat([...tracerChunks(one)]);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describeWith(
  { programs: ['smbd', 'smbpasswd', 'smbclient', 'tshark'], root: true, platforms: ['linux'] },
  'SMB sink with Samba',
  () => {
    let directory: string;
    let sink: SmbSink | undefined;
    let at: Endpoint;
    let receipts: Receipt[];
    let refusals: Refusal[];
    let log: Readonly<Record<string, unknown>>[];

    const upload = (name: string, size: number, times = 1): ExpectedTransfer & { local: string } => {
      const one = spec(name, size);
      return {
        executionId: one.execution,
        direction: 'upload',
        fileName: tracerFileName(one.execution, 'large'),
        size,
        times,
        local: join(directory, `${name}.local`),
      };
    };

    const stage = async (name: string, size: number, times = 1) => {
      const transfer = upload(name, size, times);
      const bytes = content(spec(name, size));
      await writeFile(transfer.local, bytes);
      return { ...transfer, bytes };
    };

    const options = (
      expected: readonly ExpectedTransfer[],
      more: Partial<SinkOptions> = {},
    ): SinkOptions => ({
      id: 'smb-test',
      address,
      port: 0,
      clients: ['127.0.0.1', address],
      account,
      share: 'drop',
      expected,
      limits: defaultSinkLimits,
      directory: join(directory, 'sink'),
      onReceipt: (receipt) => {
        receipts.push(receiptSchema.parse(receipt));
        return Promise.resolve();
      },
      onRefusal: (refusal) => refusals.push(refusalSchema.parse(refusal)),
      onLog: (record) => log.push(record),
      clock: systemClock,
      ...more,
    });

    const start = async (expected: readonly ExpectedTransfer[], more: Partial<SinkOptions> = {}) => {
      sink = smbSink(options(expected, more));
      at = await sink.start();
      return sink;
    };

    const clientArguments = (commands: string, more: readonly string[] = []) => [
      `//${address}/drop`,
      '-p',
      String(at.port),
      '-A',
      join(directory, 'account'),
      '-c',
      commands,
      ...more,
    ];

    /** Standard output and error of smbclient; its exit code does not tell of every failed command. */
    const smbclient = async (commands: string, ...more: string[]) => {
      const result = await execute('smbclient', clientArguments(commands, more)).catch((error: unknown) => {
        return error as { stdout: string; stderr: string };
      });
      return result.stdout + result.stderr;
    };

    const receipt = async (count = 1) => {
      await waitFor(() => receipts.length >= count, { timeoutMs: 10_000 });
      expect(receipts).toHaveLength(count);
      const last = receipts.at(-1);
      if (last === undefined) throw new Error('no receipt came');
      return last;
    };

    const refusal = (matches: (one: Refusal) => boolean) =>
      waitFor(() => refusals.find(matches), { timeoutMs: 5000 });

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'smb-sink-'));
      [receipts, refusals, log, sink] = [[], [], [], undefined];
      await writeFile(
        join(directory, 'account'),
        `username = ${account.user}\npassword = ${account.password}\n`,
      );
    });

    afterEach(async () => {
      await sink?.stop();
      await rm(directory, { recursive: true, force: true });
    });

    it('takes a planned upload, and its receipt and log line say so', async () => {
      const file = await stage('one', 3 * mebibyte);
      const before = Date.now();
      await start([file]);
      expect(Date.now() - before).toBeLessThan(5000);
      const output = await smbclient(`put ${file.local} ${file.fileName.toUpperCase()}`);
      expect(output).not.toContain('NT_STATUS');
      const got = await receipt();
      expect(got).toMatchObject({
        protocol: 'smb',
        sink: 'smb-test',
        executionId: file.executionId,
        direction: 'upload',
        command: 'CREATE',
        fileName: file.fileName,
        size: file.size,
        sha256: sha256(file.bytes),
        complete: true,
        error: null,
      });
      expect(got.sockets).toHaveLength(1);
      const [socket] = got.sockets;
      expect(socket).toMatchObject({
        role: 'data',
        transport: 'tcp',
        openedBy: 'client',
        destination: { ip: address, port: at.port },
      });
      expect(socket?.source.ip).toMatch(/^127\./);
      expect(socket?.bytesFromClient).toBeGreaterThan(file.size);
      expect(socket?.bytesToClient).toBeLessThan(100_000);
      const [first, last] = [Date.parse(got.firstByteAt ?? ''), Date.parse(got.lastByteAt ?? '')];
      expect(first).toBeGreaterThanOrEqual(before);
      expect(last).toBeGreaterThanOrEqual(first);
      expect(last).toBeLessThanOrEqual(Date.now());
      expect(log).toEqual([
        {
          '@timestamp': expect.stringMatching(/^\d{4}-.*Z$/) as string,
          event: {
            module: 'dyetrace_sink',
            dataset: 'dyetrace_sink.smb',
            action: 'write',
            outcome: 'success',
          },
          observer: { type: 'server', name: 'smb-test' },
          source: socket?.source,
          destination: { ip: address, port: at.port },
          network: { protocol: 'smb', transport: 'tcp' },
          file: {
            name: file.fileName,
            path: `\\\\${address}\\drop\\${file.fileName}`,
            size: file.size,
            hash: { sha256: sha256(file.bytes) },
          },
          user: { name: account.user },
          smb: { share: 'drop', command: 'CREATE' },
        },
      ]);
      expect(refusals).toEqual([]);
    });
  },
);
