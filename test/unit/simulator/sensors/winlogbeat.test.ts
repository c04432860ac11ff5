import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedClock } from '../../../../src/core/index.js';
import type { Activity } from '../../../../src/simulator/activity.js';
import { createSensors } from '../../../../src/simulator/sensors/index.js';
import { argumentsOf } from '../../../../src/simulator/sensors/winlogbeat-fields.js';
import { activeData, at, cmd, ftp, passiveData, process, smb, socket } from '../hand-made.js';

interface Record_ {
  readonly [key: string]: unknown;
  readonly event: { readonly code: string };
  readonly winlog: { readonly event_data?: Readonly<Record<string, string>> };
}

/** The shipped record of one event. */
function record(code: string, activity: Activity): Record_ {
  const records: Record_[] = [];
  const sensors = createSensors({
    host: { computer: 'WS01', address: '127.0.1.1' },
    faults: [],
    clock: fixedClock(at),
    ship: (shipped) => {
      if (shipped.source === 'winlogbeat') records.push(shipped.record as Record_);
    },
  });
  sensors.sense(activity);
  const found = records.find(({ event }) => event.code === code);
  if (found === undefined) throw new Error(`no event ${code}`);
  return found;
}
const opened = (of: typeof smb): Activity => ({ kind: 'socket-opened', at, socket: of });

// Expected fields: the golden files of x-pack/winlogbeat/module/*/test/testdata/ingest in elastic/beats 8.17.
describe('Winlogbeat, Sysmon module', () => {
  it('1: process fields move to ECS', () => {
    const made = record('1', { kind: 'process-started', at, process: ftp });
    expect(made).toMatchObject({
      '@timestamp': '2026-11-24T18:45:12.345Z',
      host: { name: 'WS01' },
      agent: { type: 'winlogbeat' },
      log: { level: 'information' },
      event: {
        action: 'Process creation',
        category: ['process'],
        code: '1',
        kind: 'event',
        module: 'sysmon',
        provider: 'Microsoft-Windows-Sysmon',
        type: ['start'],
      },
      process: {
        entity_id: '{a1b2c3d4-1111-2222-3333-444444444444}',
        pid: 8012,
        executable: 'C:\\Windows\\System32\\ftp.exe',
        name: 'ftp.exe',
        command_line: 'ftp.exe -n -s:C:\\Dyetrace\\x.txt',
        args: ['ftp.exe', '-n', '-s:C:\\Dyetrace\\x.txt'],
        args_count: 3,
        working_directory: 'C:\\Dyetrace\\',
        pe: { original_file_name: 'ftp.exe', description: 'File Transfer Program' },
        parent: {
          pid: 500,
          executable: 'C:\\Windows\\System32\\cmd.exe',
          name: 'cmd.exe',
          command_line: cmd.commandLine,
        },
      },
      user: { domain: 'LAB', name: 'dyetrace', id: 'S-1-5-18' },
      winlog: {
        channel: 'Microsoft-Windows-Sysmon/Operational',
        computer_name: 'WS01',
        event_id: '1',
        provider_name: 'Microsoft-Windows-Sysmon',
        record_id: '1',
      },
    });
    expect(Object.keys(made.winlog.event_data ?? {})).toEqual([
      'FileVersion',
      'Description',
      'Product',
      'Company',
      'LogonGuid',
      'LogonId',
      'TerminalSessionId',
      'IntegrityLevel',
      'ParentUser',
    ]);
  });

  it('3: everything moves, and no event_data is left', () => {
    const made = record('3', opened(smb));
    expect(made).toMatchObject({
      process: { executable: 'System', pid: 4 },
      source: { ip: '127.0.1.1', port: 50_004 },
      destination: { ip: '127.0.2.1', port: 445 },
      network: { direction: 'egress', transport: 'tcp', protocol: 'microsoft-ds', type: 'ipv4' },
    });
    expect(made['process']).not.toHaveProperty('name');
    expect(made.winlog).not.toHaveProperty('event_data');
    expect(record('3', opened(activeData))).toMatchObject({
      network: { direction: 'ingress' },
      source: { ip: '127.0.2.1', port: 20 },
    });
  });

  it("3: the community id is that of Winlogbeat's own test data", () => {
    const chrome = socket({
      local: { ip: '10.0.2.15', port: 1138 },
      remote: { ip: '40.77.226.250', port: 443 },
    });
    expect(record('3', opened(chrome))).toMatchObject({
      network: { community_id: '1:W2ZbP8nXMY+YAGYw2h/3Sa8Gu/w=', protocol: 'https' },
    });
  });

  it('5, 11 and 22', () => {
    expect(record('5', { kind: 'process-ended', at, process: ftp, exitCode: 0 })).toMatchObject({
      event: { action: 'Process terminated', type: ['end'] },
      process: { pid: 8012 },
    });
    const created = record('11', { kind: 'file-created', at, process: cmd, path: 'C:\\Dyetrace\\a.bin' });
    expect(created).toMatchObject({
      event: { action: 'FileCreate' },
      file: { path: 'C:\\Dyetrace\\a.bin', name: 'a.bin', directory: 'C:\\Dyetrace', extension: 'bin' },
    });
    expect(created.winlog.event_data).not.toHaveProperty('TargetFilename');
    const answers = ['192.0.2.9', '2001:db8::1'];
    expect(
      record('22', { kind: 'name-resolved', at, process: ftp, name: 'files.example.com', answers }),
    ).toMatchObject({
      dns: {
        question: { name: 'files.example.com' },
        answers: [
          { type: 'A', data: '192.0.2.9' },
          { type: 'AAAA', data: '2001:db8::1' },
        ],
        resolved_ip: answers,
      },
    });
  });
});

describe('Winlogbeat, Security module', () => {
  it('4688: ids become numbers, the creator is the parent', () => {
    const made = record('4688', { kind: 'process-started', at, process: ftp });
    expect(made).toMatchObject({
      event: { action: 'created-process', module: 'security', outcome: 'success' },
      process: {
        pid: 8012,
        executable: 'C:\\Windows\\System32\\ftp.exe',
        command_line: 'ftp.exe -n -s:C:\\Dyetrace\\x.txt',
        parent: { pid: 500, executable: 'C:\\Windows\\System32\\cmd.exe' },
      },
      user: { name: 'dyetrace', domain: 'LAB' },
      winlog: {
        event_data: {
          ProcessId: '0x1f4',
          TokenElevationType: 'TokenElevationTypeFull (2)',
          TargetUserName: '-',
        },
      },
    });
    for (const moved of ['NewProcessId', 'NewProcessName', 'ParentProcessName']) {
      expect(made.winlog.event_data).not.toHaveProperty(moved);
    }
  });

  it('5156 is no event that the module knows: it stays in event_data', () => {
    const made = record('5156', opened(passiveData));
    expect(made).toMatchObject({
      event: { action: 'Filtering Platform Connection', code: '5156', module: 'security' },
      winlog: {
        event_data: {
          ProcessID: '8012',
          Application: '\\device\\harddiskvolume3\\windows\\system32\\ftp.exe',
          Direction: '%%14593',
          DestPort: '60000',
        },
      },
    });
    for (const absent of ['process', 'source', 'destination', 'network']) {
      expect(made).not.toHaveProperty(absent);
    }
  });
});

describe('Winlogbeat, PowerShell module', () => {
  const powershell = process({
    image: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
    pid: 7000,
    commandLine: 'powershell.exe -File "C:\\Dye trace\\d.ps1"',
  });
  const path = 'C:\\Dye trace\\d.ps1';

  it('4104: text and id under powershell.file, the process only as writer', () => {
    const made = record('4104', { kind: 'script-block', at, process: powershell, text: 'Get-Process', path });
    expect(made).toMatchObject({
      log: { level: 'verbose' },
      event: { action: 'Execute a Remote Command', module: 'powershell' },
      file: { path, name: 'd.ps1' },
      powershell: { file: { script_block_text: 'Get-Process' }, sequence: 1, total: 1 },
      winlog: { process: { pid: 7000 } },
    });
    expect(made.winlog).not.toHaveProperty('event_data');
  });

  it('4103: invocation details', () => {
    const made = record('4103', {
      kind: 'module-logged',
      at,
      process: powershell,
      command: 'Copy-Item',
      parameters: { Destination: '\\\\127.0.2.1\\drop' },
      path,
    });
    expect(made).toMatchObject({
      process: { command_line: powershell.commandLine, args: ['powershell.exe', '-File', path] },
      powershell: {
        command: {
          name: 'Copy-Item',
          type: 'Cmdlet',
          invocation_details: [
            { type: 'CommandInvocation', related_command: 'Copy-Item', value: '"Copy-Item"' },
            {
              type: 'ParameterBinding',
              related_command: 'Copy-Item',
              name: '"Destination"',
              value: '"\\\\127.0.2.1\\drop"',
            },
          ],
        },
      },
    });
    // Host ID of the engine, as in the real module: no key to a process event.
    expect(made).not.toMatchObject({ process: { entity_id: powershell.guid } });
  });
});

describe('argumentsOf', () => {
  // https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
  it.each([
    ['"a b c" d e', ['a b c', 'd', 'e']],
    ['"ab\\"c" "\\\\" d', ['ab"c', '\\', 'd']],
    ['a\\\\\\b d"e f"g h', ['a\\\\\\b', 'de fg', 'h']],
    ['a\\\\\\"b c d', ['a\\"b', 'c', 'd']],
    ['a\\\\\\\\"b c" d e', ['a\\\\b c', 'd', 'e']],
    ['  x\t""  ', ['x', '']],
  ])('%s', (line, expected) => {
    expect(argumentsOf(line)).toEqual(expected);
  });

  it('gives back what was quoted by the rule', () => {
    const quote = (argument: string) =>
      `"${argument.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '\\', '"', '\t') })), (args) => {
        expect(argumentsOf(args.map(quote).join(' '))).toEqual(args);
      }),
    );
  });
});
