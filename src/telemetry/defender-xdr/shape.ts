import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import { defenderXdrMappings } from './mappings.js';

/** Columns of the tables, and what the same columns are called in Sentinel's copy of them. */
const others: Readonly<Record<string, readonly string[]>> = { Timestamp: ['TimeGenerated'] };

/** What is done with a record, by its ActionType. */
const network: Readonly<Record<string, string>> = {
  ConnectionSuccess: 'connection',
  ConnectionRequest: 'connection',
  ConnectionAcknowledged: 'connection',
  ConnectionFound: 'connection',
  InboundConnectionAccepted: 'inbound',
};

/** Values of ActionType for what happens to a file. */
const file = ['FileCreated', 'FileModified', 'FileRenamed', 'FileDeleted'];

/**
 * The table is told by the envelope of the streaming API, by Sentinel's column Type, or by the columns that only it has. Attempts and
 * failures of connections are no connections: they stay kinds of their own, which are counted.
 */
function kind(field: Field): Sql {
  const action = field('ActionType');
  const named = `regexp_extract(coalesce(${field('category')}, ${field('Type')}), 'Device[A-Za-z]+$')`;
  const table = `coalesce(NULLIF(${named}, ''), CASE
    WHEN starts_with(${action}, 'Process') AND ${field('ProcessId')} IS NOT NULL THEN 'DeviceProcessEvents'
    WHEN starts_with(${action}, 'File') AND ${field('FileName')} IS NOT NULL THEN 'DeviceFileEvents'
    WHEN ${field('LocalIP')} IS NOT NULL OR ${field('RemoteIP')} IS NOT NULL THEN 'DeviceNetworkEvents' END)`;
  const connections = Object.entries(network).map(
    ([name, what]) => `WHEN ${literal(name)} THEN ${literal(what)}`,
  );
  return `CASE ${table}
    WHEN 'DeviceNetworkEvents' THEN 'defender-xdr ' || coalesce(CASE ${action} ${connections.join(' ')} END, ${action})
    WHEN 'DeviceProcessEvents' THEN 'defender-xdr ' || CASE ${action} WHEN 'ProcessCreated' THEN 'process' ELSE ${action} END
    WHEN 'DeviceFileEvents' THEN 'defender-xdr ' || CASE WHEN ${action} IN (${file.map(literal).join(', ')}) THEN 'file' ELSE ${action} END
    ELSE 'defender-xdr ' || coalesce(NULLIF(${named}, ''), left(${action}, 60)) END`;
}

/**
 * Rows of DeviceProcessEvents, DeviceNetworkEvents and DeviceFileEvents: exported from advanced hunting, from Sentinel's copy of the
 * tables, or in the envelope of the streaming API (`properties`).
 */
export const defenderXdrShape: JsonShape = {
  paths: (name) => [name, ...(others[name] ?? [])].flatMap((key) => [[key], ['properties', key]]),
  kind,
  // With DeviceName and Timestamp, ReportId tells an event from all others.
  identity: (field) =>
    `(${field('DeviceName')} || '/' || ${field('Timestamp')} || '/' || ${field('ReportId')})`,
  mappings: defenderXdrMappings,
};
