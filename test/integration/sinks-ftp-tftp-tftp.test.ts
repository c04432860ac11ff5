import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../src/core/index.js';
import type { TftpPacket } from '../../src/sinks/tftp/packet.js';
import { tftpSink } from '../../src/sinks/tftp/index.js';
import { defaultSinkLimits, type Sink, type SinkOptions } from '../../src/sinks/types.js';
import { describeWith } from '../helpers/requires.js';
import {
  expectDownload,
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';
import { packageGet, packagePut, rawTftp, type RawTftp } from '../helpers/tftp-client.js';

const tracer = testTracer('tftp', 100_000);
let sink: Sink;
let recorder: SinkRecorder;
let directory: string;
let client: RawTftp;

async function startSink(overrides: Partial<SinkOptions> = {}) {
  recorder = recordingSink({ expected: [expectUpload(tracer)], ...overrides });
  sink = tftpSink(recorder.options);
  return sink.start();
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dyetrace-tftp-'));
  client = await rawTftp('127.0.2.1');
});
afterEach(async () => {
  client.close();
  await sink.stop();
  await rm(directory, { recursive: true, force: true });
});

const wrq = (fileName: string, options = {}, mode = 'octet'): TftpPacket => ({
  kind: 'wrq',
  fileName,
  mode,
  options,
});
const data = (block: number, bytes: Buffer): TftpPacket => ({
  kind: 'data',
  block: block & 0xffff,
  data: bytes,
});
const blockOf = (bytes: Buffer, block: number, size = 512) =>
  bytes.subarray((block - 1) * size, block * size);

/** Sends all blocks in lock step. @returns the port of the transfer and the answer to the last block */
async function put(bytes: Buffer, port: number, first: TftpPacket, size = 512) {
  await client.send(first, port);
  const answer = await client.next();
  const tid = answer?.port ?? 0;
  let last: TftpPacket | null = answer?.packet ?? null;
  for (let block = 1; last?.kind !== 'error' && (block - 1) * size <= bytes.length; block++) {
    await client.send(data(block, blockOf(bytes, block, size)), tid);
    last = (await client.next())?.packet ?? null;
  }
  return { tid, last, answer: answer?.packet };
}

describe('TFTP sink and the npm package tftp', () => {
  it.each([
    { blockSize: 512, windowSize: 1 },
    { blockSize: 1468, windowSize: 4 },
    { blockSize: 8192, windowSize: 16 },
    { blockSize: 50_000, windowSize: 1 },
  ])('takes and serves with %o', async (settings) => {
    const served = testTracer('tftp-served', 100_000);
    const at = await startSink({ expected: [expectUpload(tracer), expectDownload(served)] });
    const peer = { host: at.ip, port: at.port, ...settings };
    await packagePut(peer, tracer.fileName, tracer.bytes);
    expect((await packageGet(peer, served.fileName)).equals(served.bytes)).toBe(true);
    await waitFor(() => finalReceipts(recorder.lines).length === 2, { timeoutMs: 5000 });
    expect(finalReceipts(recorder.lines)).toMatchObject([
      { command: 'WRQ', direction: 'upload', complete: true, error: null, sha256: tracer.sha256 },
      { command: 'RRQ', direction: 'download', complete: true, error: null, sha256: served.sha256 },
    ]);
  });
});

describeWith({ programs: ['curl'] }, 'TFTP sink and curl', () => {
  it('takes an upload and serves a download', async () => {
    const served = testTracer('tftp-served', 50_176);
    const at = await startSink({ expected: [expectUpload(tracer), expectDownload(served)] });
    const [source, target] = [join(directory, 'source'), join(directory, 'target')];
    await writeFile(source, tracer.bytes);
    const curl = (...args: string[]) =>
      execa('curl', ['--silent', '--show-error', '--interface', '127.0.1.1', '--max-time', '20', ...args]);
    const url = (name: string) => `tftp://${at.ip}:${at.port}/${name}`;
    await curl('-T', source, url(tracer.fileName));
    await curl('-o', target, url(served.fileName));
    expect((await readFile(target)).equals(served.bytes)).toBe(true);
    await expect(curl('-o', target, url('other.dat'))).rejects.toMatchObject({ exitCode: 68 });
    await expect(curl('-T', source, url('other.dat'))).rejects.toMatchObject({ exitCode: 69 });
    const [upload, download] = finalReceipts(recorder.lines);
    expect(upload).toMatchObject({
      protocol: 'tftp',
      executionId: tracer.spec.execution,
      fileName: tracer.fileName,
      size: tracer.bytes.length,
      sha256: tracer.sha256,
      complete: true,
      sockets: [
        { role: 'request', openedBy: 'client', source: { ip: '127.0.1.1' }, destination: at },
        { role: 'transfer', openedBy: 'sink', source: { ip: '127.0.2.1' }, destination: { ip: '127.0.1.1' } },
      ],
    });
    expect(download).toMatchObject({ command: 'RRQ', complete: true, size: 50_176 });
    expect(upload?.sockets[1]?.destination).toEqual(upload?.sockets[0]?.source);
    expect(upload?.sockets[1]?.source.port).not.toBe(at.port);
  });
});

describe('TFTP sink and a bare client', () => {
  it('counts every datagram, has its receipt on disk before the last ACK, and repeats that ACK', async () => {
    let release: () => void = () => undefined;
    const written = new Promise<void>((resolve) => (release = resolve));
    const small = testTracer('small', 1000);
    const at = await startSink({
      expected: [expectUpload(small)],
      onReceipt: async (receipt) => {
        recorder.lines.push(receipt);
        await written;
      },
    });
    await client.send(wrq(small.fileName), at.port);
    const tid = (await client.next())?.port ?? 0;
    await client.send(data(1, blockOf(small.bytes, 1)), tid);
    expect((await client.next())?.packet).toEqual({ kind: 'ack', block: 1 });
    await client.send(data(2, blockOf(small.bytes, 2)), tid);
    await waitFor(() => recorder.lines.length === 1, { timeoutMs: 5000 });
    await client.send(data(2, blockOf(small.bytes, 2)), tid);
    expect(await client.next(100)).toBeNull();
    release();
    expect((await client.next())?.packet).toEqual({ kind: 'ack', block: 2 });
    // The ACK was "lost": the client repeats its last block.
    await client.send(data(2, blockOf(small.bytes, 2)), tid);
    expect((await client.next())?.packet).toEqual({ kind: 'ack', block: 2 });
    await sink.stop();
    const [receipt, ...others] = finalReceipts(recorder.lines);
    expect(others).toEqual([]);
    expect(receipt).toMatchObject({ complete: true, size: 1000, sha256: small.sha256 });
    expect(
      receipt?.sockets.map(({ bytesFromClient, bytesToClient }) => [bytesFromClient, bytesToClient]),
    ).toEqual([
      [client.sent.get(at.port), 0],
      [client.sent.get(tid), client.received.get(tid)],
    ]);
    expect(client.sent.get(tid)).toBe(516 + 3 * (1000 - 512 + 4));
    expect(client.received.get(tid)).toBe(4 * 4);
  });

  it('wraps block numbers to 0 after 65535, as over 32 MiB of 512-byte blocks', async () => {
    const large = testTracer('wrap', 8 * 65_540);
    const at = await startSink({ expected: [expectUpload(large)] });
    const options = { blksize: '8', tsize: '524320', windowsize: '64' };
    await client.send(wrq(large.fileName, options), at.port);
    const first = await client.next();
    const tid = first?.port ?? 0;
    expect(first?.packet).toEqual({ kind: 'oack', options });
    // 65,540 full blocks and an empty one.
    const blocks = 65_541;
    let acknowledged = 0;
    for (let rounds = 0; acknowledged < blocks && rounds < 3000; rounds++) {
      const end = Math.min(acknowledged + 64, blocks);
      for (let block = acknowledged + 1; block <= end; block++) {
        await client.send(data(block, blockOf(large.bytes, block, 8)), tid);
      }
      const answer = (await client.next())?.packet;
      if (answer?.kind !== 'ack') throw new Error('no ACK');
      acknowledged += (answer.block - acknowledged) & 0xffff;
    }
    expect(acknowledged).toBe(blocks);
    expect(recorder.lines[0]).toMatchObject({ complete: true, sha256: large.sha256 });
  });

  it('serves block 0 after 65535', async () => {
    const large = testTracer('wrap-read', 8 * 65_537);
    const at = await startSink({ expected: [expectDownload(large)] });
    const options = { blksize: '8', windowsize: '64', tsize: '0' };
    await client.send({ kind: 'rrq', fileName: large.fileName, mode: 'octet', options }, at.port);
    const first = await client.next();
    const tid = first?.port ?? 0;
    expect(first?.packet).toEqual({
      kind: 'oack',
      options: { blksize: '8', windowsize: '64', tsize: String(large.bytes.length) },
    });
    await client.send({ kind: 'ack', block: 0 }, tid);
    // Even loopback may change the order of datagrams.
    const parts = new Map<number, Buffer>();
    const blocks = 65_538;
    for (let taken = 0; taken < blocks; ) {
      const next = await client.next();
      if (next?.packet?.kind !== 'data') throw new Error(`no data after block ${taken}`);
      const ahead = (next.packet.block - taken) & 0xffff;
      if (ahead <= 64) parts.set(taken + ahead, next.packet.data);
      let end = taken;
      while (end < taken + 64 && parts.has(end + 1)) end += 1;
      if (end < taken + 64 && end < blocks) continue;
      taken = end;
      await client.send({ kind: 'ack', block: taken & 0xffff }, tid);
    }
    const content = Array.from({ length: blocks }, (_, index) => parts.get(index + 1) ?? Buffer.from('?'));
    expect(Buffer.concat(content).equals(large.bytes)).toBe(true);
    await waitFor(() => recorder.lines.length > 0, { timeoutMs: 5000 });
    expect(recorder.lines[0]).toMatchObject({ complete: true, size: large.bytes.length });
  });

  it('undoes netascii in both directions', async () => {
    const served = testTracer('netascii', 3000);
    const at = await startSink({
      expected: [expectUpload(tracer), expectDownload(served)],
    });
    const encode = (bytes: Buffer) =>
      Buffer.from(
        bytes.toString('latin1').replaceAll(/\r|\n/g, (c) => (c === '\n' ? '\r\n' : '\r\0')),
        'latin1',
      );
    const { last } = await put(encode(tracer.bytes), at.port, wrq(tracer.fileName, {}, 'NetASCII'));
    expect(last?.kind).toBe('ack');
    expect(recorder.lines[0]).toMatchObject({ complete: true, size: 100_000, sha256: tracer.sha256 });
    const second = await rawTftp(at.ip);
    await second.send({ kind: 'rrq', fileName: served.fileName, mode: 'netascii', options: {} }, at.port);
    const parts: Buffer[] = [];
    for (let size = 512; size === 512; ) {
      const next = await second.next();
      if (next?.packet?.kind !== 'data') throw new Error('no data');
      parts.push(next.packet.data);
      size = next.packet.data.length;
      await second.send({ kind: 'ack', block: next.packet.block }, next.port);
    }
    second.close();
    expect(Buffer.concat(parts).equals(encode(served.bytes))).toBe(true);
    await waitFor(() => finalReceipts(recorder.lines).length === 2, { timeoutMs: 5000 });
    expect(finalReceipts(recorder.lines)[1]).toMatchObject({ size: 3000, sha256: served.sha256 });
  });

  it('answers a stranger with error 5, and goes on', async () => {
    const small = testTracer('small', 1000);
    const at = await startSink({ expected: [expectUpload(small)] });
    await client.send(wrq(small.fileName), at.port);
    const tid = (await client.next())?.port ?? 0;
    const stranger = await rawTftp(at.ip, '127.0.1.2');
    await stranger.send(data(1, Buffer.from('forged')), tid);
    expect((await stranger.next())?.packet).toMatchObject({ kind: 'error', code: 5 });
    stranger.close();
    await client.send(data(1, blockOf(small.bytes, 1)), tid);
    await client.next();
    await client.send(data(2, blockOf(small.bytes, 2)), tid);
    expect((await client.next())?.packet).toEqual({ kind: 'ack', block: 2 });
    expect(recorder.lines[0]).toMatchObject({ complete: true });
    expect(recorder.lines[0]?.sockets[1]?.bytesFromClient).toBe(client.sent.get(tid));
    expect(recorder.refusals).toMatchObject([{ client: { ip: '127.0.1.2' }, what: 'packet' }]);
  });

  it('acknowledges again on time where the client falls silent, gives up after a while, with a receipt', async () => {
    const at = await startSink({});
    await client.send(wrq(tracer.fileName, { timeout: '1' }), at.port);
    expect((await client.next())?.packet).toEqual({ kind: 'oack', options: { timeout: '1' } });
    expect((await client.next(3000))?.packet).toEqual({ kind: 'oack', options: { timeout: '1' } });
    const receipt = await waitFor(() => recorder.lines[0], { timeoutMs: 10_000 });
    expect(receipt).toMatchObject({ complete: false, size: 0, firstByteAt: null });
    expect(receipt?.error).toMatch(/no data from the client/);
  });

  it('refuses what is not planned, in the protocol’s own way', async () => {
    const at = await startSink({});
    const ask = async (packet: TftpPacket) => {
      await client.send(packet, at.port);
      return (await client.next())?.packet;
    };
    expect(await ask(wrq('payroll.xls'))).toMatchObject({ kind: 'error', code: 2 });
    expect(await ask({ kind: 'rrq', fileName: tracer.fileName, mode: 'octet', options: {} })).toMatchObject({
      kind: 'error',
      code: 1,
    });
    expect(await ask(wrq(tracer.fileName, { tsize: '100001' }))).toMatchObject({ kind: 'error', code: 3 });
    expect(await ask(wrq(tracer.fileName, {}, 'mail'))).toMatchObject({ kind: 'error', code: 4 });
    const other = await rawTftp(at.ip, '127.0.1.9');
    await other.send(wrq(tracer.fileName), at.port);
    expect((await other.next())?.packet).toMatchObject({ kind: 'error', code: 2 });
    other.close();
    expect(recorder.lines).toEqual([]);
    expect(recorder.refusals).toHaveLength(5);
    const garbage = [Buffer.alloc(0), Buffer.from([0]), Buffer.from([0, 2, 65]), Buffer.alloc(1400, 255)];
    for (const bytes of garbage) await client.send(bytes, at.port);
    expect(await client.next(100)).toBeNull();
    const { last } = await put(tracer.bytes, at.port, wrq(tracer.fileName));
    expect(last?.kind).toBe('ack');
  });

  it('refuses content that is no tracer, or too much of it', async () => {
    const at = await startSink({ expected: [expectUpload(tracer, { times: 2 })] });
    expect((await put(Buffer.alloc(5000), at.port, wrq(tracer.fileName))).last).toMatchObject({ code: 2 });
    const more = Buffer.concat([tracer.bytes, Buffer.alloc(1)]);
    expect((await put(more, at.port, wrq(tracer.fileName))).last).toMatchObject({ code: 3 });
    expect((await put(tracer.bytes, at.port, wrq(tracer.fileName))).last).toMatchObject({ code: 2 });
    expect(finalReceipts(recorder.lines).map((receipt) => receipt.complete)).toEqual([false, false]);
    // The error packet is part of what was sent.
    expect(recorder.lines[1]?.sockets[1]?.bytesToClient).toBeGreaterThan(4 * 195);
  });

  it('does not acknowledge what it could not write down', async () => {
    const small = testTracer('small', 1000);
    const at = await startSink({
      expected: [expectUpload(small)],
      onReceipt: () => Promise.reject(new Error('disk full')),
    });
    const { last } = await put(small.bytes, at.port, wrq(small.fileName));
    expect(last).toMatchObject({ kind: 'error', code: 0 });
    await expect(sink.stop()).rejects.toThrow(/disk full/);
    sink = tftpSink(recorder.options);
  });

  it('takes many small files one after the other, though each waits for a lost last ACK', async () => {
    const tracers = Array.from({ length: 12 }, (_, index) => testTracer(`slow-${index}`, 600));
    const at = await startSink({
      expected: tracers.map((one) => expectUpload(one)),
      limits: { ...defaultSinkLimits, maxConnections: 2 },
    });
    for (const { bytes, fileName } of tracers) {
      const sender = await rawTftp(at.ip);
      await sender.send(wrq(fileName), at.port);
      const tid = (await sender.next())?.port ?? 0;
      for (const block of [1, 2]) {
        await sender.send(data(block, blockOf(bytes, block)), tid);
        expect((await sender.next())?.packet).toEqual({ kind: 'ack', block });
      }
      sender.close();
    }
    expect(finalReceipts(recorder.lines).filter((receipt) => receipt.complete)).toHaveLength(12);
  });

  it('keeps the client’s reason where it gives up', async () => {
    const at = await startSink({});
    await client.send(wrq(tracer.fileName), at.port);
    const tid = (await client.next())?.port ?? 0;
    await client.send({ kind: 'error', code: 3, message: 'no room' }, tid);
    await waitFor(() => recorder.lines.length > 0, { timeoutMs: 5000 });
    expect(recorder.lines[0]?.error).toBe('the client gave up: error 3 no room');
  });

  it('keeps the rate and the number of transfers', async () => {
    const other = testTracer('other', 1000);
    const at = await startSink({
      expected: [expectUpload(tracer), expectUpload(other)],
      limits: { ...defaultSinkLimits, maxConnections: 1, maxBytesPerSecond: 200_000 },
    });
    const start = performance.now();
    const transfer = put(tracer.bytes, at.port, wrq(tracer.fileName, { blksize: '10000' }), 10_000);
    const second = await rawTftp(at.ip);
    await waitFor(() => (client.sent.get(at.port) ?? 0) > 0, { timeoutMs: 1000 });
    await second.send(wrq(other.fileName), at.port);
    expect((await second.next())?.packet).toMatchObject({ kind: 'error', code: 0 });
    second.close();
    expect((await transfer).last?.kind).toBe('ack');
    // 100,000 bytes at 200,000 a second take half a second.
    expect(performance.now() - start).toBeGreaterThan(450);
  });

  it('breaks what is under way when it stops, with a receipt', async () => {
    const at = await startSink({});
    await client.send(wrq(tracer.fileName), at.port);
    await client.next();
    await sink.stop();
    expect((await client.next())?.packet).toMatchObject({ kind: 'error', message: 'The sink is stopping' });
    expect(recorder.lines).toMatchObject([{ complete: false, error: 'The sink is stopping' }]);
  });
});
