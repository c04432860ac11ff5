import { canonicalIp, communityId } from '../../core/index.js';
import type { WindowsEvent } from '../types.js';
import { argumentsOf, fileFields, type Fields, imageName, type ModuleFields } from './winlogbeat-fields.js';

const categories: Readonly<Record<number, { action: string; category: string; type: readonly string[] }>> = {
  1: { action: 'Process creation', category: 'process', type: ['start'] },
  3: { action: 'Network connection', category: 'network', type: ['start', 'connection', 'protocol'] },
  5: { action: 'Process terminated', category: 'process', type: ['end'] },
  11: { action: 'FileCreate', category: 'file', type: ['creation'] },
  22: { action: 'DNSEvent (DNS query)', category: 'network', type: ['connection', 'protocol', 'info'] },
};

/** Fields of event_data that the pipeline moves elsewhere or removes at its end. */
const consumed = [
  'RuleName',
  'UtcTime',
  'ProcessGuid',
  'ProcessId',
  'Image',
  'OriginalFileName',
  'CommandLine',
  'CurrentDirectory',
  'User',
  'Hashes',
  'ParentProcessGuid',
  'ParentProcessId',
  'ParentImage',
  'ParentCommandLine',
  'Protocol',
  'Initiated',
  'SourceIsIpv6',
  'SourceIp',
  'SourceHostname',
  'SourcePort',
  'SourcePortName',
  'DestinationIsIpv6',
  'DestinationIp',
  'DestinationHostname',
  'DestinationPort',
  'DestinationPortName',
  'TargetFilename',
  'QueryName',
  'QueryStatus',
  'QueryResults',
];

const commandLine = (text: string | undefined): Fields => {
  if (text === undefined) return {};
  const args = argumentsOf(text);
  return { command_line: text, args, args_count: args.length };
};

const executable = (path: string | undefined): Fields => {
  if (path === undefined) return {};
  const name = imageName(path);
  return { executable: path, ...(name === undefined ? {} : { name }) };
};

const pid = (text: string | undefined): Fields => (text === undefined ? {} : { pid: Number(text) });
const entity = (guid: string | undefined): Fields => (guid === undefined ? {} : { entity_id: guid });

function hashes(text: string | undefined): Fields | undefined {
  if (text === undefined) return undefined;
  return Object.fromEntries(
    text.split(',').map((pair): [string, string] => {
      const [name = '', value = ''] = pair.toLowerCase().split('=');
      return [name, value];
    }),
  );
}

function processFields(data: Readonly<Record<string, string>>): Fields {
  const hash = hashes(data['Hashes']);
  const pe = {
    company: data['Company'],
    description: data['Description'],
    file_version: data['FileVersion'],
    original_file_name: data['OriginalFileName'],
    product: data['Product'],
  };
  const present = Object.fromEntries(Object.entries(pe).filter(([, value]) => value !== undefined));
  const parent = {
    ...entity(data['ParentProcessGuid']),
    ...pid(data['ParentProcessId']),
    ...executable(data['ParentImage']),
    ...commandLine(data['ParentCommandLine']),
  };
  return {
    ...entity(data['ProcessGuid']),
    ...pid(data['ProcessId']),
    ...executable(data['Image']),
    ...commandLine(data['CommandLine']),
    ...(data['CurrentDirectory'] === undefined ? {} : { working_directory: data['CurrentDirectory'] }),
    ...(hash === undefined ? {} : { hash }),
    ...(Object.keys(present).length === 0 ? {} : { pe: present }),
    ...(Object.keys(parent).length === 0 ? {} : { parent }),
  };
}

function networkFields(data: Readonly<Record<string, string>>): Fields {
  const transport = data['Protocol'] === 'udp' ? 'udp' : 'tcp';
  const source = { ip: data['SourceIp'] ?? '', port: Number(data['SourcePort']) };
  const destination = { ip: data['DestinationIp'] ?? '', port: Number(data['DestinationPort']) };
  // The pipeline takes the destination's port name first, then the source's.
  const protocol = data['DestinationPortName'] ?? data['SourcePortName'];
  return {
    source,
    destination,
    network: {
      transport,
      direction: data['Initiated'] === 'true' ? 'egress' : 'ingress',
      type: data['SourceIsIpv6'] === 'true' ? 'ipv6' : 'ipv4',
      ...(protocol === undefined ? {} : { protocol }),
      community_id: communityId(transport, source, destination),
    },
  };
}

function dnsFields(data: Readonly<Record<string, string>>): Fields {
  const answers = (data['QueryResults'] ?? '')
    .split(';')
    .filter((answer) => answer !== '')
    .map((answer) => canonicalIp(answer) ?? answer);
  return {
    network: { protocol: 'dns' },
    dns: {
      question: { name: data['QueryName'] },
      answers: answers.map((answer) => ({ type: answer.includes(':') ? 'AAAA' : 'A', data: answer })),
      resolved_ip: answers,
    },
    sysmon: { dns: { status: 'SUCCESS' } },
  };
}

/**
 * ECS fields of a Sysmon event as Winlogbeat 8's module makes them; what it moves or removes is gone from event_data (Image,
 * TargetFilename, Initiated, the addresses, the user). Source: x-pack/winlogbeat/module/sysmon/ingest/sysmon.yml,
 * https://www.elastic.co/docs/reference/beats/winlogbeat/winlogbeat-module-sysmon
 * @param data event_data without empty values
 */
export function sysmonModule(event: WindowsEvent, data: Readonly<Record<string, string>>): ModuleFields {
  const { action, category, type } = categories[event.eventId] ?? { action: '', category: '', type: [] };
  const [domain, name] = (data['User'] ?? '').split('\\');
  const path = data['TargetFilename'];
  const utc = data['UtcTime'];
  return {
    ...(utc === undefined ? {} : { timestamp: `${utc.replace(' ', 'T')}Z` }),
    event: { action, category: [category], type },
    fields: {
      process: processFields(data),
      ...(event.eventId === 3 ? networkFields(data) : {}),
      ...(event.eventId === 22 ? dnsFields(data) : {}),
      ...(path === undefined ? {} : { file: fileFields(path) }),
      user: { id: event.userId, ...(name === undefined ? {} : { domain, name }) },
    },
    eventData: Object.fromEntries(Object.entries(data).filter(([key]) => !consumed.includes(key))),
  };
}
