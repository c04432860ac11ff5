import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { securityEvents } from '../../../../src/simulator/sensors/security.js';
import { describeWith, fixtures } from '../../../helpers/requires.js';
import { activeData, at, cmd, ftp, passiveData, smb, sshd, tftpRequest } from '../hand-made.js';

const host = { computer: 'WS01', address: '127.0.1.1' };

const only = (activity: Parameters<typeof securityEvents>[1]) => {
  const [event, ...more] = securityEvents(host, activity);
  expect(more).toEqual([]);
  if (event === undefined) throw new Error('no event');
  return event;
};
const opened = (socket: typeof smb) => only({ kind: 'socket-opened', at, socket });

describe('Security', () => {
  it('4688 has hexadecimal ids and the creator as its subject', () => {
    const { eventId, data } = only({ kind: 'process-started', at, process: ftp });
    expect(eventId).toBe(4688);
    expect(data).toMatchObject({
      SubjectUserName: 'dyetrace',
      SubjectDomainName: 'LAB',
      NewProcessId: '0x1f4c',
      NewProcessName: 'C:\\Windows\\System32\\ftp.exe',
      TokenElevationType: '%%1937',
      ProcessId: '0x1f4',
      CommandLine: 'ftp.exe -n -s:C:\\Dyetrace\\x.txt',
      TargetUserSid: 'S-1-0-0',
      TargetUserName: '-',
      TargetLogonId: '0x0',
      ParentProcessName: 'C:\\Windows\\System32\\cmd.exe',
      MandatoryLabel: 'S-1-16-12288',
    });
  });

  it('4688 of a session that SYSTEM opened names both accounts', () => {
    const { data } = only({ kind: 'process-started', at, process: cmd });
    expect(data).toMatchObject({
      SubjectUserSid: 'S-1-5-18',
      SubjectUserName: 'WS01$',
      SubjectLogonId: '0x3e7',
      TargetUserName: 'dyetrace',
      TargetDomainName: 'LAB',
    });
    const service = only({ kind: 'process-started', at, process: sshd }).data;
    expect(service).toMatchObject({ TokenElevationType: '%%1936', MandatoryLabel: 'S-1-16-16384' });
  });

  it('4689 has the exit code', () => {
    const { eventId, data } = only({ kind: 'process-ended', at, process: ftp, exitCode: -1 });
    expect(eventId).toBe(4689);
    expect(data).toMatchObject({ Status: '0xffffffff', ProcessId: '0x1f4c' });
  });

  it('5156 outbound', () => {
    expect(opened(passiveData)).toMatchObject({
      eventId: 5156,
      data: {
        ProcessID: '8012',
        Application: '\\device\\harddiskvolume3\\windows\\system32\\ftp.exe',
        Direction: '%%14593',
        LayerName: '%%14611',
        SourceAddress: '127.0.1.1',
        SourcePort: '50002',
        DestAddress: '127.0.2.1',
        DestPort: '60000',
        Protocol: '6',
      },
    });
  });

  it('5156 inbound: the source is whoever opened it', () => {
    expect(opened(activeData).data).toMatchObject({
      Direction: '%%14592',
      LayerName: '%%14610',
      SourceAddress: '127.0.2.1',
      SourcePort: '20',
      DestAddress: '127.0.1.1',
      DestPort: '50003',
    });
  });

  it('5156 of SMB and of UDP', () => {
    expect(opened(smb).data).toMatchObject({ Application: 'System', ProcessID: '4', DestPort: '445' });
    expect(opened(tftpRequest).data).toMatchObject({ Protocol: '17', DestPort: '69' });
  });

  it('5157 where the firewall stopped it, nothing where Defender did', () => {
    const prevented = { kind: 'prevented', at, process: ftp, path: null, remote: activeData.remote } as const;
    expect(only({ ...prevented, by: 'firewall' })).toMatchObject({
      eventId: 5157,
      data: { Direction: '%%14592', SourceAddress: '127.0.2.1', SourcePort: '20', DestPort: '-' },
    });
    expect(securityEvents(host, { ...prevented, by: 'defender' })).toEqual([]);
  });
});

describeWith({ fixtures: true }, 'Security against real records', () => {
  interface Row extends Record<string, unknown> {
    EventID: number;
    EventData?: string;
  }
  const rows = (name: string): Row[] =>
    readFileSync(join(fixtures, 'sysmon-security-json', name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);

  it.each([
    [5156, opened(activeData).data],
    [4689, only({ kind: 'process-ended', at, process: ftp, exitCode: 0 }).data],
  ] as const)('%d has the fields of a real one, in order', (id, data) => {
    const real = rows('sentinel-security-events.jsonl').find((row) => row.EventID === id);
    const names = [...(real?.EventData ?? '').matchAll(/<Data Name="(\w+)">/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(Object.keys(data)).toEqual(names);
  });

  it('4688 has no field that a real one lacks', () => {
    const real = rows('nxlog-powershell-own-smb-client.jsonl').find((row) => row.EventID === 4688);
    const { data } = only({ kind: 'process-started', at, process: ftp });
    expect(Object.keys(real ?? {})).toEqual(expect.arrayContaining(Object.keys(data)));
    for (const name of ['NewProcessId', 'ProcessId', 'SubjectLogonId', 'TargetLogonId']) {
      expect(data[name]).toMatch(/^0x[0-9a-f]+$/);
      expect(real?.[name]).toMatch(/^0x[0-9a-f]+$/);
    }
  });
});
