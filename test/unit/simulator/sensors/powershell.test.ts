import { describe, expect, it } from 'vitest';
import { defenderEvents, powershellSensor } from '../../../../src/simulator/sensors/powershell.js';
import { at, cmd, process } from '../hand-made.js';

const host = { computer: 'WS01', address: '127.0.1.1' };
const powershell = process({
  image: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
  pid: 7000,
  parent: cmd,
  commandLine: 'powershell.exe -File C:\\Dyetrace\\d.ps1',
});
const path = 'C:\\Dyetrace\\d.ps1';

describe('PowerShell', () => {
  it('4104 has the text, and is written by the process itself', () => {
    const sense = powershellSensor(host);
    const [event, ...more] = sense({
      kind: 'script-block',
      at,
      process: powershell,
      text: 'Copy-Item',
      path,
    });
    expect(more).toEqual([]);
    expect(event).toMatchObject({ eventId: 4104, execution: { processId: 7000 } });
    expect(Object.keys(event?.data ?? {})).toEqual([
      'MessageNumber',
      'MessageTotal',
      'ScriptBlockText',
      'ScriptBlockId',
      'Path',
    ]);
    expect(event?.data).toMatchObject({
      MessageNumber: '1',
      MessageTotal: '1',
      ScriptBlockText: 'Copy-Item',
      Path: path,
    });
    expect(event?.data['ScriptBlockId']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('4104 of a long script comes in parts with one id', () => {
    const text = Array.from({ length: 4000 }, (_, line) => `$x = ${line}`).join('\r\n');
    const events = powershellSensor(host)({
      kind: 'script-block',
      at,
      process: powershell,
      text,
      path: null,
    });
    expect(events.length).toBeGreaterThan(1);
    expect(events.map(({ data }) => data['ScriptBlockText']).join('')).toBe(text);
    expect(events.map(({ data }) => data['MessageNumber'])).toEqual(
      events.map((_, index) => String(index + 1)),
    );
    expect(new Set(events.map(({ data }) => data['ScriptBlockId'])).size).toBe(1);
    expect(new Set(events.map(({ data }) => data['MessageTotal']))).toEqual(new Set([String(events.length)]));
  });

  it('4103 has context and payload', () => {
    const [event] = powershellSensor(host)({
      kind: 'module-logged',
      at,
      process: powershell,
      command: 'Copy-Item',
      parameters: { Path: 'C:\\a.bin', Destination: '\\\\127.0.2.1\\drop\\a.bin' },
      path,
    });
    expect(event?.eventId).toBe(4103);
    expect(Object.keys(event?.data ?? {})).toEqual(['ContextInfo', 'UserData', 'Payload']);
    expect(event?.data['Payload']).toBe(
      'CommandInvocation(Copy-Item): "Copy-Item"\r\n' +
        'ParameterBinding(Copy-Item): name="Path"; value="C:\\a.bin"\r\n' +
        'ParameterBinding(Copy-Item): name="Destination"; value="\\\\127.0.2.1\\drop\\a.bin"\r\n',
    );
    expect(event?.data['ContextInfo']).toContain(
      '        Host Application = powershell.exe -File C:\\Dyetrace\\d.ps1\r\n',
    );
    expect(event?.data['ContextInfo']).toContain('        Script Name = C:\\Dyetrace\\d.ps1\r\n');
  });
});

describe('Defender', () => {
  it('1116 names file and process; the firewall is none of its business', () => {
    const prevented = { kind: 'prevented', at, process: powershell, path, remote: null } as const;
    expect(defenderEvents({ ...prevented, by: 'defender' })).toMatchObject([
      { eventId: 1116, data: { Path: `file:_${path}`, 'Process Name': powershell.image } },
    ]);
    expect(defenderEvents({ ...prevented, by: 'firewall' })).toEqual([]);
  });
});
