import { jsonPath, type JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { auditOutcome } from '../xml/shape.js';
import { dataName, isSystemField, windowsDerived, windowsIdentity, windowsKind } from './events.js';
import { unescaped } from './event-data.js';
import { windowsMappings } from './mappings.js';

/**
 * Names below `win.system`. Wazuh's decoder writes the first letter of every name in lower case.
 * https://documentation.wazuh.com/current/user-manual/capabilities/log-data-collection/how-to-collect-wlogs.html
 */
const system: Readonly<Record<string, string>> = {
  At: 'systemTime',
  Provider: 'providerName',
  Channel: 'channel',
  EventID: 'eventID',
  Computer: 'computer',
  RecordID: 'eventRecordID',
  ExecutionProcessID: 'processID',
  Keywords: 'keywords',
};

const lowerFirst = (name: string): string => name.slice(0, 1).toLowerCase() + name.slice(1);

/** Where a field lies below `win`. */
function below(name: string): readonly string[] {
  const element = system[name];
  return element === undefined ? ['eventdata', lowerFirst(dataName(name))] : ['system', element];
}

/**
 * The decoder takes EventData's values out of XML as they stand, and writes them as JSON twice: `C:\\\\Windows`, `\\"a b\\"`,
 * `&amp;`. A value that is not so written stays.
 */
function clear(text: Sql): Sql {
  const oneLine = `replace(replace(replace(${text}, chr(13), '\\r'), chr(10), '\\n'), chr(9), '\\t')`;
  const once = `coalesce(TRY(json_extract_string('"' || ${oneLine} || '"', '$')), ${text})`;
  return `CASE WHEN contains(${text}, '\\') OR contains(${text}, '&') THEN ${unescaped(once)} ELSE ${text} END`;
}

function derive(name: string, field: Field): Sql | undefined {
  if (name === 'Outcome') return auditOutcome(field('Keywords'));
  if (isSystemField(name) || name === 'Keywords') return undefined;
  const cleared: Field = (inner) => clear(field(inner));
  return windowsDerived(name, cleared) ?? cleared(name);
}

/** Wazuh's alerts and archives: `data.win`, the same object by itself, and as JSON text in `full_log`. */
export const wazuhShape: JsonShape = {
  paths: (name) => {
    if (name === 'Ingested') return [['timestamp']];
    if (name === 'Outcome') return [];
    return [
      ['data', 'win', ...below(name)],
      ['win', ...below(name)],
    ];
  },
  nested: {
    path: ['full_log'],
    holds: (name) => name !== 'Ingested' && name !== 'Outcome',
    extract: (source, names) =>
      `CASE WHEN starts_with(${source}, '{"win":') THEN TRY(json_extract_string(${source}, [${names
        .map((name) => jsonPath(['win', ...below(name)]))
        .join(', ')}])) END`,
  },
  derive,
  kind: windowsKind,
  identity: windowsIdentity,
  mappings: windowsMappings,
};
