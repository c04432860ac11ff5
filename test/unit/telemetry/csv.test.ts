import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { csvHeader } from '../../../src/telemetry/csv/header.js';
import { accountedFor, fileWith, lines, readAll, type Row } from './helpers.js';

const quoted = (value: string | number = ''): string => `"${String(value).replaceAll('"', '""')}"`;
type Record_ = Readonly<Record<string, string | number>>;

const csv = (records: readonly Record_[], { delimiter = ',', end = '\r\n', type = '' } = {}): string => {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const rows = [names, ...records.map((record) => names.map((name) => record[name]))];
  return `${type}${rows.map((row) => row.map(quoted).join(delimiter)).join(end)}${end}`;
};

const bare = (row: Row | undefined): Row =>
  Object.fromEntries(Object.entries(row ?? {}).filter(([name]) => !name.startsWith('log.')));

const connection = {
  Timestamp: '2026-11-24T18:00:01Z',
  DeviceId: 'd1',
  DeviceName: 'ws1.lab.example',
  ActionType: 'ConnectionSuccess',
  ReportId: 8,
  LocalIP: '10.0.0.1',
  LocalPort: 50000,
  RemoteIP: '10.0.0.2',
  RemotePort: 21,
  Protocol: 'Tcp',
  InitiatingProcessId: 500,
  InitiatingProcessFileName: 'ftp.exe',
  InitiatingProcessFolderPath: 'c:\\windows\\system32\\ftp.exe',
  InitiatingProcessCommandLine: 'ftp "-s:a, b"\r\n 10.0.0.2',
};
const start = {
  TimeCreated: '2026-11-24T18:00:01.0000000Z',
  ProviderName: 'Microsoft-Windows-Security-Auditing',
  LogName: 'Security',
  Id: 4688,
  MachineName: 'WS1.lab',
  RecordId: 13,
  NewProcessId: '0x1f4',
  NewProcessName: 'C:\\Windows\\System32\\ftp.exe',
  ProcessId: '0x1092',
  CommandLine: 'ftp "-s:a, b" 10.0.0.2',
  SubjectUserName: 'dyetrace',
  SubjectDomainName: 'LAB',
};

describe('Defender XDR', () => {
  it.each([
    ['commas', {}],
    ['semicolons', { delimiter: ';' }],
    ['tabs', { delimiter: '\t', end: '\n' }],
  ])('%s give the rows of JSON', async (_, options) => {
    const read = await readAll([await fileWith('rows.csv', csv([connection], options))]);
    const json = await readAll([await fileWith('rows.json', lines([connection]))]);
    expect(read.reports).toMatchObject([{ reader: 'defender-xdr-csv', records: 1, used: 1, rows: 1 }]);
    expect(bare((await read.rows('connection'))[0])).toEqual(bare((await json.rows('connection'))[0]));
  });
});

it('the same event flat and in JSON, whatever the bytes: BOM, UTF-16, gzip, line ends of two kinds', async () => {
  const text = csv([start]);
  const json = await readAll([
    await fileWith(
      'winlogbeat.ndjson',
      lines([
        {
          '@timestamp': start.TimeCreated,
          winlog: {
            channel: 'Security',
            provider_name: start.ProviderName,
            event_id: '4688',
            record_id: 13,
            computer_name: 'WS1.lab',
            event_data: start,
          },
        },
      ]),
    ),
  ]);
  const expected = bare((await json.rows('process'))[0]);
  expect(expected).toMatchObject({ 'process.pid': 500, 'process.parent.pid': 4242 });
  const forms: readonly (readonly [string, Buffer])[] = [
    ['plain', Buffer.from(text)],
    ['after #TYPE', Buffer.from(csv([start], { type: '#TYPE System.Object\r\n' }))],
    ['BOM', Buffer.from(`\ufeff${text}`)],
    ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['gzip', gzipSync(text)],
    ['two kinds of line ends', Buffer.from(text.replace('\r\n', '\n'))],
  ];
  for (const [name, bytes] of forms) {
    const { reports, rows } = await readAll([await fileWith('events.csv', bytes)]);
    expect(reports[0], name).toMatchObject({ reader: 'windows-csv', records: 1, used: 1, rejected: 0 });
    expect(bare((await rows('process'))[0]), name).toEqual(expected);
  }
});

it('5156: ProcessID and the column ProcessId of another spelling', async () => {
  const event = {
    TimeCreated: '2026-11-24T18:00:02Z',
    ProviderName: 'Microsoft-Windows-Security-Auditing',
    Id: 5156,
    MachineName: 'WS1',
    ProcessID: 4242,
    ProcessId: '',
    Application: '\\device\\harddiskvolume3\\windows\\system32\\ftp.exe',
    Direction: '%%14593',
    SourceAddress: '10.0.0.1',
    SourcePort: 50001,
    DestAddress: '10.0.0.2',
    DestPort: 21,
    Protocol: 6,
  };
  const { rows } = await readAll([await fileWith('events.csv', csv([event]))]);
  expect(await rows('connection')).toMatchObject([{ 'process.pid': 4242, 'network.direction': 'egress' }]);
});

it('nothing is lost: a record with too few or too many columns, or bytes that are no text, is rejected with its line', async () => {
  const good = csv([connection, { ...connection, ReportId: 9, ActionType: 'ConnectionFailed' }], {
    end: '\n',
  });
  const bytes = Buffer.concat([
    Buffer.from(
      `${good}"too","few"\n${csv([{ ...connection, ReportId: 10 }], { end: '\n' })
        .split('\n')
        .slice(1)
        .join('\n')}`,
    ),
    Buffer.from(`${'"x",'.repeat(40)}"y"\n`),
    Buffer.from([0x22, 0xff, 0x22, 0x0a]),
  ]);
  const { reports, rejected, rows } = await readAll([await fileWith('rows.csv', bytes)]);
  const [report] = reports;
  expect(report).toMatchObject({
    records: 6,
    used: 2,
    rejected: 3,
    ignored: { 'defender-xdr ConnectionFailed': 1 },
  });
  expect(reports.map(accountedFor)).toEqual([6]);
  expect(rejected).toHaveLength(3);
  expect(rejected[0]?.raw).toContain('"too","few"');
  expect(rejected.every(({ line }) => line > 1)).toBe(true);
  expect(await rows('connection')).toHaveLength(2);
});

describe('Get-WinEvent | Export-Csv', () => {
  const event = (Id: number, ProviderName: string, LogName: string, Message: string): Record_ => ({
    Message,
    Id,
    Version: 1,
    Keywords: '-9214364837600034816',
    RecordId: 100 + Id,
    ProviderName,
    LogName,
    ProcessId: 3000,
    ThreadId: 1,
    MachineName: 'WS1.lab',
    TimeCreated: '11/24/2026 6:00:00 PM',
    KeywordsDisplayNames: 'System.Collections.ObjectModel.ReadOnlyCollection`1[System.String]',
  });
  const sysmon = ['Microsoft-Windows-Sysmon', 'Microsoft-Windows-Sysmon/Operational'] as const;
  const security = ['Microsoft-Windows-Security-Auditing', 'Security'] as const;

  it('takes the fields out of the message', async () => {
    const file = await fileWith(
      'events.csv',
      csv([
        event(
          1,
          ...sysmon,
          'Process Create:\r\nRuleName: -\r\nUtcTime: 2026-11-24 18:00:00.100\r\nProcessGuid: {b34bc01c-2255-5f69-0100-000000000900}\r\nProcessId: 500\r\nImage: C:\\Windows\\System32\\ftp.exe\r\nOriginalFileName: ftp.exe\r\nCommandLine: ftp "-s:a, b" 10.0.0.2\r\nUser: LAB\\dyetrace\r\nParentProcessId: 4242\r\nParentImage: C:\\Windows\\System32\\cmd.exe\r\nParentCommandLine: cmd.exe /c x',
        ),
        // https://learn.microsoft.com/windows/security/threat-protection/auditing/event-4688
        event(
          4688,
          ...security,
          'A new process has been created.\r\n\r\nCreator Subject:\r\n\tSecurity ID:\t\tSYSTEM\r\n\tAccount Name:\t\tWS1$\r\n\tAccount Domain:\t\tLAB\r\n\tLogon ID:\t\t0x3E7\r\n\r\nTarget Subject:\r\n\tSecurity ID:\t\tLAB\\dyetrace\r\n\tAccount Name:\t\tdyetrace\r\n\tAccount Domain:\t\tLAB\r\n\tLogon ID:\t\t0x4A5AF0\r\n\r\nProcess Information:\r\n\tNew Process ID:\t\t0x1f4\r\n\tNew Process Name:\tC:\\Windows\\System32\\rundll32.exe\r\n\tToken Elevation Type:\t%%1938\r\n\tCreator Process ID:\t0x1092\r\n\tCreator Process Name:\tC:\\Windows\\explorer.exe\r\n\tProcess Command Line:\trundll32.exe a.dll,Upload\r\n\r\nToken Elevation Type indicates the type of token.',
        ),
        // https://learn.microsoft.com/windows/security/threat-protection/auditing/event-5156
        event(
          5156,
          ...security,
          'The Windows Filtering Platform has permitted a connection.\r\n\r\nApplication Information:\r\n\tProcess ID:\t\t4556\r\n\tApplication Name:\t\\device\\harddiskvolume2\\windows\\system32\\ftp.exe\r\n\r\nNetwork Information:\r\n\tDirection:\t\tOutbound\r\n\tSource Address:\t\t10.0.0.1\r\n\tSource Port:\t\t3333\r\n\tDestination Address:\t10.0.0.2\r\n\tDestination Port:\t\t21\r\n\tProtocol:\t\t6\r\n\r\nFilter Information:\r\n\tFilter Run-Time ID:\t70201',
        ),
        event(
          4104,
          'Microsoft-Windows-PowerShell',
          'Microsoft-Windows-PowerShell/Operational',
          'Creating Scriptblock text (2 of 3):\r\n$a = "x, y"\r\nCopy-Item $a \\\\10.0.0.2\\drop\r\n\r\nScriptBlock ID: 5cbb33bf-acf7-47cc-9242-141cd0ba9f0c\r\nPath: C:\\x.ps1',
        ),
      ]),
    );
    const { reports, rows } = await readAll([file]);
    expect(reports).toMatchObject([{ reader: 'get-winevent-csv', records: 4, used: 4, rows: 4 }]);
    const [first, second] = await rows('process');
    expect(first).toMatchObject({
      '@timestamp': '2026-11-24T18:00:00.100Z',
      'process.pid': 500,
      'process.entity_id': 'b34bc01c-2255-5f69-0100-000000000900',
      'process.command_line': 'ftp "-s:a, b" 10.0.0.2',
      'process.parent.pid': 4242,
      'user.name': 'dyetrace',
    });
    expect(second).toMatchObject({
      'process.pid': 500,
      'process.parent.pid': 4242,
      'process.command_line': 'rundll32.exe a.dll,Upload',
      'process.parent.executable': 'C:\\Windows\\explorer.exe',
      'user.name': 'dyetrace',
    });
    // A local time in the manner of a culture is no time.
    expect(second).not.toHaveProperty(['@timestamp']);
    expect(await rows('connection')).toMatchObject([
      {
        'process.pid': 4556,
        'source.port': 3333,
        'destination.ip': '10.0.0.2',
        'destination.port': 21,
        'network.transport': 'tcp',
        'network.direction': 'egress',
      },
    ]);
    expect(await rows('script')).toMatchObject([
      {
        'process.pid': 3000,
        'powershell.message_number': 2,
        'powershell.message_total': 3,
        'powershell.script_block_text': '$a = "x, y"\r\nCopy-Item $a \\\\10.0.0.2\\drop',
        'powershell.script_block_id': '5cbb33bf-acf7-47cc-9242-141cd0ba9f0c',
        'file.path': 'C:\\x.ps1',
      },
    ]);
  });
});

it('a header: quotes, delimiters, #TYPE; what is none is none', () => {
  expect(csvHeader({ text: '#TYPE x\r\n"a ""b""","c,d","TimeGenerated [UTC]"\r\n1,2,3\r\n' })).toEqual({
    delimiter: ',',
    names: ['a "b"', 'c,d', 'TimeGenerated'],
    skip: 2,
  });
  for (const text of ['', '{"a":1,"b":2,"c":3}\n', '<a>,b,c\n', 'one line of prose\n', 'a,,c\n'])
    expect(csvHeader({ text })).toBeUndefined();
});

it('property: any names are read back, whatever they hold', () => {
  const name = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((text) => !/[\r\n\ufeff]/.test(text) && text.trim() === text && !text.endsWith(' [UTC]'));
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 3, maxLength: 20 }),
      fc.constantFrom(',', ';', '\t'),
      (names, delimiter) => {
        expect(csvHeader({ text: `${names.map(quoted).join(delimiter)}\n` })).toMatchObject({
          names,
          delimiter,
        });
      },
    ),
  );
});
