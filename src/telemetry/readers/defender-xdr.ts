import { defenderXdrShape } from '../defender-xdr/shape.js';
import { below, type JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';

function isRow(record: JsonObject): boolean {
  const row = 'properties' in record ? below(record, 'properties') : record;
  return 'ActionType' in row && ('DeviceId' in row || 'DeviceName' in row);
}

/** Rows of Microsoft Defender XDR's advanced hunting tables. */
export const defenderXdr = jsonReader(defenderXdrShape, isRow);
