import { expect, it } from 'vitest';
import { fileWith, lines, readAll } from './helpers.js';

// Columns: https://learn.microsoft.com/azure/sentinel/normalization-schema-process-event, …-schema-network, …-schema-file-event.
const common = { TimeGenerated: '2026-11-24T18:00:00.100Z', Dvc: 'ws1.lab.example', DvcId: 'd1' };
const process = {
  ...common,
  EventSchema: 'ProcessEvent',
  EventType: 'ProcessCreated',
  EventUid: 'u1',
  TargetProcessName: 'C:\\Windows\\System32\\ftp.exe',
  TargetProcessId: '500',
  TargetProcessGuid: '{B34BC01C-2255-5F69-0100-000000000900}',
  TargetProcessCommandLine: 'ftp -s:x 10.0.0.2',
  TargetUsername: 'LAB\\dyetrace',
  ActorUsername: 'LAB\\other',
  ActingProcessName: 'C:\\Windows\\System32\\cmd.exe',
  ActingProcessId: '0x1092',
  ActingProcessGuid: '00000000-0000-0000-0000-000000000000',
  ActingProcessCommandLine: 'cmd.exe /d /c x',
};
const session = {
  ...common,
  EventSchema: 'NetworkSession',
  EventType: 'EndpointNetworkSession',
  EventUid: 'u2',
  NetworkDirection: 'Outbound',
  NetworkProtocol: 'TCP',
  SrcIpAddr: '10.0.0.1',
  SrcPortNumber: 50000,
  DstIpAddr: '10.0.0.2',
  DstPortNumber: 21,
};
const named = {
  SrcProcessName: 'C:\\Windows\\System32\\ftp.exe',
  SrcProcessId: '500',
  SrcUsername: 'LAB\\dyetrace',
};
const bytes = { SrcBytes: 1558858, DstBytes: 10417, SrcPackets: 1071, DstPackets: 107 };

it('processes, sessions with a process, with bytes, with both, denied ones, and files', async () => {
  const file = await fileWith(
    'asim.json',
    lines([
      process,
      { ...process, EventUid: 'u1b', EventType: 'ProcessTerminated' },
      { ...session, ...named },
      {
        ...session,
        ...bytes,
        EventUid: 'u3',
        EventType: 'NetworkSession',
        EventEndTime: '2026-11-24T18:00:05Z',
      },
      { ...session, ...named, ...bytes, EventUid: 'u4' },
      { ...session, EventUid: 'u5', DvcAction: 'Deny', EventProduct: 'Fortigate', NetworkRuleName: '12' },
      { ...session, EventUid: 'u6' },
      {
        ...common,
        EventSchema: 'FileEvent',
        EventType: 'FileCreated',
        EventUid: 'u7',
        TargetFilePath: '\\\\10.0.0.2\\drop\\a.zip',
        ActingProcessId: '4242',
        ActorUsername: 'dyetrace',
      },
      { ...common, EventSchema: 'Dns', EventType: 'Query' },
    ]),
  );
  const { reports, rows } = await readAll([file]);
  expect(reports[0]).toMatchObject({
    reader: 'asim',
    records: 9,
    used: 7,
    rows: 8,
    ignored: { 'asim session': 1, 'asim dns': 1 },
  });
  expect(await rows('process')).toMatchObject([
    {
      'event.id': 'u1',
      'event.action': 'start',
      'host.name': 'ws1.lab.example',
      'process.pid': 500,
      'process.entity_id': 'b34bc01c-2255-5f69-0100-000000000900',
      'process.command_line': 'ftp -s:x 10.0.0.2',
      'process.parent.pid': 4242,
      'user.name': 'dyetrace',
    },
    { 'event.action': 'end', 'process.pid': 500 },
  ]);
  expect((await rows('process'))[0]).not.toHaveProperty(['process.parent.entity_id']);
  expect(await rows('connection')).toMatchObject([
    { 'event.id': 'u2', 'process.pid': 500, 'destination.port': 21, 'network.direction': 'egress' },
    { 'event.id': 'u4' },
  ]);
  expect(await rows('flow')).toMatchObject([
    {
      'event.id': 'u3',
      'source.bytes': 1558858,
      'destination.packets': 107,
      'event.end': '2026-11-24T18:00:05.000Z',
    },
    { 'event.id': 'u4' },
  ]);
  expect(await rows('prevention')).toMatchObject([{ 'event.reason': 'denied by Fortigate: Deny, rule 12' }]);
  expect(await rows('transfer')).toMatchObject([
    { 'file.name': 'a.zip', 'event.action': 'write', 'observer.type': 'host', 'process.pid': 4242 },
  ]);
});

it('an inbound session is of the destination’s process; a table is told by its name alone', async () => {
  const row = { ...session, EventSchema: undefined };
  const file = await fileWith(
    'asim.json',
    lines([
      { ...row, ...named, Type: 'ASimNetworkSessionLogs', NetworkDirection: 'Inbound', DstProcessId: '4' },
    ]),
  );
  const { rows } = await readAll([file]);
  const [only] = await rows('connection');
  expect(only).toMatchObject({ 'process.pid': 4, 'network.direction': 'ingress' });
  expect(only).not.toHaveProperty(['process.executable']);
});
