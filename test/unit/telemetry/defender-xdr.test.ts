import { expect, it } from 'vitest';
import { accountedFor, fileWith, lines, readAll } from './helpers.js';

// Columns and values of ActionType: https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceprocessevents-table,
// …-devicenetworkevents-table, …-devicefileevents-table.
const device = { DeviceId: 'd1', DeviceName: 'ws1.lab.example', ReportId: 7 };
const cmd = {
  InitiatingProcessId: 4242,
  InitiatingProcessCreationTime: '2026-11-24T17:59:00.1234567Z',
  InitiatingProcessFileName: 'cmd.exe',
  InitiatingProcessFolderPath: 'c:\\windows\\system32\\cmd.exe',
  InitiatingProcessCommandLine: '"cmd.exe" /d /c x',
  InitiatingProcessAccountName: 'dyetrace',
  InitiatingProcessAccountDomain: 'lab',
};
const started = {
  ...device,
  ...cmd,
  Timestamp: '2026-11-24T18:00:00.1Z',
  ActionType: 'ProcessCreated',
  FileName: 'ftp.exe',
  FolderPath: 'C:\\Windows\\System32\\ftp.exe',
  ProcessId: 500,
  ProcessCreationTime: '2026-11-24T18:00:00.0999999Z',
  ProcessCommandLine: 'ftp -s:x 10.0.0.2',
  ProcessVersionInfoOriginalFileName: 'ftp.exe',
  AccountName: 'dyetrace',
  AccountDomain: 'lab',
};
const connected = {
  ...device,
  ReportId: 8,
  Timestamp: '2026-11-24T18:00:01Z',
  ActionType: 'ConnectionSuccess',
  LocalIP: '10.0.0.1',
  LocalPort: 50000,
  RemoteIP: '::ffff:10.0.0.2',
  RemotePort: 21,
  RemoteUrl: 'ftp://drop.example/x',
  Protocol: 'Tcp',
  InitiatingProcessId: 500,
  InitiatingProcessCreationTime: '2026-11-24T18:00:00.0999999Z',
  InitiatingProcessFileName: 'ftp.exe',
  InitiatingProcessFolderPath: 'c:\\windows\\system32',
  InitiatingProcessAccountName: 'dyetrace',
  InitiatingProcessAccountDomain: 'lab',
};

it('processes, connections and files; a process is one entity wherever it is named', async () => {
  const file = await fileWith(
    'rows.json',
    lines([
      started,
      connected,
      {
        ...connected,
        ReportId: 9,
        ActionType: 'InboundConnectionAccepted',
        LocalPort: 445,
        RemotePort: 51000,
        Protocol: 'TcpV4',
      },
      {
        ...device,
        ...cmd,
        ReportId: 10,
        Timestamp: '2026-11-24T18:00:02Z',
        ActionType: 'FileCreated',
        FileName: 'a.zip',
        FolderPath: '\\\\10.0.0.2\\drop\\a.zip',
        FileSize: 11776,
        SHA256: 'ab',
      },
      {
        ...device,
        ...cmd,
        ReportId: 11,
        Timestamp: '2026-11-24T18:00:03Z',
        ActionType: 'FileModified',
        FileName: 'b.zip',
        FolderPath: 'D:\\drop\\b.zip',
        RequestProtocol: 'Smb',
        RequestSourceIP: '10.0.0.1',
        RequestSourcePort: 50010,
      },
      { ...connected, ReportId: 12, ActionType: 'ConnectionFailed' },
      { ...device, ReportId: 13, Timestamp: 't', ActionType: 'LogonSuccess', LogonType: 'Network' },
    ]),
  );
  const { reports, rows } = await readAll([file]);
  const [report] = reports;
  expect(report).toMatchObject({
    reader: 'defender-xdr',
    records: 7,
    used: 5,
    rows: 5,
    ignored: { 'defender-xdr ConnectionFailed': 1, 'defender-xdr LogonSuccess': 1 },
  });
  const [process] = await rows('process');
  expect(process).toMatchObject({
    'event.id': 'ws1.lab.example/2026-11-24T18:00:00.1Z/7',
    '@timestamp': '2026-11-24T18:00:00.100Z',
    'host.id': 'd1',
    'host.name': 'ws1.lab.example',
    'event.action': 'start',
    'process.pid': 500,
    'process.executable': 'C:\\Windows\\System32\\ftp.exe',
    'process.command_line': 'ftp -s:x 10.0.0.2',
    'process.parent.pid': 4242,
    'process.parent.executable': 'c:\\windows\\system32\\cmd.exe',
    'user.name': 'dyetrace',
    'user.domain': 'lab',
  });
  const connections = await rows('connection');
  expect(connections).toMatchObject([
    {
      'process.executable': 'c:\\windows\\system32\\ftp.exe',
      'source.ip': '10.0.0.1',
      'destination.ip': '10.0.0.2',
      'destination.port': 21,
      'destination.domain': 'drop.example',
      'network.transport': 'tcp',
      'network.direction': 'egress',
    },
    {
      'source.ip': '10.0.0.2',
      'source.port': 51000,
      'destination.port': 445,
      'network.transport': 'tcp',
      'network.direction': 'ingress',
    },
  ]);
  expect(connections[0]?.['process.entity_id']).toBe(process?.['process.entity_id']);
  expect(await rows('transfer')).toMatchObject([
    {
      'observer.type': 'host',
      'event.action': 'write',
      'file.path': '\\\\10.0.0.2\\drop\\a.zip',
      'file.size': 11776,
      'process.pid': 4242,
    },
    {
      'observer.type': 'server',
      'network.protocol': 'smb',
      'source.ip': '10.0.0.1',
      'source.port': 50010,
      'file.path': 'D:\\drop\\b.zip',
    },
  ]);
  // The tables have no byte counts.
  expect(await rows('flow')).toEqual([]);
});

it("the streaming API's envelope, Sentinel's copy and the export give one row", async () => {
  const { Timestamp, ...rest } = connected;
  const forms = [
    connected,
    { ...rest, TimeGenerated: Timestamp, Type: 'DeviceNetworkEvents', TenantId: 't' },
    { time: Timestamp, category: 'AdvancedHunting-DeviceNetworkEvents', properties: connected },
  ];
  const read = await Promise.all(
    forms.map(async (form) => {
      const { reports, rows } = await readAll([await fileWith('rows.json', lines([form]))]);
      expect(reports[0]).toMatchObject({ reader: 'defender-xdr', used: 1 });
      const [row = {}] = await rows('connection');
      return Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('log.')));
    }),
  );
  expect(read[1]).toEqual(read[0]);
  expect(read[2]).toEqual(read[0]);
});

it('a table that we do not read is counted by its name', async () => {
  const file = await fileWith(
    'rows.json',
    lines([
      {
        category: 'AdvancedHunting-DeviceLogonEvents',
        properties: { ...device, ActionType: 'LogonSuccess' },
      },
    ]),
  );
  const { reports } = await readAll([file]);
  expect(reports[0]).toMatchObject({ records: 1, used: 0, ignored: { 'defender-xdr DeviceLogonEvents': 1 } });
  expect(reports.map(accountedFor)).toEqual([1]);
});
