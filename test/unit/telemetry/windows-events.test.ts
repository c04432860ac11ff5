import { describe, expect, it } from 'vitest';
import { fileWith, lines, readAll, type Row } from './helpers.js';

const namespace = 'http://schemas.microsoft.com/win/2004/08/events/event';
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const xml = (provider: string, channel: string, id: number, body: string, pid = 0): string =>
  `<Event xmlns='${namespace}'><System><Provider Name='${provider}'/><EventID Qualifiers='0'>${String(id)}</EventID>
<TimeCreated SystemTime='2026-11-24T18:00:00.1Z'/><EventRecordID>${String(id)}</EventRecordID><Execution ProcessID='${String(pid)}' ThreadID='0'/>
<Channel>${channel}</Channel><Computer>WS1.lab</Computer></System>${body}</Event>`;

/** Layout of the classic log: https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_eventlogs. */
const list = (first: string): string =>
  [
    first,
    'HostName=ConsoleHost',
    'HostVersion=5.1.26100.1',
    'HostId=5cbb33bf-acf7-47cc-9242-141cd0ba9f0c',
    'HostApplication=powershell.exe -NoProfile -File C:\\x.ps1 -Server 10.0.0.2',
    'EngineVersion=5.1.26100.1',
    'RunspaceId=c6e94dca-0daf-418c-860a-f751a9f2cbe1',
    'PipelineId=1',
    'ScriptName=C:\\x.ps1',
    'CommandLine=Copy-Item C:\\a.zip \\\\10.0.0.2\\drop',
  ]
    .map((line) => `\t${line}`)
    .join('\r\n');
const engine = ['Available', 'None', list('NewEngineState=Available\r\n\tPreviousEngineState=None')];
const pipeline = [
  'Copy-Item C:\\a.zip \\\\10.0.0.2\\drop',
  list('DetailSequence=1\r\n\tUserId=LAB\\dyetrace'),
  'CommandInvocation(Copy-Item): "Copy-Item"\r\nParameterBinding(Copy-Item): name="Path"; value="C:\\a.zip"\r\n',
];

const classic = (id: number, values: readonly string[]): Readonly<Record<string, string>> => ({
  XML: xml(
    'PowerShell',
    'Windows PowerShell',
    id,
    `<EventData>${values.map((value) => `<Data>${escape(value)}</Data>`).join('')}</EventData>`,
  ),
  winlogbeat: lines([
    {
      '@timestamp': '2026-11-24T18:00:00.1Z',
      winlog: {
        channel: 'Windows PowerShell',
        provider_name: 'PowerShell',
        event_id: String(id),
        record_id: id,
        computer_name: 'WS1.lab',
        event_data: Object.fromEntries(values.map((value, at) => [`param${String(at + 1)}`, value])),
      },
    },
  ]),
  evtx_dump: lines([
    {
      Event: {
        System: {
          Provider: { '#attributes': { Name: 'PowerShell' } },
          EventID: { '#attributes': { Qualifiers: 0 }, '#text': id },
          TimeCreated: { '#attributes': { SystemTime: '2026-11-24T18:00:00.1Z' } },
          EventRecordID: id,
          Channel: 'Windows PowerShell',
          Computer: 'WS1.lab',
        },
        EventData: { Data: { '#text': values } },
      },
    },
  ]),
});

const only = async (text: string, table: 'script' | 'prevention'): Promise<Row> => {
  const { rows, reports } = await readAll([await fileWith('event', text)]);
  expect(reports).toMatchObject([{ records: 1, used: 1, rows: 1 }]);
  return (await rows(table))[0] ?? {};
};

describe.each(['XML', 'winlogbeat', 'evtx_dump'])('the classic PowerShell log, from %s', (exporter) => {
  it('400: the command line of the host application', async () => {
    const row = await only(classic(400, engine)[exporter] ?? '', 'script');
    expect(row).toMatchObject({
      'event.module': 'powershell',
      'event.code': '400',
      'event.id': 'WS1.lab/Windows PowerShell/400',
      'powershell.script_block_text': 'powershell.exe -NoProfile -File C:\\x.ps1 -Server 10.0.0.2',
    });
    // 0 is no process.
    expect(row).not.toHaveProperty(['process.pid']);
  });

  it('800: the pipeline and what it called, with script and user', async () => {
    const row = await only(classic(800, pipeline)[exporter] ?? '', 'script');
    expect(row).toMatchObject({
      'event.code': '800',
      'file.path': 'C:\\x.ps1',
      'user.name': 'dyetrace',
      'user.domain': 'LAB',
    });
    expect(row['powershell.script_block_text']).toMatch(
      /^Copy-Item C:\\a\.zip \\\\10\.0\.0\.2\\drop\nCommandInvocation\(Copy-Item\)/,
    );
  });
});

it('400 where lines were put into one (Wazuh), and where the message alone has them (NXLog)', async () => {
  const flat = engine.join(', ').replaceAll(/[\r\n\t]+/g, ' ');
  const wazuh = lines([
    {
      data: {
        win: {
          system: {
            providerName: 'PowerShell',
            eventID: '400',
            channel: 'Windows PowerShell',
            computer: 'WS1.lab',
          },
          eventdata: { data: JSON.stringify(flat).slice(1, -1) },
        },
      },
    },
  ]);
  const nxlog = lines([
    {
      EventID: 400,
      SourceName: 'PowerShell',
      Channel: 'Windows PowerShell',
      Hostname: 'WS1.lab',
      Message: `Engine state is changed from None to Available. \r\n\r\nDetails: \r\n${engine[2] ?? ''}`,
    },
  ]);
  for (const text of [wazuh, nxlog]) {
    expect(await only(text, 'script')).toMatchObject({
      'powershell.script_block_text': 'powershell.exe -NoProfile -File C:\\x.ps1 -Server 10.0.0.2',
    });
  }
});

describe('SMB client', () => {
  const smb = (id: number, data: Readonly<Record<string, string>>, user = false): string => {
    const fields = Object.entries(data).map(([name, value]) =>
      user ? `<${name}>${value}</${name}>` : `<Data Name='${name}'>${value}</Data>`,
    );
    const body = user
      ? `<UserData><EventData xmlns='Smb2Namespace'>${fields.join('')}</EventData></UserData>`
      : `<EventData>${fields.join('')}</EventData>`;
    return xml('Microsoft-Windows-SMBClient', 'Microsoft-Windows-SmbClient/Connectivity', id, body, 4);
  };

  it.each([
    ['a SOCKADDR', { Address: `020001BD0A000002${'0'.repeat(16)}` }, '10.0.0.2', 445],
    [
      'an IPv6 SOCKADDR',
      { Address: `170001BD0000000020010DB80000000000000000000000010000000000` },
      '2001:db8::1',
      445,
    ],
    ['text', { Address: '10.0.0.2:445' }, '10.0.0.2', 445],
    ['the name alone', { ServerName: '\\10.0.0.3' }, '10.0.0.3', undefined],
  ])('30803, with the address as %s', async (_, data, ip, port) => {
    for (const user of [false, true]) {
      const row = await only(
        smb(30803, { ServerName: '\\files.lab', Status: '3221225653', ...data }, user),
        'prevention',
      );
      expect(row).toMatchObject({ 'host.name': 'WS1.lab', 'destination.ip': ip });
      expect(row['destination.port']).toBe(port);
      expect(row['event.reason']).toContain('status 3221225653');
    }
  });

  it('connections that were there and ended are no prevention', async () => {
    const events = [30804, 30805, 30806, 30807].map((id) => smb(id, { ServerName: '\\files.lab' }));
    const { reports } = await readAll([await fileWith('events.xml', events.join('\n'))]);
    expect(reports[0]).toMatchObject({ records: 4, used: 0, rejected: 0 });
    expect(reports[0]?.ignored).toMatchObject({ 'smbclient 30804': 1, 'smbclient 30806': 1 });
  });
});

it('events that no step of the analytic asks for are counted by kind', async () => {
  const security = ([4624, 4648, 5158] as const).map((id) =>
    xml('Microsoft-Windows-Security-Auditing', 'Security', id, '<EventData/>'),
  );
  const sysmon = ([7, 25] as const).map((id) =>
    xml('Microsoft-Windows-Sysmon', 'Microsoft-Windows-Sysmon/Operational', id, '<EventData/>'),
  );
  const { reports } = await readAll([await fileWith('events.xml', [...security, ...sysmon].join('\n'))]);
  expect(reports[0]?.ignored).toEqual({
    'security 4624': 1,
    'security 4648': 1,
    'security 5158': 1,
    'sysmon 25': 1,
    'sysmon 7': 1,
  });
});
