import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { waitFor } from '../../src/core/index.js';
import { defaultSinkLimits } from '../../src/sinks/types.js';
import { describeWith } from '../helpers/requires.js';
import { expectDownload, expectUpload, testTracer, testPiece } from '../helpers/sink-lab.js';
import { account, large, one, slowly, smbLab, three, two } from '../helpers/smb-lab.js';

const lab = smbLab('127.0.2.45');

describeWith({ programs: ['smbd', 'smbpasswd', 'smbclient'], root: true }, 'SMB sink and smbclient', () => {
  it('takes a planned upload, and its receipt and log line say so', async () => {
    const before = Date.now();
    await lab.start([expectUpload(one)]);
    expect(await lab.smbclient(lab.put(one, one.fileName.toUpperCase()))).not.toContain('NT_STATUS');
    const [got] = await lab.receipts();
    expect(got).toMatchObject({
      protocol: 'smb',
      sink: 'sink-1',
      executionId: one.spec.execution,
      direction: 'upload',
      command: 'CREATE',
      fileName: one.fileName,
      size: one.spec.size,
      sha256: one.sha256,
      complete: true,
      error: null,
      sockets: [
        {
          role: 'data',
          transport: 'tcp',
          openedBy: 'client',
          destination: { ip: lab.address, port: lab.at.port },
        },
      ],
    });
    const [socket] = got?.sockets ?? [];
    expect(socket?.bytesFromClient).toBeGreaterThan(one.spec.size);
    expect(socket?.bytesToClient).toBeLessThan(100_000);
    const [first, last] = [Date.parse(got?.firstByteAt ?? ''), Date.parse(got?.lastByteAt ?? '')];
    expect(first).toBeGreaterThanOrEqual(before);
    expect(last).toBeGreaterThanOrEqual(first);
    expect(last).toBeLessThanOrEqual(Date.now());
    expect(lab.recorder.log).toEqual([
      {
        '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/) as string,
        event: { module: 'dyetrace_sink', dataset: 'dyetrace_sink.smb', action: 'write', outcome: 'success' },
        observer: { type: 'server', name: 'sink-1' },
        source: socket?.source,
        destination: { ip: lab.address, port: lab.at.port },
        network: { protocol: 'smb', transport: 'tcp' },
        file: {
          name: one.fileName,
          path: `\\\\${lab.address}\\drop\\${one.fileName}`,
          size: one.spec.size,
          hash: { sha256: one.sha256 },
        },
        user: { name: account.user },
        smb: { share: 'drop', command: 'CREATE' },
      },
    ]);
    expect(lab.recorder.refusals).toEqual([]);
  });

  for (const options of [
    ['-m', 'SMB2_10'],
    ['-m', 'SMB3_11'],
    ['-m', 'SMB3', '--client-protection=encrypt'],
  ]) {
    it(`takes uploads over one connection with ${options.join(' ')}`, async () => {
      await lab.start([one, two, three].map((tracer) => expectUpload(tracer)));
      expect(
        await lab.smbclient([one, two, three].map((tracer) => lab.put(tracer)).join('; '), ...options),
      ).not.toContain('NT_STATUS');
      const got = await lab.receipts(3);
      expect(got.map(({ sha256, complete }) => ({ sha256, complete }))).toEqual(
        [one, two, three].map(({ sha256 }) => ({ sha256, complete: true })),
      );
      expect(new Set(got.map(({ sockets }) => sockets[0]?.source.port)).size).toBe(1);
      for (const { size, sockets } of got) {
        expect(sockets[0]?.bytesFromClient).toBeGreaterThan(size);
        // Sessions, look-ups and headers: far less than the next larger file.
        expect(sockets[0]?.bytesFromClient).toBeLessThan(size * 1.05 + 20_000);
      }
    });
  }

  it('ends the connection once the transfer is over, so that the next one gets its own', async () => {
    await lab.start([expectUpload(one), expectUpload(two)], {}, {});
    const client = lab.interactive();
    const ended = once(client, 'exit');
    client.stdin.write(`${lab.put(one)}\n`);
    const [got] = await lab.receipts();
    expect(got?.complete).toBe(true);
    client.stdin.end(`${lab.put(two)}\n`);
    await ended;
    expect(lab.recorder.lines).toHaveLength(1);
    expect(await lab.smbclient(lab.put(two))).not.toContain('NT_STATUS');
    const [, next] = await lab.receipts(2);
    expect(next?.sockets[0]?.source.port).not.toBe(got?.sockets[0]?.source.port);
  });

  it('keeps the connection while pieces of the same execution are to come, as Windows does', async () => {
    const pieces = [1, 2].map((piece) => testPiece(one, piece));
    for (const piece of pieces) await writeFile(lab.local(piece), piece.bytes);
    await lab.start(
      [...pieces, two].map((tracer) => expectUpload(tracer)),
      {},
      {},
    );
    const client = lab.interactive();
    const ended = once(client, 'exit');
    for (const [index, piece] of pieces.entries()) {
      client.stdin.write(`${lab.put(piece)}\n`);
      await lab.receipts(index + 1);
    }
    await ended;
    const got = lab.recorder.lines;
    expect(got.map(({ complete, fileName, sha256 }) => ({ complete, fileName, sha256 }))).toEqual(
      pieces.map(({ fileName, sha256 }) => ({ complete: true, fileName, sha256 })),
    );
    expect(new Set(got.map(({ sockets }) => sockets[0]?.source.port)).size).toBe(1);
    // The session's set-up is paid for once.
    expect(got[1]?.sockets[0]?.bytesToClient).toBeLessThan((got[0]?.sockets[0]?.bytesToClient ?? 0) / 2);
  });

  it('serves a planned download, and nothing else, as often as planned', async () => {
    await lab.start([expectDownload(one, { times: 2 })]);
    const copy = join(lab.directory, 'copy');
    expect(await lab.smbclient(`get ${one.fileName} ${copy}`)).not.toContain('NT_STATUS');
    expect((await readFile(copy)).equals(one.bytes)).toBe(true);
    expect(await lab.smbclient(`get ${one.fileName} ${copy}; get other.dat ${copy}`)).toContain(
      'NT_STATUS_OBJECT_NAME_NOT_FOUND opening remote file \\other.dat',
    );
    const got = await lab.receipts(2);
    for (const receipt of got) {
      expect(receipt).toMatchObject({
        direction: 'download',
        complete: true,
        size: one.spec.size,
        sha256: one.sha256,
        executionId: one.spec.execution,
      });
      expect(receipt.sockets[0]?.bytesToClient).toBeGreaterThan(one.spec.size);
      expect(receipt.sockets[0]?.bytesFromClient).toBeLessThan(100_000);
    }
    expect(await lab.smbclient(`get ${one.fileName} ${copy}`)).toContain('NT_STATUS_');
    expect(await lab.smbclient(lab.put(one))).toContain('NT_STATUS_ACCESS_DENIED');
    expect(lab.recorder.lines).toHaveLength(2);
    expect(lab.recorder.log.map((record) => (record['event'] as { action: string }).action)).toEqual([
      'read',
      'read',
    ]);
  });

  it('refuses what the plan does not name, in SMB itself', async () => {
    await lab.start([expectUpload(one)]);
    const output = await lab.smbclient(
      `${lab.put(two, 'other.dat')}; mkdir folder; rename ${one.fileName} x.dat; ${lab.put(one)}`,
    );
    expect(output).toContain('NT_STATUS_ACCESS_DENIED opening remote file \\other.dat');
    expect(output).toContain('NT_STATUS_ACCESS_DENIED making remote directory \\folder');
    expect(output).toContain('NT_STATUS_ACCESS_DENIED renaming files');
    expect((await lab.receipts())[0]?.complete).toBe(true);
    expect(await lab.refusal(({ what }) => what === 'CREATE other.dat')).toMatchObject({
      sink: 'sink-1',
      protocol: 'smb',
      reason: expect.stringContaining('STATUS_ACCESS_DENIED') as string,
    });
    expect(await lab.refusal(({ what }) => what === 'CREATE folder')).toBeDefined();
  });

  it('takes a file once, in one session and in the next', async () => {
    await lab.start([expectUpload(one)]);
    expect(await lab.smbclient(`${lab.put(one)}; ${lab.put(one)}`)).toContain(
      'NT_STATUS_ACCESS_DENIED opening remote file',
    );
    expect(await lab.smbclient(lab.put(one))).toContain('NT_STATUS_ACCESS_DENIED opening remote file');
    const [got] = await lab.receipts();
    expect(got).toMatchObject({ complete: true, sha256: one.sha256 });
    expect(lab.recorder.refusals.filter(({ what }) => what === `CREATE ${one.fileName}`)).toHaveLength(2);
  });

  it('takes a file as often as planned, each time with its own receipt', async () => {
    await lab.start([expectUpload(two, { times: 3 })]);
    await lab.smbclient(`${lab.put(two)}; ${lab.put(two)}`);
    await lab.smbclient(`${lab.put(two)}; ${lab.put(two)}`);
    const got = await lab.receipts(3);
    expect(got.map(({ complete, sha256 }) => complete && sha256)).toEqual([
      two.sha256,
      two.sha256,
      two.sha256,
    ]);
    expect(await lab.refusal(({ what }) => what === `CREATE ${two.fileName}`)).toBeDefined();
  });

  // Windows' CopyFile asks for DELETE on its destination; a tool may also delete what it is about to replace.
  it('grants DELETE, and puts a file back that was deleted before its transfer', async () => {
    await lab.start([expectUpload(one)]);
    expect(await lab.smbclient(`del ${one.fileName}; ${lab.put(one)}`)).not.toContain('NT_STATUS');
    expect((await lab.receipts())[0]).toMatchObject({ complete: true, sha256: one.sha256 });
  });

  it('has the content of a file that was deleted after its transfer', async () => {
    await lab.start([expectUpload(one)]);
    await lab.smbclient(`${lab.put(one)}; del ${one.fileName}`);
    expect((await lab.receipts())[0]).toMatchObject({ complete: true, sha256: one.sha256 });
    expect(await lab.smbclient(lab.put(one))).toContain('NT_STATUS_ACCESS_DENIED');
  });

  it('removes what is no tracer of the execution, and says so', async () => {
    await lab.start([expectUpload(one), expectUpload(two)]);
    const foreign = join(lab.directory, 'foreign');
    await writeFile(foreign, Buffer.alloc(two.spec.size, 'secret'));
    await lab.smbclient(`put ${foreign} ${two.fileName}`);
    expect((await lab.receipts())[0]).toMatchObject({
      complete: false,
      error: 'the content is no tracer',
      size: two.spec.size,
      executionId: two.spec.execution,
    });
    expect(await lab.refusal(({ reason }) => reason === 'the content is no tracer')).toBeDefined();
    const sameSize = testTracer('another', one.spec.size);
    await writeFile(foreign, sameSize.bytes);
    await lab.smbclient(`put ${foreign} ${one.fileName}`);
    const [, got] = await lab.receipts(2);
    expect(got).toMatchObject({
      complete: false,
      executionId: sameSize.spec.execution,
      sha256: sameSize.sha256,
    });
    await waitFor(async () => (await readdir(join(lab.directory, 'sink', 'received'))).length === 0, {
      timeoutMs: 5000,
    });
    expect(await readdir(join(lab.directory, 'sink', 'received'))).toEqual([]);
    expect(await readdir(join(lab.directory, 'sink', 'share'))).toEqual([]);
  });

  it('stops content beyond the planned size', async () => {
    await lab.start([expectUpload(two)]);
    await lab.smbclient(`put ${lab.local(one)} ${two.fileName}`);
    const [got] = await lab.receipts();
    expect(got?.complete).toBe(false);
    expect(got?.error).toContain(`more than the ${two.spec.size} bytes`);
    expect(got?.size).toBeGreaterThan(two.spec.size);
    expect(await lab.refusal(({ what }) => what === `WRITE ${two.fileName}`)).toBeDefined();
  });

  it('writes a broken receipt where the client is killed, and counts the attempt', async () => {
    await lab.start([expectUpload(large)], slowly);
    const client = await lab.startUpload(large);
    client.kill('SIGKILL');
    const [got] = await lab.receipts();
    expect(got).toMatchObject({ complete: false, executionId: large.spec.execution });
    expect(got?.error).toContain('the file was not closed: the client');
    expect(got?.size).toBeGreaterThan(0);
    expect(got?.size).toBeLessThan(large.spec.size);
    expect(got?.sockets[0]?.bytesFromClient).toBeGreaterThan(got?.size ?? Infinity);
    expect(await lab.smbclient(lab.put(large))).toContain('NT_STATUS_ACCESS_DENIED');
    expect(lab.recorder.log[0]?.['event']).toMatchObject({ action: 'write', outcome: 'failure' });
  });

  it('refuses a wrong password, a guest and another share', async () => {
    await lab.start([expectUpload(one)]);
    await writeFile(join(lab.directory, 'account'), `username = ${account.user}\npassword = wrong\n`);
    expect(await lab.smbclient('ls')).toContain('NT_STATUS_LOGON_FAILURE');
    expect(await lab.refusal(({ reason }) => reason === 'STATUS_WRONG_PASSWORD')).toMatchObject({
      what: `session of "${account.user}"`,
    });
    await writeFile(join(lab.directory, 'account'), 'username = \npassword = \n');
    expect(await lab.smbclient('ls', '-N')).toContain('NT_STATUS_ACCESS_DENIED');
    await writeFile(
      join(lab.directory, 'account'),
      `username = ${account.user}\npassword = ${account.password}\n`,
    );
    const other = await execa('smbclient', lab.clientArguments('ls', [], 'other'), {
      reject: false,
      all: true,
    });
    expect(other.all).toContain('NT_STATUS_BAD_NETWORK_NAME');
    expect(await lab.refusal(({ what }) => what === 'TREE_CONNECT')).toBeDefined();
    expect(await lab.smbclient('ls', '-m', 'SMB2_02')).toContain('negotiation failed');
    expect(lab.recorder.lines).toEqual([]);
  });
});

describeWith(
  { programs: ['smbd', 'smbpasswd', 'smbclient'], root: true, platforms: ['linux'] },
  'SMB sink and strangers',
  () => {
    it('resets a client that it does not serve, and notes it', async () => {
      await lab.start([expectUpload(one)]);
      const stranger = lab.rawClient('127.0.1.99');
      await stranger.closed;
      expect(await lab.refusal(({ client }) => client.ip === '127.0.1.99')).toMatchObject({
        reason: 'the address is not a client of this sink',
      });
    });

    it('survives garbage, and notes it', async () => {
      await lab.start([expectUpload(one)]);
      const garbage = lab.rawClient('127.0.0.1');
      garbage.socket.end(Buffer.alloc(70_000, 0xa5));
      await garbage.closed;
      expect(await lab.refusal(({ client }) => client.ip === '127.0.0.1')).toMatchObject({
        reason: 'no session was set up',
      });
      await lab.smbclient(lab.put(one));
      expect((await lab.receipts())[0]?.complete).toBe(true);
    });

    it('limits the connections, and ends idle ones', async () => {
      await lab.start([expectUpload(one)], {
        limits: { ...defaultSinkLimits, maxConnections: 1, idleTimeoutMs: 400 },
      });
      const first = lab.rawClient('127.0.0.1');
      await once(first.socket, 'connect');
      const second = lab.rawClient('127.0.0.1');
      await second.closed;
      expect(
        await lab.refusal(({ reason }) => reason === 'more than 1 connection(s) at a time'),
      ).toBeDefined();
      await first.closed;
    });
  },
);
