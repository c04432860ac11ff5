import type { JsonShape } from '../json/shape.js';
import type { Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { asimMappings } from './mappings.js';

/** Aliases that ASIM's parsers give beside the columns' own names. */
const others: Readonly<Record<string, readonly string[]>> = {
  Dvc: ['DvcFQDN', 'DvcHostname'],
  SrcProcessName: ['SrcAppName'],
  EventUid: ['_ItemId', 'EventOriginalUid'],
};

/** Decisions of a device against a session. */
const denials = `('Deny', 'Drop', 'Drop ICMP', 'Reset', 'Reset Source', 'Reset Destination')`;

/**
 * The schema is told by EventSchema or the table's name (Type). A session is a connection where a process is named, a flow where
 * bytes are counted, or both; what a device denied is neither.
 */
function kind(field: Field): Sql {
  const schema = `coalesce(${field('EventSchema')}, regexp_extract(${field('Type')}, '^ASim([A-Za-z]+?)(?:Event)?Logs$', 1))`;
  const process = `(${field('SrcProcessName')} IS NOT NULL OR ${field('SrcProcessId')} IS NOT NULL OR ${field('DstProcessName')} IS NOT NULL
    OR ${field('DstProcessId')} IS NOT NULL)`;
  const bytes = `(${field('SrcBytes')} IS NOT NULL OR ${field('DstBytes')} IS NOT NULL)`;
  return `CASE
    WHEN ${schema} IN ('ProcessEvent', 'Process') THEN 'asim ' || ${field('EventType')}
    WHEN ${schema} IN ('FileEvent', 'File') THEN 'asim ' || ${field('EventType')}
    WHEN ${schema} = 'NetworkSession' THEN CASE
      WHEN ${field('DvcAction')} IN ${denials} THEN 'asim session-denied'
      WHEN ${process} AND ${bytes} THEN 'asim session-of-process-with-bytes'
      WHEN ${process} THEN 'asim session-of-process'
      WHEN ${bytes} THEN 'asim session-with-bytes' ELSE 'asim session' END
    WHEN ${schema} IS NOT NULL THEN 'asim ' || lower(left(${schema}, 60)) END`;
}

/** Tables and parsers of the Advanced Security Information Model: ProcessEvent, NetworkSession, FileEvent. */
export const asimShape: JsonShape = {
  paths: (name) => [name, ...(others[name] ?? [])].map((key) => [key]),
  kind,
  identity: (field) => field('EventUid'),
  mappings: asimMappings,
};
