import { csvReader } from '../csv/read-csv.js';
import { getWinEventShape } from '../windows/csv.js';

/** `Get-WinEvent | Export-Csv`. */
export const getWinEventCsv = csvReader(getWinEventShape, (columns) =>
  ['Message', 'Id', 'ProviderName', 'LogName', 'MachineName'].every((name) => columns.has(name)),
);
