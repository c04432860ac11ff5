import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Activity } from '../../../../src/simulator/activity.js';
import { zeekSensor } from '../../../../src/simulator/sensors/zeek.js';
import type { ShippedRecord } from '../../../../src/simulator/types.js';
import { describeWith, fixtures } from '../../../helpers/requires.js';
import {
  activeData,
  at,
  control,
  passiveData,
  smb,
  socket,
  tftpRequest,
  tftpTransfer,
} from '../hand-made.js';

function see(...activities: Activity[]) {
  const shipped: ShippedRecord[] = [];
  const sense = zeekSensor({ sensor: 'zeek', faults: [], ship: (record) => shipped.push(record) });
  for (const activity of activities) sense(activity);
  return {
    sense,
    shipped,
    rows: (log: string) =>
      shipped.filter(({ source }) => source === `zeek-${log}`).map(({ record }) => record),
  };
}

const closed = (of: typeof control, bytesSent: number, bytesReceived: number, lastsMs = 1500): Activity => ({
  kind: 'socket-closed',
  at: of.openedAt + lastsMs,
  socket: of,
  bytesSent,
  bytesReceived,
  firstByteAt: of.openedAt,
  lastByteAt: of.openedAt + lastsMs,
});

const ftpCommand = (values: Partial<Extract<Activity, { kind: 'ftp-command' }>>): Activity => ({
  kind: 'ftp-command',
  at: at + 100,
  socket: control,
  command: 'NOOP',
  argument: null,
  replyCode: 200,
  replyText: 'OK',
  user: 'run-k3f9',
  data: null,
  content: null,
  ...values,
});

const stor = (data: typeof control, command = 'STOR') =>
  ftpCommand({
    command,
    argument: 'dk3f9q2x.bin',
    replyCode: 226,
    replyText: 'Transfer complete.',
    content: { bytes: 65_536, socket: data, fileName: 'dk3f9q2x.bin' },
  });

describe('conn.log', () => {
  it('is written when the flow ends', () => {
    const zeek = see({ kind: 'socket-opened', at, socket: passiveData });
    expect(zeek.shipped).toEqual([]);
    zeek.sense(closed(passiveData, 65_536, 0));
    expect(zeek.rows('conn')).toMatchObject([
      {
        ts: 1_795_545_912.345,
        'id.orig_h': '127.0.1.1',
        'id.orig_p': 50_002,
        'id.resp_h': '127.0.2.1',
        'id.resp_p': 60_000,
        proto: 'tcp',
        service: 'ftp-data',
        duration: 1.5,
        orig_bytes: 65_536,
        resp_bytes: 0,
        conn_state: 'SF',
        local_orig: true,
        local_resp: true,
        missed_bytes: 0,
        history: 'ShADFf',
      },
    ]);
    zeek.sense.finish(at + 9000);
    expect(zeek.rows('conn')).toHaveLength(1);
  });

  it('turns an active FTP upload round: the sink is the originator', () => {
    const [row] = see(closed(activeData, 65_536, 0)).rows('conn');
    expect(row).toMatchObject({
      'id.orig_h': '127.0.2.1',
      'id.orig_p': 20,
      'id.resp_p': 50_003,
      orig_bytes: 0,
      resp_bytes: 65_536,
    });
  });

  it('has two TFTP flows: a lone request without counts, and the upload as resp_bytes', () => {
    const [request, transfer] = see(closed(tftpRequest, 29, 0, 0), closed(tftpTransfer, 66_052, 516)).rows(
      'conn',
    );
    expect(request).toMatchObject({
      'id.orig_p': 50_005,
      'id.resp_p': 69,
      conn_state: 'S0',
      history: 'D',
      orig_pkts: 1,
      orig_ip_bytes: 57,
    });
    for (const absent of ['service', 'duration', 'orig_bytes', 'resp_bytes']) {
      expect(request).not.toHaveProperty(absent);
    }
    expect(transfer).toMatchObject({
      'id.orig_p': 61_000,
      'id.resp_p': 50_005,
      orig_bytes: 516,
      resp_bytes: 66_052,
      conn_state: 'SF',
    });
    expect(transfer).not.toHaveProperty('service');
  });

  it('gives both directions of a flow one community id, and each flow a uid of its own', () => {
    const mirrored = { ...passiveData, id: 'other', openedBy: 'remote' as const };
    const [a, b] = see(closed(passiveData, 1, 1), closed(mirrored, 1, 1)).rows('conn');
    expect(a?.['community_id']).toBe(b?.['community_id']);
    expect(a?.['uid']).not.toBe(b?.['uid']);
    expect(a?.['uid']).toMatch(/^C[0-9A-Za-z]{17}$/);
  });

  it('writes what is still open when the sensor ends, without counts that nobody has', () => {
    const zeek = see({ kind: 'socket-opened', at, socket: smb });
    zeek.sense.finish(at + 9000);
    zeek.sense.finish(at + 9000);
    expect(zeek.rows('conn')).toHaveLength(1);
    expect(zeek.rows('conn')[0]).toMatchObject({ conn_state: 'S1', 'id.resp_p': 445 });
    expect(zeek.rows('conn')[0]).not.toHaveProperty('orig_bytes');
  });

  it('tells local from foreign addresses', () => {
    const remote = socket({ remote: { ip: '203.0.113.1', port: 443 } });
    expect(see(closed(remote, 1, 1)).rows('conn')[0]).toMatchObject({ local_orig: true, local_resp: false });
  });
});

describe('ftp.log', () => {
  const pasv = ftpCommand({
    command: 'PASV',
    replyCode: 227,
    replyText: 'Entering Passive Mode (127,0,2,1,234,96)',
    data: {
      passive: true,
      source: { ip: '127.0.1.1', port: null },
      destination: { ip: '127.0.2.1', port: 60_000 },
    },
  });

  it('has a row for the data channel and one for the file, joined by uid and fuid', () => {
    const zeek = see(
      ftpCommand({ command: 'USER', argument: 'run-k3f9', replyCode: 331 }),
      ftpCommand({ command: 'PASS', argument: 'secret', replyCode: 230 }),
      pasv,
      stor(passiveData),
      ftpCommand({ command: 'QUIT', replyCode: 221 }),
      closed(control, 120, 400),
      closed(passiveData, 65_536, 0),
    );
    const [channel, file, ...more] = zeek.rows('ftp');
    expect(more).toEqual([]);
    expect(channel).toMatchObject({
      command: 'PASV',
      reply_code: 227,
      'data_channel.passive': true,
      'data_channel.orig_h': '127.0.1.1',
      'data_channel.resp_h': '127.0.2.1',
      'data_channel.resp_p': 60_000,
    });
    expect(channel).not.toHaveProperty('fuid');
    expect(file).toMatchObject({
      command: 'STOR',
      arg: 'ftp://127.0.2.1/./dk3f9q2x.bin',
      user: 'run-k3f9',
      password: '<hidden>',
      reply_code: 226,
      reply_msg: 'Transfer complete.',
    });
    for (const absent of ['file_size', 'data_channel.passive']) expect(file).not.toHaveProperty(absent);
    expect(JSON.stringify(zeek.shipped)).not.toContain('secret');
    const [content] = zeek.rows('files');
    const [controlRow, dataRow] = zeek.rows('conn');
    expect(content?.['fuid']).toBe(file?.['fuid']);
    expect(content?.['uid']).toBe(dataRow?.['uid']);
    expect(channel?.['uid']).toBe(controlRow?.['uid']);
    expect(content).toMatchObject({ source: 'FTP_DATA', is_orig: true, seen_bytes: 65_536, timedout: false });
    expect(content).not.toHaveProperty('filename');
  });

  it('sees the sender of the file on either side', () => {
    const isOrig = (activity: Activity) => see(activity).rows('files')[0]?.['is_orig'];
    expect(isOrig(stor(passiveData))).toBe(true);
    expect(isOrig(stor(activeData))).toBe(false);
    expect(isOrig(stor(passiveData, 'RETR'))).toBe(false);
    expect(isOrig(stor(activeData, 'RETR'))).toBe(true);
  });

  it('follows the working directory', () => {
    const arg = (...before: Activity[]) =>
      see(...before, stor(passiveData))
        .rows('ftp')
        .at(-1)?.['arg'];
    expect(
      arg(ftpCommand({ command: 'PWD', replyCode: 257, replyText: '"/" is the current directory' })),
    ).toBe('ftp://127.0.2.1/dk3f9q2x.bin');
    expect(arg(ftpCommand({ command: 'CWD', argument: '/in', replyCode: 250 }))).toBe(
      'ftp://127.0.2.1/in/dk3f9q2x.bin',
    );
    expect(arg(ftpCommand({ command: 'CWD', argument: '/in', replyCode: 550 }))).toBe(
      'ftp://127.0.2.1/./dk3f9q2x.bin',
    );
  });

  it('has a refused upload without content', () => {
    const refused = ftpCommand({ command: 'STOR', argument: 'x.bin', replyCode: 550, replyText: 'No.' });
    const zeek = see(refused);
    expect(zeek.rows('ftp')).toMatchObject([{ command: 'STOR', reply_code: 550 }]);
    expect(zeek.rows('ftp')[0]).not.toHaveProperty('fuid');
    expect(zeek.rows('files')).toEqual([]);
  });

  it('goes blind with AUTH TLS; the volume stays', () => {
    const zeek = see(
      ftpCommand({ command: 'AUTH', argument: 'TLS', replyCode: 234 }),
      pasv,
      stor(passiveData),
      closed(control, 900, 3000),
      closed(passiveData, 70_000, 2000),
    );
    expect(zeek.rows('ftp')).toEqual([]);
    expect(zeek.rows('files')).toEqual([]);
    expect(zeek.rows('conn')).toMatchObject([{ service: 'ftp,ssl' }, { orig_bytes: 70_000 }]);
  });
});

describe('smb_files.log and files.log', () => {
  const file = { socket: smb, share: '\\\\127.0.2.1\\drop', fileName: 'a.bin' };

  it('logs the opening with size 0, and the content apart', () => {
    const zeek = see(
      { kind: 'smb-file', at, ...file, action: 'open', bytes: 0 },
      { kind: 'smb-file', at: at + 50, ...file, action: 'write', bytes: 65_536 },
      { kind: 'smb-file', at: at + 60, ...file, action: 'read', bytes: 10 },
    );
    expect(zeek.rows('smb_files')).toMatchObject([
      { action: 'SMB::FILE_OPEN', path: '\\\\127.0.2.1\\drop', name: 'a.bin', size: 0, 'id.resp_p': 445 },
    ]);
    expect(zeek.rows('files')).toMatchObject([
      { source: 'SMB', filename: 'a.bin', is_orig: true, seen_bytes: 65_536 },
      { source: 'SMB', filename: 'a.bin', is_orig: false, seen_bytes: 10 },
    ]);
  });

  it('shows no names of an encrypted session', () => {
    const encrypted = { ...file, encrypted: true };
    expect(
      see(
        { kind: 'smb-file', at, ...encrypted, action: 'open', bytes: 0 },
        { kind: 'smb-file', at, ...encrypted, action: 'write', bytes: 9 },
      ).shipped,
    ).toEqual([]);
  });

  it('has nothing about TFTP', () => {
    const request = {
      socket: tftpRequest,
      transferSocket: tftpTransfer,
      write: true,
      fileName: 'a',
      bytes: 9,
    };
    expect(see({ kind: 'tftp-request', at, ...request }).shipped).toEqual([]);
  });
});

describeWith({ fixtures: true }, 'Zeek against its own logs', () => {
  /** Names of the #fields line. */
  function fieldsOf(test: string, log: string): string[] {
    const file = join(fixtures, 'zeek', `scripts.base.protocols.${test}`, `${log}.log`);
    expect(existsSync(file)).toBe(true);
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((text) => text.startsWith('#fields\t'));
    return line?.split('\t').slice(1) ?? [];
  }
  const zeek = () =>
    see(
      ftpCommand({
        command: 'PASV',
        data: {
          passive: true,
          source: { ip: '127.0.1.1', port: null },
          destination: { ip: '127.0.2.1', port: 60_000 },
        },
      }),
      stor(passiveData),
      closed(control, 100, 100),
      { kind: 'smb-file', at, socket: smb, share: '\\\\a\\b', fileName: 'c', action: 'open', bytes: 0 },
    );

  it.each([
    ['conn', 'ftp.ftp-ipv4', ['community_id']],
    ['ftp', 'ftp.ftp-ipv4', []],
    ['files', 'smb.smb2-read-write', []],
    ['smb_files', 'smb.smb2-read-write', []],
  ] as const)('%s has only fields of the real log', (log, test, byPolicy) => {
    const known = [...fieldsOf(test, log), ...byPolicy];
    const rows = zeek().rows(log);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(known).toEqual(expect.arrayContaining(Object.keys(row)));
  });
});
