import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from 'basic-ftp';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { protocols, type Protocol } from '../../src/config/index.js';
import { InputError, LabError, waitFor, type Endpoint } from '../../src/core/index.js';
import { labCertificate, sinkFactories, type Sink, type SinkOptions } from '../../src/sinks/index.js';
import { describeWith, type Needs } from '../helpers/requires.js';
import {
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';
import { packagePut } from '../helpers/tftp-client.js';

interface Peer {
  readonly protocol: Protocol;
  readonly needs: Needs;
  readonly options?: Partial<SinkOptions>;
  readonly address: string;
  /** Uploads with a client of somebody else's. Rejects where the sink refuses. */
  upload(at: Endpoint, name: string, content: Buffer): Promise<void>;
}

const account = { user: 'dk3f9q2x', password: 'nonce-1234' };
let directory: string;

async function ftpUpload(at: Endpoint, name: string, content: Buffer, ca?: string): Promise<void> {
  const client = new Client(5000);
  const secure =
    ca === undefined ? {} : { secure: true, secureOptions: { ca, checkServerIdentity: () => undefined } };
  try {
    await client.access({ host: at.ip, port: at.port, ...account, ...secure });
    await client.uploadFrom(Readable.from([content]), name);
  } finally {
    client.close();
  }
}

const smb: Omit<Peer, 'address'> = {
  protocol: 'smb',
  needs: { programs: ['smbd', 'smbpasswd', 'smbclient'], root: true },
  async upload(at, name, content) {
    const [file, login] = [join(directory, 'content'), join(directory, 'account')];
    await writeFile(file, content);
    await writeFile(login, `username = ${account.user}\npassword = ${account.password}\n`);
    const { stdout } = await execa(
      'smbclient',
      [`//${at.ip}/drop`, '-p', String(at.port), '-A', login, '-c', `put ${file} ${name}`],
      { all: true, reject: false },
    );
    if (stdout.includes('NT_STATUS')) throw new Error(stdout);
  },
};

const certificate = labCertificate(['127.0.2.54'], Date.now());

const peers: Readonly<Record<string, Peer>> = {
  ftp: {
    needs: {},
    protocol: 'ftp',
    address: '127.0.2.51',
    upload: ftpUpload,
  },
  'ftp with TLS': {
    needs: {},
    protocol: 'ftp',
    address: '127.0.2.54',
    options: { tls: certificate },
    upload: (at, name, content) => ftpUpload(at, name, content, certificate.certificate),
  },
  tftp: {
    needs: {},
    protocol: 'tftp',
    address: '127.0.2.52',
    upload: (at, name, content) => packagePut({ host: at.ip, port: at.port }, name, content),
  },
  smb: { ...smb, address: '127.0.2.53' },
  'smb with encryption': { ...smb, address: '127.0.2.55', options: { encrypt: 'required' } },
};

it('every protocol has its sink', () => {
  expect([...sinkFactories.names].sort()).toEqual([...protocols].sort());
});

describe.each(Object.entries(peers))('%s sink', (kind, peer) => {
  const { protocol } = peer;
  describeWith(peer.needs, `${kind} keeps the contract`, () => {
    const tracer = testTracer(`contract-${kind}`, 150_000);
    let sinks: Sink[];
    let recorder: SinkRecorder;

    async function start(overrides: Partial<SinkOptions> = {}) {
      recorder = recordingSink({
        address: peer.address,
        // smbclient comes from the address that it connects to.
        clients: ['127.0.0.1', peer.address],
        account,
        expected: [expectUpload(tracer)],
        ...peer.options,
        directory: join(directory, `sink-${sinks.length}`),
        ...overrides,
      });
      const sink = sinkFactories.get(protocol)(recorder.options);
      sinks.push(sink);
      return { sink, at: await sink.start() };
    }

    beforeEach(async () => {
      sinks = [];
      directory = await mkdtemp(join(tmpdir(), 'dyetrace-contract-'));
      await chmod(directory, 0o755);
    });
    afterEach(async () => {
      for (const sink of sinks) await sink.stop();
      await rm(directory, { recursive: true, force: true });
    });

    it('listens where it says, on the address that it was given', async () => {
      const { sink, at } = await start();
      expect(at.ip).toBe(peer.address);
      expect(at.port).toBeGreaterThan(0);
      expect(sink.protocol).toBe(protocol);
      expect(sink.describe()).toMatchObject({ id: 'sink-1', address: at.ip, port: at.port });
    });

    it('takes the planned tracer, once, and its receipt says so', async () => {
      const { at } = await start();
      await peer.upload(at, tracer.fileName, tracer.bytes);
      await waitFor(() => recorder.lines.length > 0, { timeoutMs: 10_000 });
      await expect(peer.upload(at, tracer.fileName, tracer.bytes)).rejects.toThrow();
      await sinks[0]?.stop();
      const complete = finalReceipts(recorder.lines).filter((receipt) => receipt.complete);
      expect(complete).toHaveLength(1);
      expect(complete[0]).toMatchObject({
        protocol,
        sink: 'sink-1',
        direction: 'upload',
        executionId: tracer.spec.execution,
        fileName: tracer.fileName,
        size: tracer.bytes.length,
        sha256: tracer.sha256,
        error: null,
      });
      const sockets = complete[0]?.sockets ?? [];
      const bytes = sockets.reduce((sum, socket) => sum + socket.bytesFromClient, 0);
      expect(bytes).toBeGreaterThanOrEqual(tracer.bytes.length);
      for (const { openedBy, source, destination } of sockets) {
        const [client, server] = openedBy === 'client' ? [source, destination] : [destination, source];
        expect(server.ip).toBe(peer.address);
        expect(recorder.options.clients).toContain(client.ip);
      }
      expect(recorder.refusals.length).toBeGreaterThan(0);
    });

    it('writes its own log in the common shape', async () => {
      const { at } = await start();
      await peer.upload(at, tracer.fileName, tracer.bytes);
      const written = await waitFor(
        () => recorder.log.find((record) => (record['event'] as { action: string }).action === 'write'),
        { timeoutMs: 10_000 },
      );
      expect(written).toMatchObject({
        event: { module: 'dyetrace_sink', dataset: `dyetrace_sink.${protocol}`, outcome: 'success' },
        observer: { type: 'server', name: 'sink-1' },
        destination: { ip: peer.address, port: at.port },
        network: { protocol, transport: protocol === 'tftp' ? 'udp' : 'tcp' },
        file: { name: tracer.fileName, size: tracer.bytes.length, hash: { sha256: tracer.sha256 } },
      });
    });

    it('refuses what the plan does not name, and notes it', async () => {
      const { at } = await start();
      await expect(peer.upload(at, 'payroll.xls', tracer.bytes)).rejects.toThrow();
      expect(recorder.refusals).not.toEqual([]);
      expect(recorder.lines).toEqual([]);
    });

    it('never calls complete what is not the tracer', async () => {
      const { at } = await start();
      // A protocol that acknowledged before it could know may not reject; the receipt tells.
      await peer.upload(at, tracer.fileName, Buffer.alloc(150_000, 1)).catch(() => undefined);
      await sinks[0]?.stop();
      expect(finalReceipts(recorder.lines).filter((receipt) => receipt.complete)).toEqual([]);
      expect(recorder.refusals).not.toEqual([]);
    });

    it('yields its receipts, superseding ones too, until it is stopped', async () => {
      const { sink, at } = await start();
      const reading = (async () => {
        const seen = [];
        for await (const receipt of sink.receipts()) seen.push(receipt);
        return seen;
      })();
      await peer.upload(at, tracer.fileName, tracer.bytes);
      await waitFor(() => recorder.lines.length > 0, { timeoutMs: 10_000 });
      await sink.stop();
      const seen = await reading;
      expect(seen).toEqual(recorder.lines);
      expect(seen.length).toBeGreaterThan(0);
    });

    it('binds no wildcard, and says what to do where it cannot bind', async () => {
      await expect(start({ address: '0.0.0.0' })).rejects.toThrow(InputError);
      await expect(start({ address: '::' })).rejects.toThrow(InputError);
      const { at } = await start();
      const again = await start({ port: at.port }).catch((error: unknown) => error);
      expect(again).toBeInstanceOf(LabError);
      expect((again as LabError).remedy).toContain(`${at.ip}:${at.port}`);
    });

    it('stops more than once, and frees its port', async () => {
      const { sink, at } = await start();
      await Promise.all([sink.stop(), sink.stop()]);
      await sink.stop();
      expect((await start({ port: at.port })).at).toEqual(at);
    });
  });
});
