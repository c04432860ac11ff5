import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Readable } from 'node:stream';
import { Client } from 'basic-ftp';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret, waitFor } from '../../src/core/index.js';
import { ftpSink } from '../../src/sinks/ftp/index.js';
import { labCertificate } from '../../src/sinks/index.js';
import { defaultSinkLimits, type Sink, type SinkOptions } from '../../src/sinks/types.js';
import { captureLoopback, flowsOf, type CapturedFlow } from '../helpers/capture.js';
import { announcedPort, loggedInFtp, loggedInFtps, rawFtp, secureFtp } from '../helpers/ftp-client.js';
import { describeWith } from '../helpers/requires.js';
import {
  expectDownload,
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';

const tracer = testTracer('ftps', 300_000);
const served = testTracer('ftps-served', 150_000);
const address = '127.0.2.35';
const account = { user: 'dyetrace', password: 'nonce-1234' };
const lab = labCertificate([address], Date.now());
const tls = { certificate: lab.certificate, key: lab.key };
let sink: Sink;
let recorder: SinkRecorder;
let directory: string;
let file: string;

async function startSink(overrides: Partial<SinkOptions> = {}) {
  recorder = recordingSink({
    address,
    tls,
    expected: [expectUpload(tracer), expectDownload(served)],
    ...overrides,
  });
  sink = ftpSink(recorder.options);
  return sink.start();
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dyetrace-ftps-'));
  file = join(directory, tracer.fileName);
  await writeFile(file, tracer.bytes);
});
afterEach(async () => {
  await sink.stop();
  await rm(directory, { recursive: true, force: true });
});

function curl(at: { port: number }, ...args: string[]) {
  const common = ['--silent', '--show-error', '--interface', '127.0.1.1', '--max-time', '20'];
  const login = ['--user', `${account.user}:${account.password}`];
  const url = `ftp://${address}:${at.port}`;
  return execa('curl', [...common, ...login, ...args.map((arg) => arg.replace('{at}', url))], {
    reject: false,
  });
}

const pinned = ['--ssl-reqd', '--insecure', '--pinnedpubkey', lab.publicKeyPin];

describeWith({ programs: ['curl'] }, 'FTPS sink and curl', () => {
  it.each([
    ['EPSV', []],
    ['PASV', ['--disable-epsv']],
    ['TLS 1.2', ['--tls-max', '1.2']],
  ] as const)('takes an upload over %s, both connections encrypted', async (_, mode) => {
    const at = await startSink();
    const ran = await curl(at, ...pinned, ...mode, '-T', file, `{at}/${tracer.fileName}`);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    await sink.stop();
    const [receipt, ...more] = finalReceipts(recorder.lines);
    expect(more).toEqual([]);
    expect(receipt).toMatchObject({ complete: true, size: 300_000, sha256: tracer.sha256, command: 'STOR' });
    const data = receipt?.sockets.find(({ role }) => role === 'data');
    // Records and handshake are payload of the transport; the file is not larger for it.
    expect(data?.bytesFromClient).toBeGreaterThan(300_400);
    expect(data?.bytesFromClient).toBeLessThan(303_000);
    expect(data?.bytesToClient).toBeGreaterThan(100);
    expect(recorder.refusals).toEqual([]);
  });

  it('serves a planned download', async () => {
    const at = await startSink();
    const target = join(directory, 'download');
    expect((await curl(at, ...pinned, '-o', target, `{at}/${served.fileName}`)).exitCode).toBe(0);
    expect((await readFile(target)).equals(served.bytes)).toBe(true);
    await sink.stop();
    expect(finalReceipts(recorder.lines)).toMatchObject([
      { command: 'RETR', complete: true, sha256: served.sha256 },
    ]);
  });

  it('takes plain FTP as well; without a certificate it offers no TLS', async () => {
    const at = await startSink();
    expect((await curl(at, '-T', file, `{at}/${tracer.fileName}`)).exitCode).toBe(0);
    await sink.stop();
    expect(finalReceipts(recorder.lines)).toMatchObject([{ complete: true }]);
    recorder = recordingSink({ address, expected: [expectUpload(tracer)] });
    sink = ftpSink(recorder.options);
    const plain = await sink.start();
    expect((await curl(plain, ...pinned, '-T', file, `{at}/${tracer.fileName}`)).exitCode).toBe(64);
  });

  it('is refused by a client that pins another key, or trusts its issuers alone', async () => {
    const at = await startSink();
    const upload = ['-T', file, `{at}/${tracer.fileName}`];
    const other = labCertificate([address], Date.now()).publicKeyPin;
    const wrong = ['--ssl-reqd', '--insecure', '--pinnedpubkey', other];
    expect((await curl(at, ...wrong, ...upload)).exitCode).toBe(90);
    expect((await curl(at, '--ssl-reqd', ...upload)).exitCode).toBe(60);
    await sink.stop();
    expect(recorder.lines).toEqual([]);
  });
});

describe('FTPS sink and basic-ftp', () => {
  it('takes several files in one session, by a client that reuses its TLS session', async () => {
    const other = testTracer('ftps-2', 90_000);
    const at = await startSink({
      clients: ['127.0.0.1', address],
      expected: [expectUpload(tracer), expectUpload(other)],
    });
    const client = new Client(10_000);
    try {
      const secureOptions = { ca: lab.certificate, checkServerIdentity: () => undefined };
      await client.access({ host: address, port: at.port, ...account, secure: true, secureOptions });
      await client.uploadFrom(Readable.from(tracer.bytes), tracer.fileName);
      await client.appendFrom(Readable.from(other.bytes), other.fileName);
    } finally {
      client.close();
    }
    await sink.stop();
    expect(finalReceipts(recorder.lines)).toMatchObject([
      { complete: true, command: 'STOR', sha256: tracer.sha256 },
      { complete: true, command: 'APPE', sha256: other.sha256 },
    ]);
  });
});

describeWith({ programs: ['openssl'] }, 'FTPS sink and OpenSSL', () => {
  it('shows its certificate after AUTH TLS', async () => {
    const at = await startSink({ clients: ['127.0.0.1', address] });
    const shown = await execa(
      'openssl',
      ['s_client', '-starttls', 'ftp', '-connect', `${address}:${at.port}`, '-showcerts', '-crlf'],
      { input: 'QUIT\n', reject: false },
    );
    const [pem] = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/.exec(shown.stdout) ?? [];
    expect(pem?.replaceAll(/\s/g, '')).toBe(lab.certificate.replaceAll(/\s/g, ''));
    expect(shown.stdout).toMatch(/TLSv1\.3/);
  });
});

describe('replies of RFC 4217', () => {
  it('before TLS: PBSZ and PROT are out of sequence, other mechanisms unknown, FEAT names what there is', async () => {
    const at = await startSink({ clients: ['127.0.1.1'] });
    const client = await rawFtp(at);
    expect(await client.command('PBSZ 0')).toMatch(/^503 /);
    expect(await client.command('PROT P')).toMatch(/^503 /);
    expect(await client.command('AUTH GSSAPI')).toMatch(/^504 /);
    expect(await client.command('CCC')).toMatch(/^533 /);
    const features = await client.command('FEAT');
    for (const name of ['AUTH TLS', 'PBSZ', 'PROT']) expect(features).toContain(` ${name}\r\n`);
    await client.command('QUIT');
  });

  it('without a certificate AUTH is not implemented', async () => {
    const at = await startSink({ tls: undefined as never });
    const client = await loggedInFtp(at, account);
    expect(await client.command('AUTH TLS')).toMatch(/^502 /);
    expect(await client.command('FEAT')).not.toContain('AUTH');
  });

  it('after TLS: PBSZ before PROT, C and P, no S and E, no second AUTH, no way back', async () => {
    const client = await secureFtp(await rawFtp(await startSink()));
    const commands = ['PROT P', 'PBSZ x', 'PBSZ 4096', 'PROT S', 'PROT E', 'PROT X', 'PROT C', 'PROT P'];
    const codes: string[] = [];
    for (const command of [...commands, 'AUTH TLS', 'CCC', 'QUIT'])
      codes.push((await client.command(command)).slice(0, 3));
    expect(codes.join(' ')).toBe('503 501 200 536 536 504 200 200 503 534 221');
    await client.closed;
  });

  it('a login in the clear does not last', async () => {
    const client = await secureFtp(await loggedInFtp(await startSink(), account));
    expect(await client.command('PWD')).toMatch(/^530 /);
  });

  async function sendOver(data: Socket): Promise<void> {
    data.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => data.once('close', () => resolve()));
    data.end(tracer.bytes);
    await closed;
  }

  it('PROT C leaves the data in the clear', async () => {
    const client = await loggedInFtps(await startSink(), account, 'C');
    const port = announcedPort(await client.command('EPSV'));
    const data = connect({ host: address, port, localAddress: '127.0.1.1' });
    expect(await client.command(`STOR ${tracer.fileName}`)).toMatch(/^150 /);
    await sendOver(data);
    expect(await client.reply()).toMatch(/^226 /);
    await client.command('QUIT');
    await client.closed;
    await sink.stop();
    const [receipt] = finalReceipts(recorder.lines);
    expect(receipt).toMatchObject({ complete: true, sha256: tracer.sha256 });
    expect(receipt?.sockets.find(({ role }) => role === 'data')?.bytesFromClient).toBe(300_000);
  });

  it('in active mode too the client begins TLS on the data connection', async () => {
    const client = await loggedInFtps(await startSink(), account, 'P');
    const door = createServer();
    door.listen(0, '127.0.1.1');
    await once(door, 'listening');
    const { port } = door.address() as AddressInfo;
    try {
      const accepted = once(door, 'connection') as Promise<[Socket]>;
      expect(await client.command(`PORT 127,0,1,1,${port >> 8},${port & 255}`)).toMatch(/^200 /);
      expect(await client.command(`STOR ${tracer.fileName}`)).toMatch(/^150 /);
      const [socket] = await accepted;
      const data = connectTls({ socket, ca: lab.certificate, checkServerIdentity: () => undefined });
      await once(data, 'secureConnect');
      // Nothing comes unasked that a client which only sends would leave unread.
      expect(data.getProtocol()).toBe('TLSv1.2');
      await sendOver(data);
      expect(await client.reply()).toMatch(/^226 /);
    } finally {
      door.close();
    }
    await sink.stop();
    expect(finalReceipts(recorder.lines)).toMatchObject([{ complete: true, sha256: tracer.sha256 }]);
  });

  it('acts on nothing that stood behind AUTH in the clear', async () => {
    const at = await startSink({ limits: { ...defaultSinkLimits, idleTimeoutMs: 500 } });
    const client = await rawFtp(at);
    client.socket.write('AUTH TLS\r\nUSER injected\r\nPASS injected\r\n');
    expect(await client.reply()).toMatch(/^234 /);
    await client.closed;
    expect(
      recorder.log.filter((record) => (record['event'] as { action: string }).action === 'login'),
    ).toEqual([]);
  });

  it('a data connection without TLS after PROT P is broken, and its receipt says why', async () => {
    const client = await loggedInFtps(await startSink(), account, 'P');
    const port = announcedPort(await client.command('EPSV'));
    const data = connect({ host: address, port, localAddress: '127.0.1.1' });
    await client.command(`STOR ${tracer.fileName}`);
    await sendOver(data);
    expect(await client.reply()).toMatch(/^42[56] /);
    expect(recorder.lines).toMatchObject([
      { complete: false, size: 0, error: 'no TLS on the data connection: wrong version number' },
    ]);
  });

  it('ends a session that answers AUTH TLS with something else, notes it, and goes on', async () => {
    const at = await startSink();
    for (const noise of [Buffer.alloc(600, 0x16), Buffer.from('GET / HTTP/1.0\r\n\r\n'), Buffer.alloc(0)]) {
      const client = await rawFtp(at);
      expect(await client.command('AUTH TLS')).toMatch(/^234 /);
      client.socket.end(noise);
      await client.closed;
    }
    expect(recorder.refusals.map(({ what }) => what)).toContain('TLS');
    const client = await loggedInFtps(at, account, 'P');
    expect(await client.command('QUIT')).toMatch(/^221 /);
  });

  it('breaks a transfer off when it stops, whatever state TLS is in', async () => {
    const at = await startSink();
    const [silent, half] = [await loggedInFtps(at, account, 'P'), await loggedInFtps(at, account, 'P')];
    for (const client of [silent, half]) {
      const port = announcedPort(await client.command('EPSV'));
      const data = connect({ host: address, port, localAddress: '127.0.1.1' });
      data.on('error', () => undefined);
      const file = client === silent ? tracer.fileName : served.fileName;
      expect(await client.command(`${client === silent ? 'STOR' : 'RETR'} ${file}`)).toMatch(/^150 /);
      if (client === half) {
        const stream = connectTls({ socket: data, rejectUnauthorized: false });
        stream.on('error', () => undefined);
        await once(stream, 'secureConnect');
      }
    }
    await sink.stop();
    const receipts = finalReceipts(recorder.lines);
    expect(receipts.map(({ complete, error }) => [complete, error])).toEqual([
      [false, 'The sink is stopping'],
      [false, 'The sink is stopping'],
    ]);
  });

  it('names a key that does not belong to the certificate', () => {
    const key = new Secret(labCertificate([address], Date.now()).key.reveal());
    const start = () => ftpSink(recordingSink({ address, tls: { ...tls, key } }).options);
    expect(start).toThrow(/certificate or its key cannot be used/);
    expect(start).not.toThrow(/PRIVATE KEY/);
  });
});

describeWith(
  { programs: ['tshark', 'curl'], root: true, platforms: ['linux'] },
  'FTPS receipts equal what tshark captured',
  () => {
    const sorted = (flows: readonly CapturedFlow[]) =>
      [...flows].sort((a, b) => `${a.source} ${a.destination}`.localeCompare(`${b.source} ${b.destination}`));

    it('sockets and payload bytes of control and data', async () => {
      const at = await startSink();
      const capture = await captureLoopback(address, directory);
      await curl(at, ...pinned, '-T', file, `{at}/${tracer.fileName}`);
      await curl(at, ...pinned, '-o', join(directory, 'download'), `{at}/${served.fileName}`);
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
  },
);
