import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from 'basic-ftp';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../src/core/index.js';
import { ftpSink } from '../../src/sinks/ftp/index.js';
import { defaultSinkLimits, type Sink, type SinkOptions } from '../../src/sinks/types.js';
import { announcedPort, loggedInFtp, rawFtp } from '../helpers/ftp-client.js';
import { describeWith } from '../helpers/requires.js';
import {
  expectDownload,
  expectUpload,
  finalReceipts,
  recordingSink,
  testPiece,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';

const tracer = testTracer('ftp', 300_000);
let sink: Sink;
let recorder: SinkRecorder;
let directory: string;

async function startSink(overrides: Partial<SinkOptions>) {
  recorder = recordingSink({ expected: [expectUpload(tracer)], ...overrides });
  sink = ftpSink(recorder.options);
  return sink.start();
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dyetrace-ftp-'));
});
afterEach(async () => {
  await sink.stop();
  await rm(directory, { recursive: true, force: true });
});

const account = { user: 'dyetrace', password: 'nonce-1234' };

async function dataConnection(port: number, localAddress = '127.0.1.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.2.1', port, localAddress });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describeWith({ programs: ['curl'] }, 'FTP sink and curl', () => {
  async function curl(at: { port: number }, ...args: string[]) {
    return execa('curl', [
      '--silent',
      '--show-error',
      '--interface',
      '127.0.1.1',
      '--max-time',
      '20',
      '--user',
      `${account.user}:${account.password}`,
      ...args.map((arg) => arg.replace('{at}', `ftp://127.0.2.1:${at.port}`)),
    ]);
  }
  const modes = {
    EPSV: { args: [], openedBy: 'client' },
    PASV: { args: ['--disable-epsv'], openedBy: 'client' },
    EPRT: { args: ['--ftp-port', '127.0.1.1'], openedBy: 'sink' },
    PORT: { args: ['--ftp-port', '127.0.1.1', '--disable-eprt'], openedBy: 'sink' },
  };
  it.each(Object.entries(modes))('takes an upload over %s', async (_mode, { args, openedBy }) => {
    const at = await startSink({});
    const file = join(directory, 'tracer');
    await writeFile(file, tracer.bytes);
    await curl(at, ...args, '-T', file, `{at}/${tracer.fileName}`);
    await sink.stop();
    const [receipt, ...more] = finalReceipts(recorder.lines);
    expect(more).toEqual([]);
    expect(receipt).toMatchObject({
      protocol: 'ftp',
      sink: 'sink-1',
      executionId: tracer.spec.execution,
      direction: 'upload',
      command: 'STOR',
      fileName: tracer.fileName,
      size: tracer.bytes.length,
      sha256: tracer.sha256,
      complete: true,
      error: null,
    });
    const data = receipt?.sockets.find((socket) => socket.role === 'data');
    expect(data).toMatchObject({ openedBy, bytesFromClient: tracer.bytes.length, bytesToClient: 0 });
    const [client, server] =
      openedBy === 'client' ? [data?.source, data?.destination] : [data?.destination, data?.source];
    expect([client?.ip, server?.ip]).toEqual(['127.0.1.1', '127.0.2.1']);
  });

  it('serves a planned download once', async () => {
    const at = await startSink({ expected: [expectDownload(tracer)] });
    const file = join(directory, 'tracer');
    await curl(at, '-o', file, `{at}/${tracer.fileName}`);
    expect((await readFile(file)).equals(tracer.bytes)).toBe(true);
    await expect(curl(at, '-o', file, `{at}/${tracer.fileName}`)).rejects.toMatchObject({ exitCode: 78 });
    await sink.stop();
    const [receipt, ...more] = finalReceipts(recorder.lines);
    expect(more).toEqual([]);
    expect(receipt).toMatchObject({
      direction: 'download',
      command: 'RETR',
      size: tracer.bytes.length,
      sha256: tracer.sha256,
      complete: true,
    });
    expect(receipt?.sockets[1]).toMatchObject({ bytesToClient: tracer.bytes.length, bytesFromClient: 0 });
  });

  it('lets neither another name nor another content in', async () => {
    const at = await startSink({});
    const file = join(directory, 'file');
    await writeFile(file, 'payroll');
    await expect(curl(at, '-T', file, '{at}/payroll.xls')).rejects.toMatchObject({ exitCode: 25 });
    expect(recorder.lines).toEqual([]);
    await expect(curl(at, '-T', file, `{at}/${tracer.fileName}`)).rejects.toThrow();
    await sink.stop();
    expect(finalReceipts(recorder.lines)).toMatchObject([
      { complete: false, error: 'the content is not a tracer', size: 7 },
    ]);
    expect(recorder.refusals.map((refusal) => refusal.what)).toEqual([
      'STOR payroll.xls',
      `STOR ${tracer.fileName}`,
    ]);
  });
});

describe('FTP sink and basic-ftp', () => {
  it('lists nothing, tells facts, takes STOR and APPE', async () => {
    const second = testTracer('append', 4000);
    const served = testTracer('served', 5000);
    const at = await startSink({
      expected: [expectUpload(tracer), expectUpload(second), expectDownload(served)],
    });
    const client = new Client(5000);
    await client.access({ host: at.ip, port: at.port, ...account });
    expect(await client.list()).toEqual([]);
    expect(await client.pwd()).toBe('/');
    expect((await client.features()).has('EPSV')).toBe(true);
    expect(await client.size(served.fileName)).toBe(5000);
    await client.uploadFrom(Readable.from([tracer.bytes]), tracer.fileName);
    await client.appendFrom(Readable.from([second.bytes]), second.fileName.toUpperCase());
    const chunks: Buffer[] = [];
    for await (const chunk of await downloaded(client, served.fileName)) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(served.bytes)).toBe(true);
    await expect(client.remove(tracer.fileName)).rejects.toMatchObject({ code: 550 });
    client.close();
    await sink.stop();
    const receipts = finalReceipts(recorder.lines);
    expect(receipts.map(({ command, complete }) => [command, complete])).toEqual([
      ['STOR', true],
      ['APPE', true],
      ['RETR', true],
    ]);
    // One control connection: all its receipts end with the same counts.
    expect(new Set(receipts.map((receipt) => JSON.stringify(receipt.sockets[0]))).size).toBe(1);
  });

  async function downloaded(client: Client, name: string): Promise<Readable> {
    const { PassThrough } = await import('node:stream');
    const through = new PassThrough({ highWaterMark: 2 ** 20 });
    await client.downloadTo(through, name);
    return through;
  }
});

describe('FTP sink and a bare client', () => {
  it('writes the receipt before the 226, and counts that reply', async () => {
    let released: () => void = () => undefined;
    const written = new Promise<void>((resolve) => (released = resolve));
    const lines: unknown[] = [];
    const at = await startSink({
      onReceipt: async (receipt) => {
        lines.push(receipt);
        await written;
      },
    });
    const client = await loggedInFtp(at, account);
    const data = await dataConnection(announcedPort(await client.command('PASV')));
    expect(await client.command(`STOR ${tracer.fileName}`)).toMatch(/^150 /);
    data.end(tracer.bytes);
    await waitFor(() => lines.length > 0, { timeoutMs: 5000 });
    let acknowledged = false;
    const reply = client.reply().then((text) => {
      acknowledged = true;
      return text;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(acknowledged).toBe(false);
    released();
    expect(await reply).toMatch(/^226 /);
    const [first] = lines as { sockets: { bytesToClient: number; bytesFromClient: number }[] }[];
    expect(first?.sockets[0]).toMatchObject({
      bytesToClient: client.socket.bytesRead,
      bytesFromClient: client.socket.bytesWritten,
    });
    expect(await client.command('QUIT')).toMatch(/^221 /);
    await client.closed;
    await sink.stop();
    const last = lines.at(-1) as { sockets: { bytesToClient: number; bytesFromClient: number }[] };
    expect(lines).toHaveLength(2);
    expect(last.sockets[0]).toMatchObject({
      bytesToClient: client.socket.bytesRead,
      bytesFromClient: client.socket.bytesWritten,
    });
  });

  it('does not acknowledge what it could not write down', async () => {
    const at = await startSink({ onReceipt: () => Promise.reject(new Error('disk full')) });
    const client = await loggedInFtp(at, account);
    const data = await dataConnection(announcedPort(await client.command('EPSV')));
    await client.command(`STOR ${tracer.fileName}`);
    data.end(tracer.bytes);
    expect(await client.reply()).toMatch(/^451 .*disk full/);
    await expect(sink.stop()).rejects.toThrow(/disk full/);
    sink = ftpSink(recorder.options);
  });

  it('takes STOU for the execution that the header names', async () => {
    const at = await startSink({
      expected: [
        expectUpload(testTracer('other', 2000), { serverNames: true }),
        expectUpload(tracer, { serverNames: true }),
      ],
    });
    const client = await loggedInFtp(at, account);
    const stou = async () => {
      const data = await dataConnection(announcedPort(await client.command('PASV')));
      const opening = await client.command('STOU');
      data.end(tracer.bytes);
      return { opening, ending: await client.reply() };
    };
    const first = await stou();
    const name = /^150 FILE: (\S+)$/.exec(first.opening)?.[1];
    expect(first.ending).toMatch(/^226 /);
    expect(recorder.lines[0]).toMatchObject({
      command: 'STOU',
      executionId: tracer.spec.execution,
      fileName: name,
      complete: true,
    });
    expect((await stou()).ending).toMatch(/^551 /);
  });

  it('takes each piece of an execution once, by its own name', async () => {
    const pieces = [1, 2].map((piece) => testPiece(tracer, piece));
    const at = await startSink({ expected: pieces.map((piece) => expectUpload(piece)) });
    const client = await loggedInFtp(at, account);
    const send = async (name: string, bytes: Buffer): Promise<string> => {
      const data = await dataConnection(announcedPort(await client.command('EPSV')));
      const opening = await client.command(`STOR ${name}`);
      data.end(bytes);
      return opening.startsWith('150') ? client.reply() : opening;
    };
    const codes: string[] = [];
    for (const piece of [pieces[1], pieces[1], pieces[0]])
      codes.push((await send(piece?.fileName ?? '', piece?.bytes ?? Buffer.alloc(0))).slice(0, 3));
    expect(codes).toEqual(['226', '553', '226']);
    await sink.stop();
    expect(finalReceipts(recorder.lines).map(({ fileName, sha256 }) => [fileName, sha256])).toEqual(
      [pieces[1], pieces[0]].map((piece) => [piece?.fileName, piece?.sha256]),
    );
  });

  it('after EPSV ALL, nothing else sets up a data connection (RFC 2428)', async () => {
    const client = await loggedInFtp(await startSink({}), account);
    expect(await client.command('EPSV ALL')).toMatch(/^200 /);
    for (const command of ['PASV', 'PORT 127,0,1,1,20,0', 'EPRT |1|127.0.1.1|5120|'])
      expect(await client.command(command)).toMatch(/^503 /);
    expect(await client.command('EPSV')).toMatch(/^229 /);
  });

  it('ends a transfer that is longer than planned with 552', async () => {
    const at = await startSink({});
    const client = await loggedInFtp(at, account);
    const data = await dataConnection(announcedPort(await client.command('PASV')));
    await client.command(`STOR ${tracer.fileName}`);
    data.write(Buffer.concat([tracer.bytes, Buffer.alloc(1)]));
    expect(await client.reply()).toMatch(/^552 /);
    if (!data.closed) await once(data, 'close');
    expect(recorder.lines[0]).toMatchObject({ complete: false, size: tracer.bytes.length + 1 });
    expect(recorder.refusals).toHaveLength(1);
  });

  it('gives a broken transfer its receipt, and counts the attempt', async () => {
    const at = await startSink({});
    const client = await loggedInFtp(at, account);
    const data = await dataConnection(announcedPort(await client.command('PASV')));
    await client.command(`STOR ${tracer.fileName}`);
    data.write(tracer.bytes.subarray(0, 5000));
    await waitFor(() => data.bytesWritten === 5000 && data.writableLength === 0, { timeoutMs: 5000 });
    data.resetAndDestroy();
    expect(await client.reply()).toMatch(/^426 /);
    expect(recorder.lines[0]).toMatchObject({ complete: false, executionId: tracer.spec.execution });
    // libuv reports a reset that comes together with data as an end; the size gives it away.
    expect(recorder.lines[0]?.error).toMatch(/ECONNRESET|ended after 5000 of 300000 bytes/);
    await client.command('PASV');
    expect(await client.command(`STOR ${tracer.fileName}`)).toMatch(/^553 /);
  });

  it('ends a transfer on ABOR: 426, then 226', async () => {
    const at = await startSink({});
    const client = await loggedInFtp(at, account);
    const data = await dataConnection(announcedPort(await client.command('PASV')));
    await client.command(`STOR ${tracer.fileName}`);
    data.write(tracer.bytes.subarray(0, 5000));
    // Telnet IP and Synch, whose DM travels as urgent data and so is missing in the stream (RFC 959 §4.1.3).
    client.socket.write(Buffer.concat([Buffer.from([255, 244, 255]), Buffer.from('ABOR\r\n')]));
    expect(await client.reply()).toMatch(/^426 /);
    expect(await client.reply()).toMatch(/^226 /);
    expect(recorder.lines[0]).toMatchObject({ complete: false, error: 'the client sent ABOR' });
  });

  it('receives what was on its way when the control connection breaks', async () => {
    const at = await startSink({});
    const client = await loggedInFtp(at, account);
    const data = await dataConnection(announcedPort(await client.command('PASV')));
    await client.command(`STOR ${tracer.fileName}`);
    client.socket.resetAndDestroy();
    data.end(tracer.bytes);
    await waitFor(() => recorder.lines.length > 0, { timeoutMs: 5000 });
    expect(recorder.lines[0]).toMatchObject({ complete: true, size: tracer.bytes.length });
  });

  it('refuses bounces, strangers, wrong passwords and unknown addresses', async () => {
    const at = await startSink({});
    const client = await loggedInFtp(at, account);
    expect(await client.command('PORT 127,0,1,2,200,10')).toMatch(/^504 /);
    expect(await client.command('EPRT |1|127.0.1.2|60000|')).toMatch(/^504 /);
    expect(await client.command('PORT 127,0,1,1,0,25')).toMatch(/^504 /);
    const port = announcedPort(await client.command('PASV'));
    const stranger = await dataConnection(port, '127.0.1.9');
    if (!stranger.closed) await once(stranger, 'close');
    const data = await dataConnection(port);
    await client.command(`STOR ${tracer.fileName}`);
    data.end(tracer.bytes);
    expect(await client.reply()).toMatch(/^226 /);
    await client.command('USER dyetrace');
    expect(await client.command('PASS hunter2')).toMatch(/^530 /);
    expect(await client.command('PASV')).toMatch(/^530 /);
    const outsider = connect({ host: at.ip, port: at.port, localAddress: '127.0.1.9' });
    const [greeting] = (await once(outsider, 'data')) as [Buffer];
    expect(greeting.toString()).toMatch(/^421 /);
    expect(recorder.refusals.map(({ client: from, what }) => [from.ip, what])).toEqual([
      ['127.0.1.1', 'PORT 127.0.1.2:51210'],
      ['127.0.1.1', 'EPRT 127.0.1.2:60000'],
      ['127.0.1.1', 'PORT 127.0.1.1:25'],
      ['127.0.1.9', 'data connection'],
      ['127.0.1.1', 'login as dyetrace'],
      ['127.0.1.1', 'PASV'],
      ['127.0.1.9', 'connection'],
    ]);
    expect(JSON.stringify([recorder.refusals, recorder.log])).not.toContain('hunter2');
  });

  it('gives a receipt where the client lets nobody in (active mode behind a firewall)', async () => {
    const at = await startSink({});
    const closed = createServer();
    closed.listen(0, '127.0.1.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const client = await loggedInFtp(at, account);
    await client.command(`PORT 127,0,1,1,${port >> 8},${port & 255}`);
    await client.command(`STOR ${tracer.fileName}`);
    expect(await client.reply()).toMatch(/^425 .*ECONNREFUSED/);
    expect(recorder.lines[0]).toMatchObject({ complete: false, size: 0, firstByteAt: null });
    expect(recorder.lines[0]?.sockets.map((socket) => socket.role)).toEqual(['control']);
  });

  it('keeps the rate', async () => {
    const at = await startSink({ limits: { ...defaultSinkLimits, maxBytesPerSecond: 600_000 } });
    const client = await loggedInFtp(at, account);
    const data = await dataConnection(announcedPort(await client.command('PASV')));
    await client.command(`STOR ${tracer.fileName}`);
    const start = performance.now();
    data.end(tracer.bytes);
    expect(await client.reply()).toMatch(/^226 /);
    // 300,000 bytes at 600,000 a second take half a second.
    expect(performance.now() - start).toBeGreaterThan(450);
  });

  it('survives hostile input', async () => {
    const at = await startSink({
      limits: { ...defaultSinkLimits, maxConnections: 4, maxLineBytes: 100 },
    });
    const endless = await rawFtp(at);
    endless.socket.write(Buffer.alloc(5000, 65));
    await endless.closed;
    const noisy = await rawFtp(at);
    noisy.socket.write(Buffer.from([255, 251, 1, 0, 1, 2, 254, 13, 10]));
    expect(await noisy.reply()).toMatch(/^500 /);
    noisy.socket.write('NOOP\r\n'.repeat(500));
    await noisy.closed;
    const crowd = Array.from({ length: 300 }, () =>
      connect({ host: at.ip, port: at.port, localAddress: '127.0.1.1' }),
    );
    const answers = await Promise.all(
      crowd.map(async (socket) => {
        socket.on('error', () => undefined);
        const [first] = (await once(socket, 'data')) as [Buffer];
        return first.toString().slice(0, 3);
      }),
    );
    expect(answers.filter((code) => code === '220')).toHaveLength(4);
    expect(answers.filter((code) => code === '421')).toHaveLength(296);
    for (const socket of crowd) socket.destroy();
    const client = await waitFor(
      async () => {
        const next = await rawFtp(at);
        return (await next.command('NOOP')).startsWith('200') ? next : undefined;
      },
      { timeoutMs: 5000 },
    );
    expect(client).toBeDefined();
  });

  it('sends those away who say nothing, or never log in', async () => {
    const at = await startSink({ limits: { ...defaultSinkLimits, idleTimeoutMs: 300 } });
    const silent = await rawFtp(at);
    const chatty = await rawFtp(at);
    const talk = setInterval(() => chatty.socket.write('NOOP\r\n'), 50);
    expect(await silent.reply()).toMatch(/^421 /);
    await Promise.all([silent.closed, chatty.closed]);
    clearInterval(talk);
    const client = await loggedInFtp(at, account);
    expect(await client.command('NOOP')).toMatch(/^200 /);
  });

  it('times out a data connection that stays half open, with a receipt', async () => {
    const at = await startSink({ limits: { ...defaultSinkLimits, idleTimeoutMs: 300 } });
    const client = await loggedInFtp(at, account);
    const data = await dataConnection(announcedPort(await client.command('PASV')));
    await client.command(`STOR ${tracer.fileName}`);
    data.write(tracer.bytes.subarray(0, 100));
    expect(await client.reply()).toMatch(/^426 no data for 300 ms/);
    expect(recorder.lines[0]).toMatchObject({ complete: false, size: 100 });
  });

  it('breaks what is under way when it stops, with a receipt, and ends the iteration', async () => {
    const at = await startSink({});
    const client = await loggedInFtp(at, account);
    const data = await dataConnection(announcedPort(await client.command('PASV')));
    await client.command(`STOR ${tracer.fileName}`);
    data.write(tracer.bytes.subarray(0, 100));
    await sink.stop();
    const seen = [];
    for await (const receipt of sink.receipts()) seen.push(receipt);
    expect(seen).toEqual(recorder.lines);
    expect(finalReceipts(seen)).toMatchObject([{ complete: false, error: 'The sink is stopping' }]);
    await client.closed;
  });
});
