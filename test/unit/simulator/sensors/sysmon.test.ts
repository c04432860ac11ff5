import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sysmonEvents } from '../../../../src/simulator/sensors/sysmon.js';
import { describeWith, fixtures } from '../../../helpers/requires.js';
import {
  activeData,
  at,
  cmd,
  ftp,
  passiveData,
  smb,
  socket,
  tftpRequest,
  tftpTransfer,
} from '../hand-made.js';

const host = { computer: 'WS01', address: '127.0.1.1' };

// `sysmon -s` (schema 4.90): the fields of each event, in order.
const schema = {
  1: 'RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company OriginalFileName CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser',
  3: 'RuleName UtcTime ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName',
  5: 'RuleName UtcTime ProcessGuid ProcessId Image User',
  11: 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime User',
  22: 'RuleName UtcTime ProcessGuid ProcessId QueryName QueryStatus QueryResults Image User',
} as const;

const activities = {
  1: { kind: 'process-started', at, process: ftp },
  3: { kind: 'socket-opened', at, socket: passiveData },
  5: { kind: 'process-ended', at, process: ftp, exitCode: 0 },
  11: { kind: 'file-created', at, process: cmd, path: 'C:\\Dyetrace\\a.bin' },
  22: {
    kind: 'name-resolved',
    at,
    process: ftp,
    name: 'files.example.com',
    answers: ['192.0.2.9', '2001:db8::1'],
  },
} as const;

const only = (activity: Parameters<typeof sysmonEvents>[1]) => {
  const [event, ...more] = sysmonEvents(host, activity);
  expect(more).toEqual([]);
  if (event === undefined) throw new Error('no event');
  return event;
};
const connection = (opened: typeof smb) => only({ kind: 'socket-opened', at, socket: opened }).data;

describe('Sysmon', () => {
  it.each([1, 3, 5, 11, 22] as const)('event %d has the fields of the schema, in order', (id) => {
    const event = only(activities[id]);
    expect(event.eventId).toBe(id);
    expect(Object.keys(event.data)).toEqual(schema[id].split(' '));
    expect(event.data['UtcTime']).toBe('2026-11-24 18:45:12.345');
  });

  it('1 names the process, its parent and its token', () => {
    expect(only(activities[1]).data).toMatchObject({
      ProcessGuid: '{a1b2c3d4-1111-2222-3333-444444444444}',
      ProcessId: '8012',
      Image: 'C:\\Windows\\System32\\ftp.exe',
      OriginalFileName: 'ftp.exe',
      CommandLine: 'ftp.exe -n -s:C:\\Dyetrace\\x.txt',
      User: 'LAB\\dyetrace',
      IntegrityLevel: 'High',
      TerminalSessionId: '0',
      ParentProcessId: '500',
      ParentImage: 'C:\\Windows\\System32\\cmd.exe',
      ParentCommandLine: cmd.commandLine,
    });
  });

  it('gives a renamed copy the hash of its original, and another program another one', () => {
    const hash = (process: typeof ftp) => only({ kind: 'process-started', at, process }).data['Hashes'];
    expect(hash({ ...ftp, image: 'C:\\Dyetrace\\x.exe' })).toBe(hash(ftp));
    expect(hash(cmd)).not.toBe(hash(ftp));
    expect(hash(ftp)).toMatch(/^SHA256=[0-9A-F]{64}$/);
  });

  it('3: an outbound connection starts at the host', () => {
    expect(connection(passiveData)).toMatchObject({
      Image: 'C:\\Windows\\System32\\ftp.exe',
      Initiated: 'true',
      SourceIp: '127.0.1.1',
      SourcePort: '50002',
      DestinationIp: '127.0.2.1',
      DestinationPort: '60000',
      Protocol: 'tcp',
    });
  });

  it('3: in active mode the sink is the source, and Initiated is false', () => {
    expect(connection(activeData)).toMatchObject({
      Initiated: 'false',
      SourceIp: '127.0.2.1',
      SourcePort: '20',
      SourcePortName: 'ftp-data',
      DestinationIp: '127.0.1.1',
      DestinationPort: '50003',
    });
  });

  it('3: SMB belongs to System, PID 4', () => {
    expect(connection(smb)).toMatchObject({
      Image: 'System',
      ProcessId: '4',
      User: 'NT AUTHORITY\\SYSTEM',
      DestinationPort: '445',
      DestinationPortName: 'microsoft-ds',
    });
  });

  it('3: TFTP is two flows that share the client port', () => {
    expect(connection(tftpRequest)).toMatchObject({
      Protocol: 'udp',
      Initiated: 'true',
      SourcePort: '50005',
      DestinationPort: '69',
      DestinationPortName: 'tftp',
    });
    expect(connection(tftpTransfer)).toMatchObject({
      Protocol: 'udp',
      Initiated: 'false',
      SourcePort: '61000',
      DestinationPort: '50005',
    });
  });

  it('3: IPv6 is uncompressed (real-data 10: fe80:0:0:0:44af:a0ee:c7f9:e9ed)', () => {
    const ip = 'fe80::44af:a0ee:c7f9:e9ed';
    const data = connection(socket({ local: { ip, port: 1 }, remote: { ip: '::1', port: 445 } }));
    expect(data['SourceIp']).toBe('fe80:0:0:0:44af:a0ee:c7f9:e9ed');
    expect(data['DestinationIp']).toBe('0:0:0:0:0:0:0:1');
    expect(data['SourceIsIpv6']).toBe('true');
  });

  it('22 only for names, IPv4 as mapped addresses', () => {
    expect(only(activities[22]).data['QueryResults']).toBe('::ffff:192.0.2.9;2001:db8::1;');
  });

  it('sees nothing of what only others see', () => {
    expect(sysmonEvents(host, { kind: 'script-block', at, process: ftp, text: 'x', path: null })).toEqual([]);
    const bytes = { bytesSent: 1, bytesReceived: 1, firstByteAt: at, lastByteAt: at };
    expect(sysmonEvents(host, { kind: 'socket-closed', at, socket: smb, ...bytes })).toEqual([]);
  });
});

describeWith({ fixtures: true }, 'Sysmon against real records', () => {
  const file = join(fixtures, 'sysmon-security-json', 'sentinel-sysmon-eventdata-string.jsonl');
  const rows = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { EventID: number; EventData: string });

  it.each([3, 5, 11, 22] as const)('event %d has the fields that a real one has', (id) => {
    const real = rows().find((row) => row.EventID === id);
    const names = Object.keys(JSON.parse(real?.EventData ?? '{}') as object).sort();
    expect(names.length).toBeGreaterThan(4);
    expect(Object.keys(only(activities[id]).data).sort()).toEqual(names);
  });
});
