import { createHash } from 'node:crypto';
import type { ShippedRecord, WindowsEvent } from '../types.js';
import { describeEvent, powershellProvider, securityProvider, sysmonProvider } from './event-manifest.js';
import { levelName } from './event-xml.js';
import type { ModuleFields } from './winlogbeat-fields.js';
import { powershellModule } from './winlogbeat-powershell.js';
import { securityModule } from './winlogbeat-security.js';
import { sysmonModule } from './winlogbeat-sysmon.js';

interface Module {
  readonly name: string;
  readonly apply: (event: WindowsEvent, data: Readonly<Record<string, string>>) => ModuleFields;
}

const modules: Readonly<Record<string, Module>> = {
  [sysmonProvider]: { name: 'sysmon', apply: sysmonModule },
  [securityProvider]: { name: 'security', apply: securityModule },
  [powershellProvider]: { name: 'powershell', apply: powershellModule },
};

const absent = ['', '-', '{00000000-0000-0000-0000-000000000000}'];

/** The Sysmon and PowerShell pipelines drop absent values first; the Security one keeps `-`. */
function presentData(event: WindowsEvent): Readonly<Record<string, string>> {
  const keep = (value: string) =>
    event.provider === securityProvider ? value !== '' : !absent.includes(value);
  return Object.fromEntries(Object.entries(event.data).filter(([, value]) => keep(value)));
}

const version = '8.17.0';

const agents = new Map<string, Readonly<Record<string, unknown>>>();

function agentOf(computer: string): Readonly<Record<string, unknown>> {
  const agent = agents.get(computer) ?? makeAgent(computer);
  agents.set(computer, agent);
  return agent;
}

function makeAgent(computer: string): Readonly<Record<string, unknown>> {
  const hash = createHash('sha256').update(`winlogbeat\n${computer}`).digest('hex');
  const id = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20)].join('-');
  return { name: computer, type: 'winlogbeat', version, id: `${id}-${hash.slice(20, 32)}` };
}

/**
 * A Windows event as Winlogbeat 8 with its modules stores it: ECS, numbers of records and events as strings. `event.ingested` is
 * set by whoever takes it in. `message` is the first line only.
 * https://www.elastic.co/docs/reference/beats/winlogbeat/exported-fields-winlog
 */
export function winlogbeatRecord(event: WindowsEvent): ShippedRecord {
  const description = describeEvent(event.provider, event.eventId);
  const data = presentData(event);
  const module = modules[event.provider];
  const made = module?.apply(event, data) ?? { event: {}, fields: {}, eventData: data };
  const logged = new Date(event.at).toISOString();
  const record = {
    '@timestamp': made.timestamp ?? logged,
    ecs: { version: '8.17.0' },
    agent: agentOf(event.computer),
    host: { name: event.computer },
    log: { level: levelName(description.level).toLowerCase() },
    event: {
      kind: 'event',
      code: String(event.eventId),
      provider: event.provider,
      created: logged,
      ...(module === undefined ? {} : { module: module.name }),
      action: description.taskName,
      ...made.event,
    },
    message: description.title,
    ...made.fields,
    winlog: {
      channel: event.channel,
      provider_name: event.provider,
      provider_guid: description.providerGuid,
      event_id: String(event.eventId),
      record_id: String(event.recordId),
      computer_name: event.computer,
      version: description.version,
      task: description.taskName,
      opcode: description.opcodeName,
      process: { pid: event.execution.processId, thread: { id: event.execution.threadId } },
      ...(event.userId === null ? {} : { user: { identifier: event.userId } }),
      ...made.winlog,
      ...(Object.keys(made.eventData).length === 0 ? {} : { event_data: made.eventData }),
    },
  };
  return { source: 'winlogbeat', host: event.computer, at: event.at, record };
}
