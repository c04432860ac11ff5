import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventXml } from '../../../../src/simulator/sensors/event-xml.js';
import type { WindowsEvent } from '../../../../src/simulator/types.js';
import { at } from '../hand-made.js';
import { type Element, parseXml } from '../strict-xml.js';

const event = (data: Readonly<Record<string, string>>): WindowsEvent => ({
  channel: 'Microsoft-Windows-PowerShell/Operational',
  provider: 'Microsoft-Windows-PowerShell',
  eventId: 4104,
  recordId: 17,
  at,
  computer: 'WS01',
  execution: { processId: 7000, threadId: 7002 },
  userId: 'S-1-5-21-1-2-3-1001',
  data,
});

const child = (element: Element, name: string): Element => {
  const found = element.children.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no ${name} in ${element.name}`);
  return found;
};

describe('eventXml', () => {
  it('has the System part of the event schema, in its order', () => {
    const root = parseXml(eventXml(event({ ScriptBlockText: 'Get-Process' }), false));
    expect(root.attributes['xmlns']).toBe('http://schemas.microsoft.com/win/2004/08/events/event');
    expect(root.children.map(({ name }) => name)).toEqual(['System', 'EventData']);
    const systemPart = child(root, 'System');
    expect(systemPart.children.map(({ name }) => name)).toEqual([
      'Provider',
      'EventID',
      'Version',
      'Level',
      'Task',
      'Opcode',
      'Keywords',
      'TimeCreated',
      'EventRecordID',
      'Correlation',
      'Execution',
      'Channel',
      'Computer',
      'Security',
    ]);
    expect(child(systemPart, 'EventID').text).toBe('4104');
    expect(child(systemPart, 'EventRecordID').text).toBe('17');
    expect(child(systemPart, 'TimeCreated').attributes['SystemTime']).toBe('2026-11-24T18:45:12.3450000Z');
    expect(child(systemPart, 'Execution').attributes).toEqual({ ProcessID: '7000', ThreadID: '7002' });
    expect(child(systemPart, 'Security').attributes['UserID']).toBe('S-1-5-21-1-2-3-1001');
  });

  it('adds RenderingInfo only where it is wanted', () => {
    const names = (rendered: boolean) =>
      parseXml(eventXml(event({}), rendered)).children.map(({ name }) => name);
    expect(names(true)).toEqual(['System', 'EventData', 'RenderingInfo']);
    expect(names(false)).toEqual(['System', 'EventData']);
  });

  it('keeps every text that XML can hold, line ends included', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('a & b', '<Event>', ']]>', '\'"', 'one\r\ntwo\rthree\n', '&lt;unknown process&gt;'),
    );
    const legal = text.filter((value) =>
      /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(value),
    );
    fc.assert(
      fc.property(legal, (value) => {
        const data = child(
          parseXml(eventXml(event({ ScriptBlockText: value, Path: '' }), true)),
          'EventData',
        );
        expect(data.children.map(({ attributes }) => attributes['Name'])).toEqual([
          'ScriptBlockText',
          'Path',
        ]);
        expect(data.children.map((element) => element.text)).toEqual([value, '']);
      }),
    );
  });

  it('is well formed whatever a script contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(() => parseXml(eventXml(event({ ScriptBlockText: value }), true))).not.toThrow();
      }),
    );
    const odd = parseXml(eventXml(event({ ScriptBlockText: 'a\u0000b\ud800c\u001bd' }), false));
    expect(child(odd, 'EventData').children[0]?.text).toBe('a\ufffdb\ufffdc\ufffdd');
  });
});
