import type { WindowsEvent } from '../types.js';
import { type Fields, imageName, type ModuleFields } from './winlogbeat-fields.js';

const categories: Readonly<Record<number, { action: string; category: string; type: string }>> = {
  4688: { action: 'created-process', category: 'process', type: 'start' },
  4689: { action: 'exited-process', category: 'process', type: 'end' },
};

const elevation: Readonly<Record<string, string>> = {
  '%%1936': 'TokenElevationTypeDefault (1)',
  '%%1937': 'TokenElevationTypeFull (2)',
  '%%1938': 'TokenElevationTypeLimited (3)',
};

const image = (path: string | undefined): Fields =>
  path === undefined ? {} : { executable: path, name: imageName(path) };
const pid = (text: string | undefined): Fields => (text === undefined ? {} : { pid: Number(text) });

const omit = (data: Readonly<Record<string, string>>, ...keys: readonly string[]) =>
  Object.fromEntries(Object.entries(data).filter(([key]) => !keys.includes(key)));

function creation(data: Readonly<Record<string, string>>): { process: Fields; eventData: Fields } {
  const commandLine = data['CommandLine'];
  const token = data['TokenElevationType'] ?? '';
  return {
    process: {
      ...pid(data['NewProcessId']),
      ...image(data['NewProcessName']),
      // This module splits at blanks and keeps quotes, unlike Sysmon's.
      ...(commandLine === undefined
        ? {}
        : { command_line: commandLine, args: commandLine.split(' ').filter((arg) => arg !== '') }),
      parent: { ...pid(data['ProcessId']), ...image(data['ParentProcessName']) },
    },
    eventData: {
      ...omit(data, 'NewProcessId', 'NewProcessName', 'ParentProcessName'),
      TokenElevationType: elevation[token] ?? token,
    },
  };
}

/**
 * ECS fields of a Security event as Winlogbeat 8's module makes them. It knows 4688 and 4689; of 5156 and 5157 it makes nothing,
 * so that everything stays in event_data. Source: x-pack/winlogbeat/module/security/ingest/security_standard.yml,
 * https://www.elastic.co/docs/reference/beats/winlogbeat/winlogbeat-module-security
 */
export function securityModule(event: WindowsEvent, data: Readonly<Record<string, string>>): ModuleFields {
  const outcome = event.eventId === 5157 ? 'failure' : 'success';
  const winlog = { keywords: [outcome === 'success' ? 'Audit Success' : 'Audit Failure'] };
  const known = categories[event.eventId];
  if (known === undefined) return { event: { outcome }, fields: {}, eventData: data, winlog };
  const { process, eventData } =
    event.eventId === 4688
      ? creation(data)
      : {
          process: { ...pid(data['ProcessId']), ...image(data['ProcessName']) },
          eventData: omit(data, 'ProcessId', 'ProcessName'),
        };
  return {
    event: { outcome, action: known.action, category: [known.category], type: [known.type] },
    fields: {
      process,
      user: {
        id: data['SubjectUserSid'],
        name: data['SubjectUserName'],
        domain: data['SubjectDomainName'],
      },
    },
    eventData,
    winlog: { ...winlog, logon: { id: data['SubjectLogonId'] } },
  };
}
