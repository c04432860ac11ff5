import { csvReader } from '../csv/read-csv.js';
import { flatCsvShape } from '../windows/csv.js';

const ids = ['EventID', 'EventId', 'EventCode', 'Id'];
const computers = ['Computer', 'ComputerName', 'Hostname', 'MachineName'];
/** Columns that only EventData gives. */
const data = [
  'ProcessGuid',
  'NewProcessId',
  'DestAddress',
  'ShareName',
  'ScriptBlockText',
  'UtcTime',
  'Image',
];

/** Windows events as comma-separated values, with EventData's names as columns. */
export const windowsCsv = csvReader(
  flatCsvShape,
  (columns) =>
    ids.some((name) => columns.has(name)) &&
    computers.some((name) => columns.has(name)) &&
    data.some((name) => columns.has(name)),
);
