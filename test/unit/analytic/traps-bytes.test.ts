import { describe, expect, it } from 'vitest';
import {
  connected,
  context,
  explorer,
  flowed,
  judge,
  logged,
  powershell,
  started,
  system32,
  type Row,
} from './rows.js';

const mebibyte = 2 ** 20;
const cmd = `${system32}cmd.exe`;
const system = (seconds: number, port: number, rest: Row = {}) =>
  connected(seconds, 4, 'System', [port, 445], rest);

// A process that is in the filter and owns its socket: what the naive rule sees as well.
const uploader = [started(0, 500, powershell, 'powershell -File up.ps1', explorer)];
const control = connected(1, 500, powershell, [50000, 21]);

describe('the traps of AN1169', () => {
  it('2: FTP bytes are on the data connection that PASV announced (fails if only port 21 counts)', async () => {
    const { hits } = await judge({
      process: uploader,
      connection: [control],
      flow: [
        flowed([1, 9], [50000, 21], [160, 500]),
        flowed([3, 8], [50010, 41000], [12 * mebibyte, 0]),
        // Another connection of these two, not of this session.
        flowed([3, 8], [50011, 42000], [99 * mebibyte, 0]),
      ],
      transfer: [
        logged(2, 'ftp', [50000, 21], {
          'log.offset': 1,
          'event.action': 'channel',
          'transfer.command': 'PASV',
          'data.source.ip': '10.0.0.1',
          'data.destination.ip': '10.0.0.9',
          'data.destination.port': 41000,
          'data.passive': true,
        }),
        logged(3, 'ftp', [50000, 21], {
          'log.offset': 2,
          'event.action': 'write',
          'transfer.command': 'STOR',
          'transfer.reply_code': 226,
          'event.outcome': 'success',
          'file.name': 'plan.zip',
        }),
      ],
    });
    expect(hits).toMatchObject([
      {
        attribution: 'direct',
        protocolFrom: 'protocol_log',
        bytesOut: 12 * mebibyte + 160,
        bytesIn: 500,
        volume: 'measured',
        fileNames: ['plan.zip'],
        matchedFileNames: ['plan.zip'],
        severity: 'high',
      },
    ]);
  });

  it('2: without a protocol log the same two hosts and the time do (fails if the log is needed)', async () => {
    const { hits } = await judge({
      process: uploader,
      connection: [control],
      flow: [
        flowed([1, 9], [50000, 21], [160, 500]),
        flowed([3, 8], [50010, 41000], [12 * mebibyte, 0]),
        flowed([300, 308], [50012, 41001], [99 * mebibyte, 0]),
      ],
    });
    expect(hits).toMatchObject([{ bytesOut: 12 * mebibyte + 160, bytesIn: 500 }]);
  });

  it("3: in active mode the upload is the responder's bytes (fails if outbound means the originator's)", async () => {
    const { hits } = await judge({
      process: uploader,
      connection: [
        control,
        connected(3, 500, powershell, [20, 50020], {
          'source.ip': '10.0.0.9',
          'destination.ip': '10.0.0.1',
          'network.direction': 'ingress',
        }),
      ],
      flow: [
        flowed([1, 9], [50000, 21], [160, 500]),
        flowed([3, 8], [20, 50020], [0, 12 * mebibyte], {
          'source.ip': '10.0.0.9',
          'destination.ip': '10.0.0.1',
        }),
      ],
    });
    expect(hits).toMatchObject([{ bytesOut: 12 * mebibyte + 160, bytesIn: 500, attribution: 'direct' }]);
  });

  it("4: TFTP leaves port 69; the client's port joins both flows (fails if port 69 alone counts)", async () => {
    const { hits } = await judge({
      process: uploader,
      connection: [connected(1, 500, powershell, [50030, 69], { 'network.transport': 'udp' })],
      flow: [
        flowed([1, 1], [50030, 69], [20, 0], { 'network.transport': 'udp' }),
        flowed([1, 9], [33333, 50030], [9000, 12 * mebibyte], {
          'network.transport': 'udp',
          'source.ip': '10.0.0.9',
          'destination.ip': '10.0.0.1',
        }),
        // Another client's port.
        flowed([1, 9], [33334, 50031], [0, 99 * mebibyte], {
          'network.transport': 'udp',
          'source.ip': '10.0.0.9',
          'destination.ip': '10.0.0.1',
        }),
      ],
    });
    expect(hits).toMatchObject([
      { protocol: 'tftp', bytesOut: 12 * mebibyte + 20, bytesIn: 9000, volume: 'measured' },
    ]);
  });

  it("8: Zeek's SMB log has the size before the write; the flow has the volume, the log the name (fails if the log's size counts)", async () => {
    const rows = (sizeBefore: number) => ({
      process: [started(0, 600, cmd, 'cmd /c copy report.rar \\\\10.0.0.9\\drop', explorer)],
      connection: [system(1, 50050)],
      transfer: [
        logged(2, 'smb', [50050, 445], {
          'event.action': 'write',
          'transfer.command': 'SMB::FILE_WRITE',
          'file.name': 'report.rar',
          'file.path': '\\\\10.0.0.9\\drop\\report.rar',
          'file.size': sizeBefore,
        }),
      ],
    });
    const flow = [flowed([1, 9], [50050, 445], [12 * mebibyte, 9000])];
    for (const sizeBefore of [0, 64 * mebibyte]) {
      expect((await judge({ ...rows(sizeBefore), flow })).hits).toMatchObject([
        {
          bytesOut: 12 * mebibyte,
          volume: 'measured',
          via: 'file_name',
          matchedFileNames: ['report.rar'],
          severity: 'high',
        },
      ]);
      // Without the flow nobody knows the bytes.
      expect((await judge(rows(sizeBefore))).hits).toMatchObject([{ bytesOut: null, volume: 'absent' }]);
    }
  });

  it('9: low and slow uploads of one process are summed over the window (fails if each session stands alone)', async () => {
    const small = (count: number, gap: number) => ({
      process: uploader,
      connection: Array.from({ length: count }, (_, n) =>
        connected(1 + n * gap, 500, powershell, [51000 + n, 21]),
      ),
      // As much in as out, so that only the sum can tell.
      flow: Array.from({ length: count }, (_, n) =>
        flowed([1 + n * gap, 2 + n * gap], [51000 + n, 21], [1_100_000, 1_100_000]),
      ),
    });
    const { hits } = await judge(small(10, 300));
    expect(hits).toMatchObject([{ bytesOut: 11_000_000, severity: 'medium' }]);
    expect(hits[0]?.reasons.join()).toContain('10 sessions');
    // The same, spread over days: no window holds enough.
    expect((await judge(small(10, 7200))).hits).toEqual([]);
  });

  it('11: pieces of one flow add up, reports of the same flow do not (fails if rows are summed or one is taken)', async () => {
    const pieces = [
      flowed([1, 300], [50000, 21], [6 * mebibyte, 100]),
      flowed([301, 600], [50000, 21], [6 * mebibyte, 100]),
    ];
    expect((await judge({ process: uploader, connection: [control], flow: pieces })).hits).toMatchObject([
      { bytesOut: 12 * mebibyte, bytesIn: 200 },
    ]);
    const twice = [
      flowed([1, 300], [50000, 21], [6 * mebibyte, 100]),
      flowed([1, 300], [50000, 21], [6 * mebibyte, 100]),
      flowed([1, 300], [50000, 21], [5 * mebibyte, 100], { 'event.module': 'second sensor' }),
    ];
    const { hits } = await judge({ process: uploader, connection: [control], flow: twice });
    expect(hits).toMatchObject([{ bytesOut: 6 * mebibyte, bytesIn: 100 }]);
    expect(hits[0]?.reasons.join()).toContain('disagree');
  });

  it('11: headers are taken off counters that include them (fails if frame bytes pass for payload)', async () => {
    // TFTP: 49 data packets of 24,795 payload bytes, 50 acknowledgements of 4; 42 bytes of headers each.
    const { hits } = await judge(
      {
        process: uploader,
        connection: [connected(1, 500, powershell, [57509, 69], { 'network.transport': 'udp' })],
        flow: [
          flowed([1, 9], [2087, 57509], [2300, 26_853], {
            'network.transport': 'udp',
            'source.ip': '10.0.0.9',
            'destination.ip': '10.0.0.1',
            'source.packets': 50,
            'destination.packets': 49,
            'flow.counter': 'frame',
          }),
        ],
      },
      context({ minimumBytes: 1000 }),
    );
    expect(hits).toMatchObject([{ bytesOut: 24_795, bytesIn: 200, volume: 'measured' }]);
  });

  it('11: a flow that counts less than the file has is partial (fails if any number is believed)', async () => {
    const { hits } = await judge({
      process: uploader,
      connection: [connected(1, 500, powershell, [50000, 21])],
      transfer: [
        logged(2, 'ftp', [50000, 21], {
          'event.action': 'write',
          'transfer.command': 'STOR',
          'event.outcome': 'success',
          'file.name': 'plan.bin',
          'file.size': 50 * mebibyte,
        }),
      ],
      flow: [
        flowed([1, 9], [50000, 21], [160, 500]),
        flowed([3, 8], [50010, 41000], [12 * mebibyte, 0], { 'network.protocol': 'ftp-data' }),
      ],
    });
    expect(hits).toMatchObject([{ bytesOut: 12 * mebibyte + 160, volume: 'partial' }]);
  });
});
