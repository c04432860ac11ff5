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

/** Fields that lie inside others in every export of the event as it was. */
export function windowsDerived(name: string, field: Field): Sql | undefined {
  if (name === 'ScriptName') return context(field, 'Script Name');
  if (name === 'ContextUser') return context(field, 'User');
  return undefined;
}

const products: readonly (readonly [provider: string, channel: string, product: string])[] = [
  ['microsoft-windows-sysmon', 'microsoft-windows-sysmon/operational', 'sysmon'],
  ['microsoft-windows-security-auditing', 'security', 'security'],
  ['microsoft-windows-powershell', 'microsoft-windows-powershell/operational', 'powershell'],
  ['microsoft-windows-windows defender', 'microsoft-windows-windows defender/operational', 'defender'],
];

/** `<product> <event id>`; the provider's name for other products; NULL without an event id. */
export function windowsKind(field: Field): Sql {
  const provider = `lower(${field('Provider')})`;
  const channel = `lower(${field('Channel')})`;
  const cases = products.map(
    ([byProvider, byChannel, product]) =>
      `WHEN ${provider} = ${literal(byProvider)} OR (${provider} IS NULL AND ${channel} = ${literal(byChannel)}) THEN ${literal(product)}`,
  );
  const product = `CASE ${cases.join(' ')} ELSE replace(left(coalesce(${provider}, ${channel}, 'windows'), 80), ' ', '-') END`;
  return `(${product} || ' ' || TRY_CAST(${field('EventID')} AS INTEGER))`;
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
