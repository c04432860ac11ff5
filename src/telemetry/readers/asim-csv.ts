import { asimShape } from '../asim/shape.js';
import { csvReader } from '../csv/read-csv.js';

/** Microsoft Sentinel's normalised tables (ASIM), exported as comma-separated values. */
export const asimCsv = csvReader(
  asimShape,
  (columns) => columns.has('EventSchema') && columns.has('EventType'),
);
