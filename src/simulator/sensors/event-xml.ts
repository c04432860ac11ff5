import type { WindowsEvent } from '../types.js';
import { describeEvent } from './event-manifest.js';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
  // A parser would turn a bare carriage return into a line feed.
  '\r': '&#13;',
};

/** Text for an element or an attribute in single quotes. What XML 1.0 cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[\p{Surrogate}\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu, '\ufffd')
    .replaceAll(/[&<>'"\r]/g, (character) => escapes[character] ?? character);
}

/** `2026-11-24T18:45:12.3450000Z`: 100 ns, as the event log has them. */
export const systemTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace('Z', '0000Z');

const levels: Readonly<Record<number, string>> = {
  0: 'Information',
  2: 'Error',
  3: 'Warning',
  4: 'Information',
  5: 'Verbose',
};

/** The name of an event's level. */
export const levelName = (level: number): string => levels[level] ?? 'Information';

/**
 * One event as `wevtutil qe` prints it.
 * @param rendered adds RenderingInfo, as `/f:RenderedXml` does; its message is the first line only.
 */
export function eventXml(event: WindowsEvent, rendered: boolean): string {
  const description = describeEvent(event.provider, event.eventId);
  const security = event.userId === null ? '<Security/>' : `<Security UserID='${event.userId}'/>`;
  const system = [
    `<Provider Name='${event.provider}' Guid='${description.providerGuid}'/>`,
    `<EventID>${event.eventId}</EventID>`,
    `<Version>${description.version}</Version>`,
    `<Level>${description.level}</Level>`,
    `<Task>${description.task}</Task>`,
    `<Opcode>${description.opcode}</Opcode>`,
    `<Keywords>${description.keywords}</Keywords>`,
    `<TimeCreated SystemTime='${systemTime(event.at)}'/>`,
    `<EventRecordID>${event.recordId}</EventRecordID>`,
    '<Correlation/>',
    `<Execution ProcessID='${event.execution.processId}' ThreadID='${event.execution.threadId}'/>`,
    `<Channel>${escapeXml(event.channel)}</Channel>`,
    `<Computer>${escapeXml(event.computer)}</Computer>`,
    security,
  ].join('');
  const data = Object.entries(event.data)
    .map(([name, value]) =>
      value === ''
        ? `<Data Name='${escapeXml(name)}'></Data>`
        : `<Data Name='${escapeXml(name)}'>${escapeXml(value)}</Data>`,
    )
    .join('');
  const rendering = rendered
    ? `<RenderingInfo Culture='en-US'><Message>${escapeXml(description.title)}</Message>` +
      `<Level>${levelName(description.level)}</Level><Task>${escapeXml(description.taskName)}</Task>` +
      `<Opcode>${escapeXml(description.opcodeName)}</Opcode><Channel></Channel><Provider></Provider>` +
      '<Keywords></Keywords></RenderingInfo>'
    : '';
  return (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>" +
    `<System>${system}</System><EventData>${data}</EventData>${rendering}</Event>`
  );
}
