import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { readAll } from './helpers.js';

// Expectations: the raw records, read by hand.
describeWith({ fixtures: true }, 'Windows events of real systems', () => {
  const json = join(fixtures, 'sysmon-security-json');

  it('NXLog: Sysmon 3 of a copy to C$ (System owns the socket), time from UtcTime', async () => {
    const { rows } = await readAll([join(json, 'nxlog-smb-copy-to-admin-share.jsonl')]);
    const [row] = await rows('connection', `"event.module" = 'sysmon' and "destination.port" = 445`);
    expect(row).toMatchObject({
      'event.id': 'WORKSTATION5.theshire.local/Microsoft-Windows-Sysmon/Operational/3518604',
      'event.code': '3',
      '@timestamp': '2020-09-22T18:53:31.668Z',
      'host.name': 'WORKSTATION5.theshire.local',
      'process.entity_id': 'b34bc01c-2255-5f69-0100-000000000900',
      'process.executable': 'System',
      'user.name': 'SYSTEM',
      'user.domain': 'NT AUTHORITY',
      'source.ip': '172.18.39.5',
      'source.port': 62782,
      'destination.ip': '172.18.39.6',
      'network.transport': 'tcp',
      'network.direction': 'egress',
      'sysmon.initiated': true,
    });
    expect(row).not.toHaveProperty(['destination.domain']);
  });

  it('NXLog: 5145 says who asked for what, on the machine that serves', async () => {
    const { rows } = await readAll([join(json, 'nxlog-smb-copy-to-admin-share.jsonl')]);
    const shares = await rows('transfer', `"event.module" = 'security'`);
    expect(shares).toHaveLength(5);
    expect(shares.find((row) => row['event.code'] === '5145')).toMatchObject({
      'observer.type': 'server',
      'observer.name': 'WORKSTATION6.theshire.local',
      'network.protocol': 'smb',
      'source.ip': '172.18.39.5',
      'source.port': 62782,
      'file.path': '\\\\*\\C$\\ProgramData',
      'file.name': 'ProgramData',
      'transfer.command': '0x80',
      'event.action': 'open',
      'event.outcome': 'success',
      'user.name': 'pgustavo',
      'user.domain': 'THESHIRE',
      '@timestamp': '2020-09-22T18:53:32.341Z',
    });
    // Masks 0x17019f and 0x2 hold WriteData, both for the file that was copied.
    expect(
      shares
        .filter((row) => row['event.action'] === 'write')
        .map((row) => [row['transfer.command'], row['file.name']]),
    ).toEqual([
      ['0x17019f', 'GruntHTTP.exe'],
      ['0x2', 'GruntHTTP.exe'],
    ]);
  });

  it("NXLog 2019: top-level ProcessID is the logging service's; the event's own is in the message", async () => {
    const { rows } = await readAll([join(json, 'nxlog-2019-processid-trap.jsonl')]);
    const all = await rows('connection');
    const byId = new Map(all.map((row) => [row['event.id'], row]));
    expect(byId.get('HFDC01.shire.com/Microsoft-Windows-Sysmon/Operational/102544')).toMatchObject({
      'process.pid': 3068,
    });
    expect(byId.get('HFDC01.shire.com/Security/88574')).toMatchObject({
      'process.pid': 3068,
      'process.executable': '\\device\\harddiskvolume1\\windows\\system32\\dns.exe',
      'network.direction': 'ingress',
      'network.transport': 'udp',
      'source.ip': '172.18.39.100',
      'destination.port': 53,
      // EventTime has no zone and is five hours behind.
      '@timestamp': '2019-12-05T04:47:39.081Z',
    });
    // 2644 is Sysmon's own process, 4 the kernel's audit log.
    expect(all.filter((row) => row['process.pid'] === 2644)).toEqual([]);
  });

  it('NXLog 2020: powershell.exe itself at 445, in Sysmon 3 and in 5156', async () => {
    const { rows } = await readAll([join(json, 'nxlog-powershell-own-smb-client.jsonl')]);
    const smb = await rows(
      'connection',
      `"destination.port" = 445 and "process.executable" ilike '%powershell.exe'`,
    );
    expect(smb.map((row) => row['event.code']).sort()).toEqual(['3', '5156']);
    const [start] = await rows(
      'process',
      `"event.code" = '4688' and "process.executable" ilike '%CollectGuestLogs.exe'`,
    );
    // New Process ID 0x1ec0, Creator Process ID 0xc80.
    expect(start).toMatchObject({
      'process.pid': 0x1ec0,
      'process.parent.pid': 0xc80,
      'process.name': 'CollectGuestLogs.exe',
      'user.name': 'WORKSTATION5$',
      'user.domain': 'THESHIRE',
    });
  });

  it('Sentinel: EventData as XML, and columns beside it', async () => {
    const { rows } = await readAll([join(json, 'sentinel-security-events.jsonl')]);
    const [first] = await rows('connection');
    expect(first).toMatchObject({
      'event.id': 'sentinel-security-events.jsonl:1',
      'process.pid': 3936,
      'process.executable':
        '\\device\\harddiskvolume2\\programdata\\chocolatey\\lib\\tomcat\\tools\\apache-tomcat-9.0.62\\bin\\tomcat9.exe',
      'network.direction': 'ingress',
      'source.ip': '192.168.3.5',
      'source.port': 50452,
      'destination.ip': '192.168.2.5',
      'destination.port': 8080,
      'network.transport': 'tcp',
      'host.name': 'WORKSTATION5',
      '@timestamp': '2022-05-13T08:54:05.210Z',
    });
    const [start] = await rows('process', `"event.action" = 'start'`);
    expect(start).toMatchObject({
      'process.pid': 0x2e04,
      'process.parent.pid': 0x824,
      'process.command_line': '\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1',
      'user.name': 'LOCAL SERVICE',
    });
    const [end] = await rows('process', `"event.action" = 'end' and "process.name" = 'powershell.exe'`);
    expect(end).toMatchObject({ 'process.pid': 0x1e24, 'process.exit_code': 0 });
  });

  it('Sentinel: EventData as a JSON string', async () => {
    const { rows } = await readAll([join(json, 'sentinel-sysmon-eventdata-string.jsonl')]);
    const [, second] = await rows('connection');
    expect(second).toMatchObject({
      'process.pid': 7716,
      'process.executable': 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
      'process.entity_id': 'f3329a35-1ca8-627e-f216-000000000600',
      'destination.ip': '169.254.169.254',
      '@timestamp': '2022-05-13T08:54:05.135Z',
    });
  });

  it('EventData as a list of names and texts', async () => {
    const { rows } = await readAll([join(json, 'data-array-w3wp-445.json')]);
    expect(await rows('connection')).toMatchObject([
      {
        'event.id': 'MSEDGEWIN10/Microsoft-Windows-Sysmon/Operational/35202',
        'process.executable': 'C:\\Windows\\System32\\inetsrv\\w3wp.exe',
        'process.pid': 8892,
        'user.name': 'DefaultAppPool',
        'user.domain': 'IIS APPPOOL',
        'destination.port': 445,
        'sysmon.initiated': true,
        '@timestamp': '2019-09-03T11:33:22.873Z',
      },
      { 'process.executable': 'System', 'process.pid': 4, 'sysmon.initiated': false },
    ]);
  });
});
