import { csvReader } from '../csv/read-csv.js';
import { defenderXdrShape } from '../defender-xdr/shape.js';

/** Microsoft Defender XDR's advanced hunting tables, exported as comma-separated values. */
export const defenderXdrCsv = csvReader(
  defenderXdrShape,
  (columns) => columns.has('ActionType') && (columns.has('DeviceId') || columns.has('DeviceName')),
);
