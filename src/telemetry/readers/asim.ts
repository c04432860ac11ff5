import { asimShape } from '../asim/shape.js';
import type { JsonObject } from '../input/objects.js';
import { jsonReader } from '../json/json-reader.js';

const isAsim = (record: JsonObject): boolean =>
  'EventSchema' in record ||
  (typeof record['Type'] === 'string' && /^ASim[A-Za-z]+Logs$/.test(record['Type']));

/** Rows of Microsoft Sentinel's normalised tables and parsers (ASIM). */
export const asim = jsonReader(asimShape, isAsim);
