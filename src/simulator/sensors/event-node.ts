import type { WindowsEvent } from '../types.js';
import { describeEvent } from './event-manifest.js';
import { systemTime } from './event-xml.js';
import type { EventNode } from './xpath.js';

const leaf = (
  name: string,
  value: string | number,
  attributes: Readonly<Record<string, string>> = {},
): EventNode => ({ name, attributes, text: String(value), children: [] });

const branch = (name: string, children: readonly EventNode[]): EventNode => ({
  name,
  attributes: {},
  text: '',
  children,
});

/** The tree that queries are put to: the same elements as in the event's XML. */
export function eventNode(event: WindowsEvent): EventNode {
  const description = describeEvent(event.provider, event.eventId);
  return branch('Event', [
    branch('System', [
      leaf('Provider', '', { Name: event.provider, Guid: description.providerGuid }),
      leaf('EventID', event.eventId),
      leaf('Version', description.version),
      leaf('Level', description.level),
      leaf('Task', description.task),
      leaf('Opcode', description.opcode),
      leaf('Keywords', description.keywords),
      leaf('TimeCreated', '', { SystemTime: systemTime(event.at) }),
      leaf('EventRecordID', event.recordId),
      leaf('Execution', '', {
        ProcessID: String(event.execution.processId),
        ThreadID: String(event.execution.threadId),
      }),
      leaf('Channel', event.channel),
      leaf('Computer', event.computer),
      leaf('Security', '', event.userId === null ? {} : { UserID: event.userId }),
    ]),
    branch(
      'EventData',
      Object.entries(event.data).map(([name, value]) => leaf('Data', value, { Name: name })),
    ),
  ]);
}
