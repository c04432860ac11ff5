import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  freeBytes,
  readCurl,
  readFirewall,
  readWhere,
  registryNumber,
  registryValues,
  serviceState,
} from '../../../../src/pipeline/doctor/readers.js';
import type { Answer } from '../../../../src/pipeline/doctor/types.js';

const answer = (stdout: string, exitCode = 0, stderr = ''): Answer => ({
  exitCode,
  stdout: stdout.replaceAll('\n', '\r\n'),
  stderr,
});

describe('reg.exe query', () => {
  const text = `
HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\PowerShell
    EnableScripts    REG_DWORD    0x1
    ExecutionPolicy    REG_SZ    RemoteSigned
    Two words    REG_EXPAND_SZ    %SystemRoot%\\a b
    Empty    REG_SZ${'    '}

HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\PowerShell\\ScriptBlockLogging
`.replaceAll('\n', '\r\n');

  it('gives the values', () => {
    expect([...registryValues(text)]).toEqual([
      ['enablescripts', '0x1'],
      ['executionpolicy', 'RemoteSigned'],
      ['two words', '%SystemRoot%\\a b'],
      ['empty', ''],
    ]);
    expect(registryNumber(text, 'EnableScripts')).toBe(1);
    expect(registryNumber(text, 'ExecutionPolicy')).toBeNull();
    expect(registryNumber(text, 'Absent')).toBeNull();
  });

  it('takes any name and number', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,20}$/), fc.nat(), (name, value) => {
        const line = `\r\nHKEY_X\r\n    ${name}    REG_DWORD    0x${value.toString(16)}\r\n\r\n`;
        expect(registryNumber(line, name)).toBe(value);
      }),
    );
  });
});

describe('where.exe', () => {
  it.each([
    [answer('C:\\Windows\\System32\\tftp.exe\n'), 'ok'],
    [answer('', 1, 'INFO: Could not find files for the given pattern(s).'), 'missing'],
    [answer('', 1, 'INFORMATION: Es konnten keine Dateien gefunden werden.'), 'missing'],
    [answer('', 2, 'ERROR: Access is denied.'), 'could not look'],
  ])('%o', (given, state) => {
    expect(readWhere(given, 'tftp.exe').state).toBe(state);
  });
});

describe('curl --version', () => {
  const text = `curl 8.9.1 (Windows) libcurl/8.9.1 Schannel zlib/1.3 WinIDN
Release-Date: 2024-07-31
Protocols: dict file ftp ftps http https imap
Features: alt-svc AsynchDNS
`;
  it.each([
    [answer(text), 'ftp', 'ok', 'curl 8.9.1 speaks ftp'],
    [answer(text), 'tftp', 'missing', 'not tftp'],
    [
      answer('', 1, "'curl.exe' is not recognized as an internal or external command,"),
      'ftp',
      'missing',
      'not there',
    ],
  ])('%o %s', (given, protocol, state, part) => {
    const reading = readCurl(given, protocol);
    expect(reading.state).toBe(state);
    expect(reading.text).toContain(part);
  });
});

describe('sc.exe query', () => {
  const state = (line: string): string => `
SERVICE_NAME: WinDefend
        TYPE               : 10  WIN32_OWN_PROCESS
        STATE              : ${line}
                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)
        WIN32_EXIT_CODE    : 0  (0x0)
`;
  it.each([
    [answer(state('4  RUNNING')), 'running'],
    [answer(state('1  STOPPED')), 'stopped'],
    [answer(state('4  RUNNING').replace('STATE ', 'STATUS')), 'running'],
    [
      answer(
        '[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n\nThe specified service does not exist as an installed service.\n',
        1060,
      ),
      'absent',
    ],
    [answer('[SC] OpenSCManager FAILED 5:\n\nAccess is denied.\n', 5), null],
  ])('%o', (given, expected) => {
    expect(serviceState(given)).toBe(expected);
  });
});

describe('dir /-c', () => {
  it.each([
    [
      '               1 File(s)           1024 bytes\r\n              17 Dir(s)  53123456789 bytes free\r\n',
      53123456789,
    ],
    [
      '               0 Datei(en),              0 Bytes\r\n              12 Verzeichnis(se), 53123456789 Bytes frei\r\n',
      53123456789,
    ],
    ['The system cannot find the path specified.\r\n', null],
    ['', null],
  ])('%j', (text, bytes) => {
    expect(freeBytes(text)).toBe(bytes);
  });
});

describe('the firewall', () => {
  const root =
    'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy';
  const policy = (rules: readonly string[], enabled = '0x1'): Answer =>
    answer(
      `\n${['DomainProfile', 'PublicProfile', 'StandardProfile']
        .map(
          (profile) =>
            `${root}\\${profile}\n    DisableNotifications    REG_DWORD    0x0\n    EnableFirewall    REG_DWORD    ${enabled}\n`,
        )
        .join(
          '\n',
        )}\n${root}\\FirewallRules\n${rules.map((rule, at) => `    {${at}}    REG_SZ    ${rule}\n`).join('')}\n`,
    );
  const rule = (fields: string): string => `v2.30|${fields}|Name=R|Desc=x|`;
  const allow = 'Action=Allow|Active=TRUE|Dir=In|Protocol=6|App=%SystemRoot%\\System32\\ftp.exe';

  it.each([
    ['an allowing rule', policy([rule(allow)]), 'ok'],
    ['none', policy([]), 'missing'],
    ['the rule of tftp.exe', policy([rule(allow.replace('ftp.exe', 'tftp.exe'))]), 'missing'],
    [
      'another spelling of the path',
      policy([
        rule(
          allow
            .replace('%SystemRoot%', 'c:\\WINDOWS')
            .toUpperCase()
            .replace('ACTION=ALLOW|ACTIVE=TRUE|DIR=IN', 'Action=Allow|Active=TRUE|Dir=In')
            .replace('APP=', 'App='),
        ),
      ]),
      'ok',
    ],
    ['an inactive rule', policy([rule(allow.replace('TRUE', 'FALSE'))]), 'missing'],
    ['an outbound rule', policy([rule(allow.replace('Dir=In', 'Dir=Out'))]), 'missing'],
    [
      'a blocking rule beside an allowing one',
      policy([rule(allow), rule(allow.replace('Allow', 'Block'))]),
      'missing',
    ],
    ['the firewall off', policy([], '0x0'), 'ok'],
    ['no answer', answer('', 1, 'ERROR: Access is denied.'), 'could not look'],
  ])('%s', (_, given, state) => {
    expect(readFirewall(given, 'ftp.exe').state).toBe(state);
  });
});
