import { describe, expect, it } from 'vitest';
import type { TableName } from '../../../src/telemetry/index.js';
import { fileWith, lines, readAll, type Row } from './helpers.js';

interface Event {
  readonly channel: string;
  readonly provider: string;
  readonly id: number;
  readonly record: number;
  readonly at: string;
  readonly computer: string;
  readonly pid: number;
  readonly data: Readonly<Record<string, string>>;
}

const sysmon = {
  channel: 'Microsoft-Windows-Sysmon/Operational',
  provider: 'Microsoft-Windows-Sysmon',
  pid: 3000,
};
const security = { channel: 'Security', provider: 'Microsoft-Windows-Security-Auditing', pid: 4 };
const guid = '{B34BC01C-2255-5F69-0100-000000000900}';
const common = {
  UtcTime: '2026-11-24 18:00:00.100',
  ProcessGuid: guid,
  ProcessId: '4242',
  Image: 'C:\\Windows\\System32\\cmd.exe',
};

const events: readonly (readonly [name: string, table: TableName, event: Event])[] = [
  [
    'Sysmon 1',
    'process',
    {
      ...sysmon,
      id: 1,
      record: 11,
      at: '2026-11-24T18:00:00.100Z',
      computer: 'WS1.lab',
      data: {
        ...common,
        OriginalFileName: 'Cmd.Exe',
        CommandLine: 'cmd.exe /d /c "copy a.zip \\\\10.0.0.2\\drop & echo <done>"',
        User: 'LAB\\dyetrace',
        ParentProcessGuid: '{00000000-0000-0000-0000-000000000000}',
        ParentProcessId: '77',
        ParentImage: '<unknown process>',
        ParentCommandLine: '-',
      },
    },
  ],
  [
    'Sysmon 3',
    'connection',
    {
      ...sysmon,
      id: 3,
      record: 12,
      at: '2026-11-24T18:00:00.100Z',
      computer: 'WS1.lab',
      data: {
        ...common,
        User: 'LAB\\dyetrace',
        Protocol: 'tcp',
        Initiated: 'true',
        SourceIp: 'fe80:0:0:0:1:2:3:4',
        SourcePort: '50000',
        DestinationIp: '0:0:0:0:0:ffff:0a00:0001',
        DestinationHostname: '-',
        DestinationPort: '445',
      },
    },
  ],
  [
    'Security 4688',
    'process',
    {
      ...security,
      id: 4688,
      record: 13,
      at: '2026-11-24T18:00:01.000Z',
      computer: 'WS1.lab',
      data: {
        SubjectUserName: 'dyetrace',
        SubjectDomainName: 'LAB',
        NewProcessId: '0x1f4',
        NewProcessName: 'C:\\Windows\\System32\\rundll32.exe',
        ProcessId: '0x1092',
        CommandLine: 'rundll32.exe tracer.dll,Upload',
        TargetUserName: '-',
        TargetDomainName: '-',
        ParentProcessName: 'C:\\Windows\\System32\\cmd.exe',
      },
    },
  ],
  [
    'Security 5156',
    'connection',
    {
      ...security,
      id: 5156,
      record: 14,
      at: '2026-11-24T18:00:02.000Z',
      computer: 'WS1.lab',
      data: {
        ProcessID: '4242',
        Application: '\\device\\harddiskvolume3\\windows\\system32\\ftp.exe',
        Direction: '%%14593',
        SourceAddress: '10.0.0.1',
        SourcePort: '50001',
        DestAddress: '10.0.0.2',
        DestPort: '21',
        Protocol: '6',
      },
    },
  ],
  [
    'Security 5157',
    'prevention',
    {
      ...security,
      id: 5157,
      record: 15,
      at: '2026-11-24T18:00:03.000Z',
      computer: 'WS1.lab',
      data: {
        ProcessID: '4242',
        Application: '\\device\\harddiskvolume3\\windows\\system32\\tftp.exe',
        Direction: '%%14593',
        SourceAddress: '10.0.0.1',
        SourcePort: '50002',
        DestAddress: '10.0.0.2',
        DestPort: '69',
        Protocol: '17',
        FilterRTID: '80423',
      },
    },
  ],
];

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const xml = (event: Event, quote = "'"): string => {
  const q = quote;
  const data = Object.entries(event.data).map(
    ([name, value]) => `<Data Name=${q}${name}${q}>${escape(value)}</Data>`,
  );
  return `<Event xmlns=${q}http://schemas.microsoft.com/win/2004/08/events/event${q}><System><Provider Name=${q}${event.provider}${q}/>
<EventID>${String(event.id)}</EventID><TimeCreated SystemTime=${q}${event.at}${q}/><EventRecordID>${String(event.record)}</EventRecordID>
<Execution ProcessID=${q}${String(event.pid)}${q} ThreadID=${q}1${q}/><Channel>${event.channel}</Channel><Computer>${event.computer}</Computer></System>
<EventData>${data.join('')}</EventData><RenderingInfo Culture=${q}en-US${q}><Channel>not this one</Channel></RenderingInfo></Event>`;
};

/** Numbers and booleans as evtx_dump writes them. */
const asTyped = (value: string): unknown =>
  value === 'true' ? true : /^[0-9]+$/.test(value) ? Number(value) : value;

const wazuhEnvelope = {
  id: '1.2',
  agent: { id: '002', name: 'ws1' },
  decoder: { name: 'windows_eventchannel' },
};

/** Wazuh lower-cases first letters, and writes EventData's values as JSON twice, out of XML that it did not unescape. */
const wazuh = (event: Event): unknown => ({
  win: {
    system: {
      providerName: event.provider,
      eventID: String(event.id),
      systemTime: event.at,
      eventRecordID: String(event.record),
      processID: String(event.pid),
      channel: event.channel,
      computer: event.computer,
      severityValue: 'INFORMATION',
    },
    eventdata: Object.fromEntries(
      Object.entries(event.data).map(([name, value]) => [
        name.slice(0, 1).toLowerCase() + name.slice(1),
        JSON.stringify(escape(value).replaceAll('&quot;', '"')).slice(1, -1),
      ]),
    ),
  },
});

/** The same event as each exporter writes it. */
const exporters: Readonly<Record<string, (event: Event) => string>> = {
  winlogbeat: (event) =>
    lines([
      {
        '@timestamp': event.at,
        winlog: {
          channel: event.channel,
          provider_name: event.provider,
          event_id: String(event.id),
          record_id: event.record,
          computer_name: event.computer,
          process: { pid: event.pid },
          event_data: event.data,
        },
      },
    ]),
  nxlog: (event) =>
    lines([
      {
        ...event.data,
        // NXLog 2020: the event's own id keeps its name, Execution's is a number of another name.
        ...(event.data['ProcessID'] === undefined
          ? {}
          : { ProcessID: undefined, ProcessId: event.data['ProcessID'] }),
        EventID: event.id,
        SourceName: event.provider,
        Channel: event.channel,
        Hostname: event.computer,
        RecordNumber: event.record,
        ExecutionProcessID: event.pid,
        EventTime: '2026-11-24 13:00:00',
        '@timestamp': event.at,
      },
    ]),
  'sentinel with XML': (event) =>
    lines([
      {
        TimeGenerated: event.at,
        Computer: event.computer,
        EventSourceName: event.provider,
        Channel: event.channel,
        EventID: event.id,
        EventRecordId: String(event.record),
        EventData: `<EventData xmlns="http://schemas.microsoft.com/win/2004/08/events/event">\r\n${Object.entries(
          event.data,
        )
          .map(([name, value]) => `  <Data Name="${name}">${escape(value)}</Data>`)
          .join('\r\n')}\r\n</EventData>`,
      },
    ]),
  'sentinel with JSON': (event) =>
    lines([
      {
        TimeGenerated: event.at,
        Computer: event.computer,
        Provider: event.provider,
        Channel: event.channel,
        EventID: event.id,
        EventRecordId: String(event.record),
        EventData: JSON.stringify(event.data),
      },
    ]),
  'EventData as a list': (event) =>
    lines([
      {
        body: JSON.stringify({
          Event: {
            System: {
              Provider: { Name: event.provider },
              EventID: String(event.id),
              TimeCreated: { SystemTime: event.at },
              EventRecordID: String(event.record),
              Execution: { ProcessID: String(event.pid) },
              Channel: event.channel,
              Computer: event.computer,
            },
            EventData: { Data: Object.entries(event.data).map(([Name, text]) => ({ Name, text })) },
          },
        }),
      },
    ]),
  'Winlogbeat 6': (event) =>
    lines([
      {
        '@timestamp': event.at,
        beat: { name: 'collector', version: '6.8.0' },
        log_name: event.channel,
        source_name: event.provider,
        event_id: event.id,
        record_number: String(event.record),
        computer_name: event.computer,
        process_id: event.pid,
        event_data: event.data,
      },
    ]),
  'evtx_dump, one line per event': (event) =>
    lines([
      {
        Event: {
          '#attributes': { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
          System: {
            Provider: {
              '#attributes': { Name: event.provider, Guid: '5770385F-C22A-43E0-BF4C-06F5698FFBD9' },
            },
            EventID: event.id === 3 ? { '#attributes': { Qualifiers: 0 }, '#text': event.id } : event.id,
            Version: 5,
            TimeCreated: { '#attributes': { SystemTime: event.at } },
            EventRecordID: event.record,
            Correlation: null,
            Execution: { '#attributes': { ProcessID: event.pid, ThreadID: 1 } },
            Channel: event.channel,
            Computer: event.computer,
            Security: { '#attributes': { UserID: 'S-1-5-18' } },
          },
          EventData: Object.fromEntries(
            Object.entries(event.data).map(([name, value]) => [name, asTyped(value)]),
          ),
        },
      },
    ]),
  'evtx_dump, pretty': (event) =>
    JSON.stringify(JSON.parse(exporters['evtx_dump, one line per event']?.(event) ?? '') as unknown, null, 2),
  Wazuh: (event) => lines([{ ...wazuhEnvelope, data: wazuh(event), location: 'EventChannel' }]),
  'Wazuh, full_log': (event) => lines([{ ...wazuhEnvelope, full_log: JSON.stringify(wazuh(event)) }]),
  'Splunk with XML': (event) =>
    lines([
      {
        preview: false,
        offset: 0,
        lastrow: true,
        result: {
          _raw: xml(event).replaceAll('\n', ''),
          _time: event.at,
          host: 'collector',
          EventCode: String(event.id),
        },
      },
    ]),
  'Splunk with fields': (event) =>
    lines([
      {
        preview: false,
        result: {
          _time: event.at.replace('Z', '+00:00'),
          host: event.computer,
          SourceName: event.provider,
          Channel: event.channel,
          EventCode: String(event.id),
          RecordNumber: String(event.record),
          ...event.data,
        },
      },
    ]),
  XML: (event) => xml(event),
  'XML with a root': (event) => `<?xml version="1.0"?>\n<Events>\n${xml(event, '"')}\n</Events>\n`,
};

/** A row without the pointers to its file. */
const bare = (row: Row | undefined): Row =>
  Object.fromEntries(Object.entries(row ?? {}).filter(([name]) => !name.startsWith('log.')));

describe.each(events)('%s is one row, whoever exported it', (_name, table, event) => {
  it.each(Object.keys(exporters))('%s', async (exporter) => {
    const written = exporters[exporter]?.(event) ?? '';
    const reference = exporters['winlogbeat']?.(event) ?? '';
    const read = await readAll([await fileWith('event', written)]);
    const expected = await readAll([await fileWith('event', reference)]);
    expect(read.reports).toMatchObject([{ records: 1, used: 1, rows: 1 }]);
    const [row] = await read.rows(table);
    expect(row).toMatchObject({ 'event.id': `WS1.lab/${event.channel}/${String(event.record)}` });
    expect(bare(row)).toEqual(bare((await expected.rows(table))[0]));
  });
});

it('values: what is absent is NULL, numbers and addresses have one form', async () => {
  const of = (id: number): string =>
    lines(
      events
        .filter(([, , e]) => e.id === id)
        .map(([, , e]) => JSON.parse(exporters['winlogbeat']?.(e) ?? '') as unknown),
    );
  const start = await readAll([await fileWith('a', of(1))]);
  expect((await start.rows('process'))[0]).toMatchObject({
    'process.entity_id': 'b34bc01c-2255-5f69-0100-000000000900',
    'process.parent.pid': 77,
    'user.domain': 'LAB',
    'user.name': 'dyetrace',
    'process.name': 'cmd.exe',
  });
  const [row] = await start.rows('process');
  for (const absent of [
    'process.parent.entity_id',
    'process.parent.executable',
    'process.parent.command_line',
  ]) {
    expect(row).not.toHaveProperty([absent]);
  }
  const network = await readAll([await fileWith('b', of(3))]);
  expect((await network.rows('connection'))[0]).toMatchObject({
    'source.ip': 'fe80::1:2:3:4',
    'destination.ip': '10.0.0.1',
  });
  const audit = await readAll([await fileWith('c', of(4688))]);
  expect((await audit.rows('process'))[0]).toMatchObject({
    'process.pid': 500,
    'process.parent.pid': 4242,
    'user.name': 'dyetrace',
  });
});

it("Winlogbeat's modules: what they moved out of event_data is found in ECS", async () => {
  const event = (event_id: string, record_id: number, rest: object, event_data: object = {}): unknown => ({
    '@timestamp': '2026-11-24T18:00:00.100Z',
    event: { code: event_id, ingested: '2026-11-24T18:00:05.000Z', outcome: 'success' },
    winlog: {
      channel: 'x',
      provider_name: sysmon.provider,
      event_id,
      record_id,
      computer_name: 'WS1',
      process: { pid: 3000 },
      event_data,
    },
    ...rest,
  });
  const audit = (record: unknown, provider: string): unknown => {
    const { winlog, ...rest } = record as { winlog: object };
    return { ...rest, winlog: { ...winlog, provider_name: provider } };
  };
  const file = await fileWith(
    'modules.ndjson',
    lines([
      event('3', 1, {
        process: { entity_id: guid, pid: 4242, executable: 'C:\\a.exe' },
        source: { ip: '10.0.0.1', port: 50000 },
        destination: { ip: '10.0.0.2', port: 21 },
        network: { transport: 'tcp', direction: 'egress', community_id: '1:abc=' },
        user: { name: 'u', domain: 'LAB' },
      }),
      event('11', 2, { process: { pid: 1, executable: 'C:\\a.exe' }, file: { path: 'C:\\x\\b.zip' } }),
      event('22', 3, {
        process: { pid: 1 },
        dns: { question: { name: 'a.b' }, answers: [{ type: 'A', data: '10.0.0.9' }] },
      }),
      audit(
        event(
          '4688',
          4,
          {
            process: {
              pid: 500,
              executable: 'C:\\new.exe',
              command_line: 'new',
              parent: { pid: 77, executable: 'C:\\old.exe' },
            },
            user: { name: 'u', domain: 'LAB' },
          },
          { ProcessId: '0x4d', SubjectUserName: 'u', SubjectDomainName: 'LAB', TargetUserName: '-' },
        ),
        security.provider,
      ),
      audit(
        event('4103', 5, {
          powershell: {
            command: {
              invocation_details: [
                { type: 'CommandInvocation', related_command: 'Copy-Item', value: '"Copy-Item"' },
                {
                  type: 'ParameterBinding',
                  related_command: 'Copy-Item',
                  name: '"Destination"',
                  value: '"\\\\10.0.0.2\\drop"',
                },
              ],
            },
          },
          process: { entity_id: 'host-id-of-powershell' },
          file: { path: 'C:\\s.ps1' },
          user: { name: 'u', domain: 'LAB' },
        }),
        'Microsoft-Windows-PowerShell',
      ),
    ]),
  );
  const { rows, reports } = await readAll([file]);
  expect(reports).toMatchObject([{ used: 5, rows: 5 }]);
  expect(await rows('connection')).toMatchObject([
    {
      'process.pid': 4242,
      'source.port': 50000,
      'destination.port': 21,
      'sysmon.initiated': true,
      'network.direction': 'egress',
      'network.community_id': '1:abc=',
      'user.domain': 'LAB',
      'event.ingested': '2026-11-24T18:00:05.000Z',
    },
  ]);
  expect(await rows('transfer')).toMatchObject([
    { 'file.name': 'b.zip', 'observer.type': 'host', 'event.action': 'write' },
  ]);
  expect(await rows('resolution')).toMatchObject([{ 'dns.question.name': 'a.b', 'dns.answers': '10.0.0.9' }]);
  expect(await rows('process')).toMatchObject([
    { 'process.pid': 500, 'process.parent.pid': 77, 'process.executable': 'C:\\new.exe' },
  ]);
  const [script] = await rows('script');
  expect(script).toMatchObject({ 'process.pid': 3000, 'file.path': 'C:\\s.ps1', 'user.name': 'u' });
  expect(script?.['powershell.script_block_text']).toContain(
    'name="Destination"; value="\\\\10.0.0.2\\drop"',
  );
});
