import type { Hit, HuntResult } from '../../analytic/index.js';
import { InputError, nearest } from '../../core/index.js';
import { column, rawRecords, tableNames, type Store, type TableName } from '../../telemetry/index.js';

/** A record that a hit was put together from. */
export interface ExplainedRecord {
  readonly table: TableName;
  readonly id: string;
  readonly file: string;
  /** Number of the record in its file, from 1. */
  readonly offset: number;
  /** The model's columns that the record fills. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The record as it stands in the file; null where the file is no text. */
  readonly raw: string | null;
}

export interface Explanation {
  readonly hit: Hit;
  /** By the order of the chain: process, then what it said, its connections, the transfer, the flows. */
  readonly records: readonly ExplainedRecord[];
}

const order: readonly TableName[] = ['process', 'script', 'connection', 'transfer', 'flow'];
const rank = (table: TableName): number => (order.includes(table) ? order.indexOf(table) : order.length);

/** Rows of a table by their event ids, in the order of the file. */
export async function rowsOf(
  store: Store,
  table: TableName,
  ids: readonly string[],
): Promise<Omit<ExplainedRecord, 'raw'>[]> {
  const list = ids.map((id) => `'${id.replaceAll("'", "''")}'`).join(', ');
  const rows = await store.rows<Record<string, unknown>>(
    `select * from ${table} where ${column('event.id')} in (${list}) order by ${column('log.offset')}`,
  );
  return rows.map((row) => ({
    table,
    id: String(row['event.id']),
    file: String(row['log.file.path']),
    offset: Number(row['log.offset']),
    fields: Object.fromEntries(
      Object.entries(row).filter(
        ([name, value]) => value !== null && !name.startsWith('log.') && name !== 'event.id',
      ),
    ),
  }));
}

/** How a hit was put together: the rows of the model behind it, and the raw records. @throws InputError on an id that is no hit's */
export async function explainHit(store: Store, result: HuntResult, id: string): Promise<Explanation> {
  const hit = result.hits.find((one) => one.id === id);
  if (hit === undefined) {
    const ids = result.hits.map((one) => one.id);
    const close = nearest(id, ids);
    throw new InputError({
      code: 'unknown-hit',
      message: `no hit has the id "${id}"`,
      remedy:
        ids.length === 0
          ? 'there are no hits'
          : close === undefined
            ? `known: ${ids.slice(0, 10).join(', ')}`
            : `did you mean ${close}?`,
    });
  }
  const found: Omit<ExplainedRecord, 'raw'>[] = [];
  if (hit.evidence.length > 0)
    for (const table of tableNames) found.push(...(await rowsOf(store, table, hit.evidence)));
  const raw = await rawRecords(
    found.map(({ file, offset }) => ({ file, offset })),
    new Map(result.inputs.map(({ path, reader }) => [path, reader])),
  );
  const records = found.map((record) => ({
    ...record,
    raw: raw.get(`${record.file}:${String(record.offset)}`) ?? null,
  }));
  return { hit, records: records.sort((a, b) => rank(a.table) - rank(b.table)) };
}

/** An explanation for a reader. */
export function explanationText({ hit, records }: Explanation): string {
  const lines = [
    `${hit.id}: ${hit.host.name}, ${hit.initiator.executable ?? 'unknown process'} → ${hit.protocol} ${hit.destination.ip}`,
    `  attribution ${hit.attribution} (${hit.via}), volume ${hit.volume}, severity ${hit.severity}`,
    ...hit.reasons.map((reason) => `  because ${reason}`),
  ];
  for (const { table, id, file, offset, fields, raw } of records) {
    lines.push('', `  ${table} ${id}`, `    ${file}, record ${String(offset)}`);
    for (const [name, value] of Object.entries(fields)) lines.push(`    ${name}: ${JSON.stringify(value)}`);
    if (raw !== null) lines.push(`    raw: ${raw.length > 2000 ? `${raw.slice(0, 2000)}…` : raw}`);
  }
  return lines.join('\n');
}
