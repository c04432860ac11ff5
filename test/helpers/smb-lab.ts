import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect } from 'vitest';
import { waitFor, type Endpoint } from '../../src/core/index.js';
import { smbSink, type SmbSink } from '../../src/sinks/smb/index.js';
import {
  defaultSinkLimits,
  type ExpectedTransfer,
  type Refusal,
  type SinkOptions,
} from '../../src/sinks/types.js';
import { recordingSink, testTracer, type SinkRecorder, type TestTracer } from './sink-lab.js';

export const account = { user: 'dk3f9q2x', password: 'Not on a command line 1!' };
const mebibyte = 1024 * 1024;
export const one = testTracer('one', 3 * mebibyte);
export const two = testTracer('two', mebibyte);
export const three = testTracer('three', 20_000);
/** More than a client has under way at once, so that it can be caught in the middle. */
export const large = testTracer('large', 24 * mebibyte);
export const slowly = { limits: { ...defaultSinkLimits, maxBytesPerSecond: 8 * mebibyte } };

/** An SMB sink for each test of a file, stopped and removed after it, and smbclient to talk to it. */
export function smbLab(address: string) {
  let directory = '';
  let sink: SmbSink | undefined;
  let recorder: SinkRecorder = recordingSink();
  let at: Endpoint = { ip: address, port: 0 };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'smb-sink-'));
    // As a lab's own folder would be: open to others, so that Samba can live in it.
    await chmod(directory, 0o755);
    await writeFile(
      join(directory, 'account'),
      `username = ${account.user}\npassword = ${account.password}\n`,
    );
    for (const tracer of [one, two, three, large]) await writeFile(local(tracer), tracer.bytes);
  });

  afterEach(async () => {
    await sink?.stop();
    sink = undefined;
    await rm(directory, { recursive: true, force: true });
  });

  async function start(
    expected: readonly ExpectedTransfer[],
    more: Partial<SinkOptions> = {},
    // Long: a busy machine must not part what smbclient sends over one connection. Its exit ends it anyway.
    tuning: { graceMs?: number } = { graceMs: 10_000 },
  ): Promise<SmbSink> {
    recorder = recordingSink({
      address,
      // smbclient cannot choose its address: it comes from the one that it connects to.
      clients: ['127.0.0.1', address],
      account,
      expected,
      directory: join(directory, 'sink'),
      ...more,
    });
    sink = smbSink(recorder.options, tuning);
    at = await sink.start();
    return sink;
  }

  const local = (tracer: TestTracer) => join(directory, `${tracer.fileName}.local`);
  const put = (tracer: TestTracer, name = tracer.fileName) => `put ${local(tracer)} ${name}`;

  function clientArguments(commands: string, more: readonly string[] = [], share = 'drop'): string[] {
    const file = join(directory, 'account');
    return [`//${address}/${share}`, '-p', String(at.port), '-A', file, '-c', commands, ...more];
  }

  return {
    address,
    local,
    put,
    start,
    clientArguments,
    get directory() {
      return directory;
    },
    get sink() {
      return sink;
    },
    get recorder() {
      return recorder;
    },
    get at() {
      return at;
    },
    /** What smbclient says on both outputs; its exit code does not tell of every command that failed. */
    async smbclient(commands: string, ...more: string[]): Promise<string> {
      return (await execa('smbclient', clientArguments(commands, more), { reject: false, all: true })).all;
    },
    /** smbclient that reads its commands from standard input, as somebody who sits before it would. */
    interactive: () =>
      spawn('smbclient', clientArguments('').slice(0, -2), { stdio: ['pipe', 'ignore', 'ignore'] }),
    /** An smbclient that has sent a part of its file. */
    async startUpload(tracer: TestTracer) {
      const client = spawn('smbclient', clientArguments(put(tracer)), { stdio: 'ignore' });
      const received = join(directory, 'sink', 'received', '1');
      await waitFor(async () => (await stat(received)).size > 0, { timeoutMs: 10_000 });
      return client;
    },
    /** A client of our own that sends what it is told. */
    rawClient(localAddress: string) {
      const socket = connect({ host: address, port: at.port, localAddress });
      const closed = new Promise<void>((done) => socket.once('close', () => done()));
      socket.on('error', () => undefined);
      socket.resume();
      return { socket, closed };
    },
    async receipts(count = 1) {
      await waitFor(() => recorder.lines.length >= count, { timeoutMs: 15_000 });
      expect(recorder.lines).toHaveLength(count);
      return recorder.lines;
    },
    refusal: (matches: (one: Refusal) => boolean) =>
      waitFor(() => recorder.refusals.find(matches), { timeoutMs: 5000 }),
  };
}
