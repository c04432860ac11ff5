import type { Field } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';

/**
 * Fields that every exporter of Windows events has to give, whatever it calls them: `At` (time of the event's System part),
 * `ReceivedAt` (a better time where `At` has no zone), `Ingested`, `Provider`, `Channel`, `EventID`, `Computer`, `RecordID`,
 * `ExecutionProcessID` (of the process that logged), `Outcome` (of an audit event). All other names are those of EventData.
 */
export const systemFields = [
  'At',
  'Ingested',
  'Provider',
  'Channel',
  'EventID',
  'Computer',
  'RecordID',
  'ExecutionProcessID',
  'Outcome',
] as const;
export type SystemField = (typeof systemFields)[number];

export const isSystemField = (name: string): name is SystemField =>
  systemFields.some((field) => field === name);

/** 4688 calls its creator's id ProcessId; exporters that move fields about make two names of it. */
const aliases: Readonly<Record<string, string>> = { CreatorProcessId: 'ProcessId' };

/** What EventData calls a field. */
export const dataName = (name: string): string => aliases[name] ?? name;

/** One line of 4103's ContextInfo, for example `        Script Name = C:\\a.ps1`. */
const context = (field: Field, label: string): Sql =>
  `absent(trim(regexp_extract(${field('ContextInfo')}, ${literal(`(?m)^\\s*${label} = (.*)$`)}, 1), E' \\r\\t'))`;

/**
 * Classic PowerShell events have nameless values, the last but one or the last of which lists `name=value`, one per line; collectors
 * that keep no nameless values have them in the message or in one text.
 */
const details = (field: Field): Sql =>
  `coalesce(CASE WHEN contains(${field('param2')}, 'HostApplication=') THEN ${field('param2')} END, ${field('param3')}, ${field('Data')}, ${field('Message')})`;

/** One value of that list. It ends with the line, or before the next name where the lines were put into one. */
const detail = (field: Field, name: string, next: string): Sql =>
  `absent(regexp_extract(${details(field)}, ${literal(`\\b${name}=([^\\r\\n]*?)\\s*(?:[\\r\\n]|\\b${next}=|$)`)}, 1))`;

/** Fields that lie inside others in every export of the event as it was. */
export function windowsDerived(name: string, field: Field): Sql | undefined {
  if (name === 'HostApplication') return `coalesce(${field(name)}, ${detail(field, name, 'EngineVersion')})`;
  if (name === 'PipelineUser') return detail(field, 'UserId', 'HostName');
  if (name === 'PipelineScript') return detail(field, 'ScriptName', 'CommandLine');
  if (name === 'Pipeline') {
    const lines = `coalesce(${field('param3')}, ${field('Data')}, ${field('Message')})`;
    return `absent(concat_ws(chr(10), ${field('param1')}, ${lines}))`;
  }
  if (name === 'ScriptName') return context(field, 'Script Name');
  if (name === 'ContextUser') return context(field, 'User');
  return undefined;
}

/** Products whose events are told apart by their ids; all others are called by their provider. */
export const products: readonly (readonly [provider: string, channel: string, product: string])[] = [
  ['Microsoft-Windows-Sysmon', 'Microsoft-Windows-Sysmon/Operational', 'sysmon'],
  ['Microsoft-Windows-Security-Auditing', 'Security', 'security'],
  ['Microsoft-Windows-PowerShell', 'Microsoft-Windows-PowerShell/Operational', 'powershell'],
  // Windows PowerShell's classic log, and PowerShell 7's own.
  ['PowerShell', 'Windows PowerShell', 'powershell'],
  ['PowerShellCore', 'PowerShellCore/Operational', 'powershell'],
  ['Microsoft-Windows-SMBClient', 'Microsoft-Windows-SmbClient/Connectivity', 'smbclient'],
  ['Microsoft-Windows-Windows Defender', 'Microsoft-Windows-Windows Defender/Operational', 'defender'],
];

/** `<product> <event id>`; the provider's name for other products; NULL without an event id. */
export function windowsKind(field: Field): Sql {
  const provider = field('Provider');
  const channel = field('Channel');
  // As a rule the provider is spelled as in its manifest: that is asked first, since every record comes through here.
  const exact = products.map(([name, , product]) => `WHEN ${literal(name)} THEN ${literal(product)}`);
  const loose = products.map(
    ([name, own, product]) => `WHEN lower(${provider}) = ${literal(name.toLowerCase())}
      OR (${provider} IS NULL AND lower(${channel}) = ${literal(own.toLowerCase())}) THEN ${literal(product)}`,
  );
  const other = `replace(lower(left(coalesce(${provider}, ${channel}, 'windows'), 80)), ' ', '-')`;
  const product = `CASE ${provider} ${exact.join(' ')} ELSE CASE ${loose.join(' ')} ELSE ${other} END END`;
  return `(${product} || ' ' || left(${field('EventID')}, 12))`;
}

/** Computer, channel and record number tell an event from all others. */
export function windowsIdentity(field: Field): Sql {
  return `(${field('Computer')} || '/' || ${field('Channel')} || '/' || whole(${field('RecordID')}))`;
}

/** Columns of provenance that every row of a Windows event has. */
export const windowsColumns = (field: Field) =>
  ({
    'event.ingested': `utc(${field('Ingested')})`,
    'host.name': field('Computer'),
  }) as const;
