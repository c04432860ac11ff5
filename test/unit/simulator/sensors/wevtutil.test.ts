import { describe, expect, it } from 'vitest';
import { fixedClock } from '../../../../src/core/index.js';
import { createSensors } from '../../../../src/simulator/sensors/index.js';
import { at, cmd, ftp, passiveData, smb, tftpRequest } from '../hand-made.js';
import { parseXml } from '../strict-xml.js';

const sysmon = 'Microsoft-Windows-Sysmon/Operational';

/** Sysmon: 1 at 0 s, 3 at 1 s (ftp.exe), 3 at 2 s (System), 3 at 3 s (udp), 5 at 4 s. */
function host() {
  const sensors = createSensors({
    host: { computer: 'WS01', address: '127.0.1.1' },
    faults: [],
    clock: fixedClock(at + 10_000),
    ship: () => undefined,
  });
  sensors.sense({ kind: 'process-started', at, process: ftp });
  for (const [index, socket] of [passiveData, smb, tftpRequest].entries()) {
    sensors.sense({ kind: 'socket-opened', at: at + 1000 * (index + 1), socket });
  }
  sensors.sense({ kind: 'process-ended', at: at + 4000, process: ftp, exitCode: 0 });
  return sensors;
}

const time = (milliseconds: number) => new Date(milliseconds).toISOString();

function ask(...args: string[]) {
  const result = host().wevtutil(args);
  const lines = result.stdout.split('\r\n').filter((line) => line !== '');
  return { ...result, lines };
}

/** Record ids of the answer to a query on the Sysmon channel. */
function records(query: string, ...more: string[]): (string | undefined)[] {
  const { exitCode, lines } = ask('qe', sysmon, `/q:${query}`, '/f:xml', ...more);
  expect(exitCode).toBe(0);
  return lines.map(
    (line) => parseXml(line).children[0]?.children.find(({ name }) => name === 'EventRecordID')?.text,
  );
}

describe('wevtutil qe', () => {
  it('prints one event after the other, without a root', () => {
    const { exitCode, lines } = ask('qe', sysmon);
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(parseXml(line).name).toBe('Event');
  });

  it('knows channels in any case, and those that are empty', () => {
    expect(ask('qe', 'security').lines).toHaveLength(5);
    const powershell = ask('QE', 'Microsoft-Windows-PowerShell/Operational', '/f:RenderedXml');
    expect(powershell).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('counts, turns round and wraps', () => {
    expect(records('*', '/c:2')).toEqual(['1', '2']);
    expect(records('*', '/c:2', '/rd:true')).toEqual(['5', '4']);
    expect(records('*', '/count:1', '/ReverseDirection:TRUE')).toEqual(['5']);
    const { stdout } = ask('qe', sysmon, '/e:Events');
    expect(parseXml(stdout.replaceAll('\r\n', '')).children).toHaveLength(5);
  });

  it('selects by event id and time, ends included', () => {
    const [from, until] = [time(at + 1000), time(at + 2000)];
    const window = `TimeCreated[@SystemTime>='${from}' and @SystemTime<='${until}']`;
    expect(records(`*[System[(EventID=1 or EventID=3) and ${window}]]`)).toEqual(['2', '3']);
    expect(records(`*[System[(EventID=1 or EventID=5) and ${window}]]`)).toEqual([]);
    expect(records(`*[System[TimeCreated[@SystemTime>'${until}']]]`)).toEqual(['4', '5']);
  });

  it.each([
    ['*', ['1', '2', '3', '4', '5']],
    ['Event[System[EventID = 3]]', ['2', '3', '4']],
    ['*[System/EventID=5]', ['5']],
    ["*[EventData[Data[@Name='Image']='System']]", ['3']],
    ["*[EventData/Data[@Name='DestinationPort']=69]", ['4']],
    ['*[System[EventID!=3 and EventID<5]]', ['1']],
    ['*[System[EventID=1 or EventID=3 and EventRecordID=2]]', ['1', '2']],
    ["*[System[Provider[@Name='Microsoft-Windows-Sysmon'] and EventRecordID>=5]]", ['5']],
    ['*[System[EventID=3]][EventData[Data="udp"]]', ['4']],
    ['*[System[TimeCreated[timediff(@SystemTime) <= 7000]]]', ['4', '5']],
    ["*[System[Channel='Microsoft-Windows-Sysmon/Operational' and Computer='WS02']]", []],
  ] as const)('%s', (query, expected) => {
    expect(records(query)).toEqual(expected);
  });

  it('names a channel that is not there: 15007', () => {
    const { exitCode, lines } = ask('qe', 'Microsoft-Windows-SmbClient/Connectivity', '/q:*');
    expect(exitCode).toBe(15_007);
    expect(lines).toEqual(['Failed to open event query.', 'The specified channel could not be found.']);
  });

  it.each([
    '*[System[EventID=3]',
    '*[System[EventID=]]',
    '*[System[EventID==3]]',
    '*[System[EventID=3]] or *',
    '*[System[band(Keywords,9007199254740992)]]',
    '//Event',
    'System[EventID=3]',
    "*[System[TimeCreated[@SystemTime>='yesterday']]]",
    "*[System[TimeCreated[@SystemTime>='2026-13-40T00:00:00Z']]]",
    '*[System[(EventID=1) = (EventID=3)]]',
    '<QueryList/>',
    "*[EventData[Data[@Name='x]]]",
    '',
  ])('does not answer %s with nothing: 15001', (query) => {
    const { exitCode, lines } = ask('qe', sysmon, `/q:${query}`);
    expect(exitCode).toBe(15_001);
    expect(lines[0]).toBe('Failed to open event query.');
    expect(lines[1]).toContain('The specified query is invalid.');
  });

  it('refuses options and formats that it does not have', () => {
    expect(ask('qe', sysmon, '/x:1').exitCode).toBe(87);
    expect(ask('qe', sysmon, '/lf:true').exitCode).toBe(87);
    expect(ask('qe', sysmon, '/c:many').exitCode).toBe(87);
    expect(ask('qe', sysmon, '/f:text').exitCode).toBe(50);
    expect(ask('cl', 'Security').exitCode).toBe(87);
    expect(ask().exitCode).toBe(87);
  });

  it('does not confuse a command line that looks like XML', () => {
    const sensors = host();
    sensors.sense({ kind: 'process-started', at: at + 5000, process: cmd });
    const { stdout } = sensors.wevtutil(['qe', sysmon, '/q:*[System[EventRecordID=6]]']);
    const data = parseXml(stdout.trimEnd()).children[1]?.children;
    expect(data?.find(({ attributes }) => attributes['Name'] === 'CommandLine')?.text).toBe(cmd.commandLine);
  });
});

describe('wevtutil el', () => {
  it('lists the channels', () => {
    expect(ask('el').lines).toContain(sysmon);
    expect(ask('el').lines).toContain('Security');
  });
});
