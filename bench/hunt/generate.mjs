/**
 * Generates telemetry of a busy Windows estate for the benchmark: Winlogbeat's Sysmon records as NDJSON, Zeek's conn.log as JSON
 * and TSV. Seeded: the same arguments give the same bytes. A thousandth of the connections are uploads that hunt has to find.
 */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** mulberry32: a small seeded generator; nothing here needs more. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Images by their share of processes: most of what an estate starts is no shell. */
const images = [
  ...Array(30).fill('C:\\Windows\\System32\\svchost.exe'),
  ...Array(18).fill('C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'),
  ...Array(14).fill('C:\\Windows\\System32\\conhost.exe'),
  ...Array(10).fill('C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe'),
  ...Array(8).fill('C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE'),
  ...Array(6).fill('C:\\Windows\\System32\\cmd.exe'),
  ...Array(5).fill('C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe'),
  ...Array(4).fill('C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24050.7-0\\MsMpEng.exe'),
  ...Array(3).fill('C:\\Windows\\System32\\rundll32.exe'),
  ...Array(2).fill('System'),
];
const users = ['NT AUTHORITY\\SYSTEM', 'EXAMPLE\\alice', 'EXAMPLE\\bob', 'NT AUTHORITY\\NETWORK SERVICE'];
/** Shares of event ids as a common Sysmon configuration gives them. */
const shares = [
  [1, 0.12],
  [3, 0.22],
  [5, 0.1],
  [7, 0.14],
  [10, 0.1],
  [11, 0.1],
  [12, 0.06],
  [13, 0.08],
  [22, 0.08],
];
const tasks = {
  1: 'Process Create (rule: ProcessCreate)',
  3: 'Network connection detected (rule: NetworkConnect)',
  5: 'Process terminated (rule: ProcessTerminate)',
  7: 'Image loaded (rule: ImageLoad)',
  10: 'Process accessed (rule: ProcessAccess)',
  11: 'File created (rule: FileCreate)',
  12: 'Registry object added or deleted (rule: RegistryEvent)',
  13: 'Registry value set (rule: RegistryEvent)',
  22: 'Dns query (rule: DnsQuery)',
};
const zeekColumns = [
  ['ts', 'time'],
  ['uid', 'string'],
  ['id.orig_h', 'addr'],
  ['id.orig_p', 'port'],
  ['id.resp_h', 'addr'],
  ['id.resp_p', 'port'],
  ['proto', 'enum'],
  ['service', 'string'],
  ['duration', 'interval'],
  ['orig_bytes', 'count'],
  ['resp_bytes', 'count'],
  ['conn_state', 'string'],
  ['local_orig', 'bool'],
  ['local_resp', 'bool'],
  ['missed_bytes', 'count'],
  ['history', 'string'],
  ['orig_pkts', 'count'],
  ['orig_ip_bytes', 'count'],
  ['resp_pkts', 'count'],
  ['resp_ip_bytes', 'count'],
  ['tunnel_parents', 'set[string]'],
];

function world(seed) {
  const random = seeded(seed);
  const below = (n) => Math.floor(random() * n);
  const pick = (list) => list[below(list.length)];
  const hex = (n) => {
    let text = '';
    while (text.length < n) text += below(0x10000).toString(16).toUpperCase().padStart(4, '0');
    return text.slice(0, n);
  };
  return { random, below, pick, hex };
}

function eventId({ random }) {
  let left = random();
  for (const [id, share] of shares) {
    left -= share;
    if (left < 0) return id;
  }
  return 22;
}

function sysmonData(id, w, time) {
  const { below, pick, hex, random } = w;
  const guid = () => `{${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}}`;
  const utc = time.toISOString().replace('T', ' ').replace('Z', '');
  const own = {
    RuleName: '-',
    UtcTime: utc,
    ProcessGuid: guid(),
    ProcessId: String(4 + 4 * below(4000)),
    Image: pick(images),
  };
  const user = pick(users);
  switch (id) {
    case 1:
      return {
        ...own,
        FileVersion: '10.0.19041.546 (WinBuild.160101.0800)',
        Description: 'Windows PowerShell',
        Product: 'Microsoft® Windows® Operating System',
        Company: 'Microsoft Corporation',
        OriginalFileName: 'PowerShell.EXE',
        CommandLine: `"${own.Image}" -NoProfile -ExecutionPolicy Bypass -File C:\\Scripts\\job-${below(1000)}.ps1`,
        CurrentDirectory: 'C:\\Windows\\system32\\',
        User: user,
        LogonGuid: guid(),
        LogonId: `0x${hex(6).toLowerCase()}`,
        TerminalSessionId: '0',
        IntegrityLevel: 'System',
        Hashes: `SHA256=${hex(64)},IMPHASH=${hex(32)}`,
        ParentProcessGuid: guid(),
        ParentProcessId: String(4 + 4 * below(4000)),
        ParentImage: pick(images),
        ParentCommandLine: 'C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule',
        ParentUser: 'NT AUTHORITY\\SYSTEM',
      };
    case 3: {
      const v6 = random() < 0.1;
      const port = random() < 0.002 ? pick([21, 69, 445]) : pick([443, 443, 443, 80, 53, 88, 135, 389, 3389]);
      return {
        ...own,
        User: user,
        Protocol: port === 53 || port === 69 ? 'udp' : 'tcp',
        Initiated: 'true',
        SourceIsIpv6: String(v6),
        SourceIp: v6
          ? `fe80:0:0:0:${hex(4).toLowerCase()}:1ff:fe23:4567`
          : `10.1.${below(8)}.${1 + below(250)}`,
        SourceHostname: `ws${below(500)}.example.internal`,
        SourcePort: String(49152 + below(16000)),
        SourcePortName: '-',
        DestinationIsIpv6: String(v6),
        DestinationIp: v6
          ? `fe80:0:0:0:2ff:1ff:fe23:${hex(4).toLowerCase()}`
          : `10.2.${below(8)}.${1 + below(250)}`,
        DestinationHostname: '-',
        DestinationPort: String(port),
        DestinationPortName: '-',
      };
    }
    case 5:
      return { ...own, User: user };
    case 7:
      return {
        ...own,
        ImageLoaded: 'C:\\Windows\\System32\\samcli.dll',
        FileVersion: '10.0.19041.546 (WinBuild.160101.0800)',
        Description: 'Security Accounts Manager Client DLL',
        Product: 'Microsoft® Windows® Operating System',
        Company: 'Microsoft Corporation',
        OriginalFileName: 'SAMCLI.DLL',
        Hashes: `SHA256=${hex(64)},IMPHASH=${hex(32)}`,
        Signed: 'true',
        Signature: 'Microsoft Windows',
        SignatureStatus: 'Valid',
        User: user,
      };
    case 10:
      return {
        RuleName: '-',
        UtcTime: utc,
        SourceProcessGUID: guid(),
        SourceProcessId: String(4 * below(4000)),
        SourceThreadId: String(below(9000)),
        SourceImage: pick(images),
        TargetProcessGUID: guid(),
        TargetProcessId: String(4 * below(4000)),
        TargetImage: pick(images),
        GrantedAccess: '0x1000',
        CallTrace:
          'C:\\Windows\\SYSTEM32\\ntdll.dll+9d1e4|C:\\Windows\\System32\\KERNELBASE.dll+2c13e|C:\\Windows\\system32\\lsm.dll+10e93',
        SourceUser: user,
        TargetUser: user,
      };
    case 11:
      return { ...own, TargetFilename: `C:\\Windows\\Temp\\${hex(8)}.tmp`, CreationUtcTime: utc, User: user };
    case 22:
      return {
        ...own,
        QueryName: `host${below(900)}.example.internal`,
        QueryStatus: '0',
        QueryResults: `::ffff:10.2.0.${1 + below(250)};`,
        User: user,
      };
    default:
      return {
        ...own,
        EventType: 'SetValue',
        TargetObject: `HKLM\\System\\CurrentControlSet\\Services\\W32Time\\Config\\${hex(12)}`,
        Details: `DWORD (0x${hex(8).toLowerCase()})`,
        User: user,
      };
  }
}

/** A record as Winlogbeat 8 ships it without its modules' processors. */
function winlogbeatLine(w, at, number) {
  const time = new Date(at);
  const id = eventId(w);
  const host = `ws${w.below(200)}.example.internal`;
  const data = sysmonData(id, w, time);
  const lines = Object.entries(data).map(([key, value]) => `${key}: ${value}`);
  return JSON.stringify({
    '@timestamp': time.toISOString(),
    '@metadata': { beat: 'winlogbeat', type: '_doc', version: '8.13.2' },
    event: {
      kind: 'event',
      code: String(id),
      provider: 'Microsoft-Windows-Sysmon',
      action: tasks[id],
      created: new Date(at + 1200).toISOString(),
    },
    log: { level: 'information' },
    message: `${tasks[id].split(' (')[0]}:\n${lines.join('\n')}`,
    winlog: {
      record_id: number,
      task: tasks[id],
      process: { pid: 2344, thread: { id: 3120 } },
      event_id: String(id),
      version: 5,
      opcode: 'Info',
      provider_name: 'Microsoft-Windows-Sysmon',
      provider_guid: '{5770385f-c22a-43e0-bf4c-06f5698ffbd9}',
      channel: 'Microsoft-Windows-Sysmon/Operational',
      computer_name: host,
      api: 'wineventlog',
      user: { identifier: 'S-1-5-18', name: 'SYSTEM', domain: 'NT AUTHORITY', type: 'User' },
      event_data: data,
    },
    host: { name: host },
    agent: {
      id: '0b9f2f4e-6b1e-4d43-9a8c-2f4f1f8e3c11',
      name: host,
      type: 'winlogbeat',
      version: '8.13.2',
      ephemeral_id: 'd3f3c1ce-5d0e-4a55-8a3b-3b1d8a1b9c1e',
    },
    ecs: { version: '8.0.0' },
  });
}

function connection(w, at) {
  const { below, pick, random, hex } = w;
  const upload = random() < 0.001;
  const port = upload ? pick([21, 69, 445]) : pick([443, 443, 443, 80, 53, 53, 88, 389, 123]);
  const udp = port === 53 || port === 69 || port === 123;
  const out = upload ? 1_000_000 + below(50_000_000) : 200 + below(20_000);
  const back = 100 + below(90_000);
  return {
    ts: at / 1000,
    uid: `C${hex(16)}`,
    'id.orig_h': `10.1.${below(8)}.${1 + below(250)}`,
    'id.orig_p': 49152 + below(16000),
    'id.resp_h': `10.2.${below(8)}.${1 + below(250)}`,
    'id.resp_p': port,
    proto: udp ? 'udp' : 'tcp',
    service: {
      443: 'ssl',
      80: 'http',
      53: 'dns',
      88: 'krb_tcp',
      389: 'ldap_tcp',
      123: 'ntp',
      21: 'ftp',
      445: 'gssapi,smb',
    }[port],
    duration: Math.round(random() * 1e7) / 1e6,
    orig_bytes: out,
    resp_bytes: back,
    conn_state: 'SF',
    local_orig: true,
    local_resp: true,
    missed_bytes: 0,
    history: udp ? 'Dd' : 'ShADadFf',
    orig_pkts: 4 + Math.floor(out / 1400),
    orig_ip_bytes: out + 40 * (4 + Math.floor(out / 1400)),
    resp_pkts: 4 + Math.floor(back / 1400),
    resp_ip_bytes: back + 40 * (4 + Math.floor(back / 1400)),
  };
}

function tsvHeader() {
  return [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    '#path\tconn',
    '#open\t2026-01-01-00-00-00',
    `#fields\t${zeekColumns.map(([name]) => name).join('\t')}`,
    `#types\t${zeekColumns.map(([, type]) => type).join('\t')}`,
  ].join('\n');
}

const tsvLine = (record) =>
  zeekColumns
    .map(([name, type]) => {
      const value = record[name];
      if (value === undefined) return type.startsWith('set') ? '(empty)' : '-';
      if (type === 'bool') return value ? 'T' : 'F';
      return type === 'time' || type === 'interval' ? value.toFixed(6) : String(value);
    })
    .join('\t');

/** The formats that can be generated: a header, and one record by its number. */
export const formats = {
  'sysmon.ndjson': { line: winlogbeatLine },
  'conn.json': { line: (w, at) => JSON.stringify(connection(w, at)) },
  'conn.log': { header: tsvHeader(), line: (w, at) => tsvLine(connection(w, at)) },
};

/**
 * Writes a file of one format, of `bytes` at least.
 * @returns how many records it holds.
 */
export async function generate(format, path, bytes, seed = 1169) {
  const { header, line } = formats[format];
  const out = createWriteStream(path, { highWaterMark: 1 << 22 });
  const w = world(seed);
  const start = Date.parse('2026-01-01T00:00:00Z');
  let written = 0;
  let records = 0;
  if (header !== undefined) out.write(`${header}\n`);
  while (written < bytes) {
    let block = '';
    while (block.length < 1 << 20 && written + block.length < bytes)
      block += `${line(w, start + records * 3, ++records)}\n`;
    written += Buffer.byteLength(block);
    if (!out.write(block)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return records;
}
