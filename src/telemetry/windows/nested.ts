import { jsonPath, type JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import { auditOutcome } from '../xml/shape.js';
import { byName, fromXml } from './event-data.js';
import { dataName, isSystemField, windowsDerived, windowsIdentity, windowsKind } from './events.js';
import { windowsMappings } from './mappings.js';

/** EventData as a text: a JSON object or the XML element. */
function fromText(source: Sql, names: readonly string[]): Sql {
  const paths = `[${names.map((name) => jsonPath([dataName(name)])).join(', ')}]`;
  const xml = fromXml(source, names.map(dataName));
  return `CASE WHEN starts_with(ltrim(${source}), '{') THEN TRY(json_extract_string(${source}, ${paths}))
    WHEN starts_with(ltrim(${source}), '<') THEN ${xml} END`;
}

/** Columns of Sentinel's tables. https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityevent, …/windowsevent */
const sentinelSystem: Readonly<Record<string, readonly string[]>> = {
  At: ['TimeGenerated'],
  Ingested: ['_TimeReceived'],
  Provider: ['Provider', 'EventSourceName', 'Source'],
  Channel: ['Channel', 'EventLog'],
  EventID: ['EventID'],
  Computer: ['Computer'],
  RecordID: ['EventRecordId'],
  ExecutionProcessID: ['SystemProcessId'],
  Outcome: [],
};

function sentinelDerive(name: string, field: Field): Sql | undefined {
  return name === 'Outcome' ? auditOutcome(field('Keywords')) : windowsDerived(name, field);
}

/** Microsoft Sentinel: SecurityEvent (EventData as XML, and columns), Event and WindowsEvent (EventData as JSON). */
export const sentinelShape: JsonShape = {
  paths: (name) =>
    (isSystemField(name) ? (sentinelSystem[name] ?? []) : [dataName(name)]).map((key) => [key]),
  nested: {
    path: ['EventData'],
    holds: (name) => !isSystemField(name) && name !== 'Keywords',
    extract: fromText,
  },
  derive: sentinelDerive,
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};

/** Keys below `Event.System`; some converters write an element with attributes as an object. */
const eventSystem: Readonly<Record<string, readonly (readonly string[])[]>> = {
  At: [
    ['TimeCreated', 'SystemTime'],
    ['TimeCreated', '#attributes', 'SystemTime'],
  ],
  Provider: [
    ['Provider', 'Name'],
    ['Provider', '#attributes', 'Name'],
  ],
  Channel: [['Channel']],
  EventID: [['EventID', '#text'], ['EventID', 'text'], ['EventID']],
  Computer: [['Computer']],
  RecordID: [['EventRecordID']],
  ExecutionProcessID: [
    ['Execution', 'ProcessID'],
    ['Execution', '#attributes', 'ProcessID'],
  ],
  Keywords: [['Keywords']],
};

/** Values without a name, as evtx_dump lists them; of a single one there is no list. */
const nameless = (source: Sql, names: readonly string[]): Sql =>
  `[${names
    .map((name) => {
      const at = /^param([1-9])$/.exec(name)?.[1];
      if (at === undefined) return 'NULL::VARCHAR';
      const item = `json_extract_string(${source}, ${literal(`$."#text"[${String(Number(at) - 1)}]`)})`;
      return at === '1' ? `coalesce(${item}, json_extract_string(${source}, '$."#text"'))` : item;
    })
    .join(', ')}]`;

/** EventData as a list of `{Name, text}`, or as an object with the names as keys. */
function fromEventData(source: Sql, names: readonly string[]): Sql {
  const list = `TRY(from_json(${source}, '[{"Name":"VARCHAR","text":"VARCHAR"}]'))`;
  const pairs = byName(
    `list_transform(${list}, lambda pair: pair.Name)`,
    `list_transform(${list}, lambda pair: pair.text)`,
    names.map(dataName),
  );
  return `CASE WHEN starts_with(ltrim(${source}), '[') THEN ${pairs}
    WHEN starts_with(ltrim(${source}), '{') THEN TRY(${nameless(source, names)}) END`;
}

/** The event's XML as JSON (`Event.System`, `Event.EventData`), by itself or as a text under `body`. */
export const eventObjectShape: JsonShape = {
  document: `coalesce(TRY(json_extract_string(json, '$.body')), CAST(json AS VARCHAR))`,
  paths: (name) => {
    if (name === 'Ingested' || name === 'Outcome') return [];
    const keys = eventSystem[name];
    if (keys !== undefined) return keys.map((below) => ['Event', 'System', ...below]);
    return [['Event', 'EventData', dataName(name)]];
  },
  nested: {
    path: ['Event', 'EventData', 'Data'],
    holds: (name) => !isSystemField(name) && name !== 'Keywords',
    extract: fromEventData,
  },
  derive: sentinelDerive,
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};
