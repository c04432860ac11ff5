import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../src/telemetry/xml/event.js';
import { splitEvents, type EventText } from '../../../src/telemetry/xml/split.js';
import { fileWith, readAll } from './helpers.js';

/** What a writer of XML 1.0 does to a text (sections 2.4 and 4.6). */
const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

async function split(text: string, size: number): Promise<EventText[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  const found: EventText[] = [];
  for await (const event of splitEvents(Readable.from(chunks))) found.push(event);
  return found;
}

describe('Windows events as XML', () => {
  it('values come back as they were, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,9}$/), fc.string(), { minKeys: 1 }),
        (data) => {
          const body = Object.entries(data)
            .map(([name, value]) => `<Data Name='${name}'>${escape(value)}</Data>`)
            .join('');
          const event = parseEvent(
            `<Event xmlns='x'><System><EventID Qualifiers='0'>1</EventID></System><EventData>${body}</EventData></Event>`,
          );
          expect(event?.data).toEqual(data);
          expect(event?.system).toEqual({ EventID: '1', 'EventID.Qualifiers': '0' });
        },
      ),
    );
  });

  it('are cut apart wherever the stream happens to be cut', async () => {
    const text =
      "<Events>\n<Event xmlns='é'><System/></Event>\n\n<Event/><Event a='>'/>\n<EventRecordID>1</EventRecordID>\n<Event>x</Event></Events>";
    const whole = await split(text, 10_000);
    expect(whole).toEqual([
      { line: 2, xml: "<Event xmlns='é'><System/></Event>" },
      { line: 4, xml: '<Event/>' },
      { line: 4, xml: "<Event a='>'/>" },
      { line: 6, xml: '<Event>x</Event>' },
    ]);
    for (let size = 1; size < 40; size += 1) expect(await split(text, size)).toEqual(whole);
  });

  it('an empty event and one that never ends are rejected with their lines', async () => {
    const namespace = 'http://schemas.microsoft.com/win/2004/08/events/event';
    const event = (id: number): string =>
      `<Event xmlns='${namespace}'><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>${String(id)}</EventID></System><EventData/></Event>`;
    const file = await fileWith(
      'events.xml',
      `${event(5)}\n<Event/>\n${event(10)}\n<Event xmlns='${namespace}'><System>`,
    );
    const { reports, rejected } = await readAll([file]);
    expect(reports).toMatchObject([
      { reader: 'windows-xml', records: 4, used: 1, ignored: { 'sysmon 10': 1 }, rejected: 2, duplicates: 0 },
    ]);
    expect(rejected.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'the event has no event id'],
      [4, 'the event does not end'],
    ]);
  });

  it('audit events: success and failure by their keywords', async () => {
    const share = (record: number, keywords: string): string =>
      `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>5145</EventID><Keywords>${keywords}</Keywords><EventRecordID>${String(record)}</EventRecordID></System><EventData><Data Name='AccessMask'>0x00000002</Data></EventData></Event>`;
    const { rows } = await readAll([
      await fileWith('audit.xml', `${share(1, '0x8020000000000000')}\n${share(2, '0x8010000000000000')}\n`),
    ]);
    expect((await rows('transfer')).map((row) => [row['event.outcome'], row['transfer.command']])).toEqual([
      ['success', '0x2'],
      ['failure', '0x2'],
    ]);
  });
});
