import { probe, type Probe } from './input/bytes.js';
import { inputFiles, type InputFile } from './input/walk.js';
import { model, tableNames, type TableName } from './model.js';
import { readers } from './readers.js';
import { column } from './model.js';
import type { Store } from './store.js';
import type { JsonKind, Reader, ReadCounts, Rejected } from './types.js';

/** What became of one input (`inputs[]` of hunt's result). */
export interface InputReport extends ReadCounts {
  readonly path: string;
  /** Name of the reader, several joined by `+` where records of several products stand in one file; null: the file is no telemetry that any reader knows. */
  readonly reader: string | null;
  /** Times of the first and the last row, RFC 3339; null where no row has a time. */
  readonly firstTime: string | null;
  readonly lastTime: string | null;
}

export interface ReadOptions {
  /** Takes rejected records, 10,000 per input at most; all are counted. */
  readonly quarantine?: (rejected: Rejected) => void;
  /** Called after each input. */
  readonly onProgress?: (report: InputReport, progress: ReadProgress) => void;
}

/** How far reading has come. */
export interface ReadProgress {
  readonly files: number;
  readonly of: number;
  /** On disk, as they are packed. */
  readonly bytes: number;
  readonly ofBytes: number;
}

const keptRejects = 10_000;
const nothing: ReadCounts = { records: 0, used: 0, ignored: {}, rejected: 0, duplicates: 0, rows: 0 };

/** The reader that is surest of the sample, if any is. */
function choose(look: Probe): readonly [name: string, reader: Reader] | undefined {
  let best: readonly [string, Reader] | undefined;
  let confidence = 0;
  for (const [name, reader] of readers.entries()) {
    const sure = reader.sniff(look.sample);
    if (sure <= confidence) continue;
    best = [name, reader];
    confidence = sure;
  }
  return best;
}

/** What the readers of JSON take, by reader. */
const jsonKinds = (): ReadonlyMap<string, JsonKind> =>
  new Map(
    [...readers.entries()].flatMap(([name, { json }]) => (json === undefined ? [] : [[name, json] as const])),
  );

const timeColumn = (table: TableName): string =>
  column('@timestamp' in model[table] ? '@timestamp' : 'event.start');

async function tableSizes(store: Store): Promise<ReadonlyMap<string, number>> {
  const counts = tableNames.map((table) => `select '${table}' AS t, count(*) AS n from ${table}`);
  const rows = await store.rows<{ t: string; n: number }>(counts.join(' union all '));
  return new Map(rows.map(({ t, n }) => [t, n]));
}

/** Times of the rows that were added since. */
async function timesSince(
  store: Store,
  before: ReadonlyMap<string, number>,
): Promise<[string | null, string | null]> {
  const added = tableNames.map(
    (table) =>
      `select ${timeColumn(table)} AS t from ${table} where rowid >= ${String(before.get(table) ?? 0)}`,
  );
  const [row] = await store.rows<{ first: string | null; last: string | null }>(
    `select min(t) AS first, max(t) AS last from (${added.join(' union all ')})`,
  );
  return [row?.first ?? null, row?.last ?? null];
}

async function readOne(store: Store, file: InputFile, options: ReadOptions): Promise<InputReport> {
  const { path, label } = file;
  const look = await probe(path);
  const chosen = choose(look);
  if (chosen === undefined) return { path, reader: null, ...nothing, firstTime: null, lastTime: null };
  const [name, reader] = chosen;
  let kept = 0;
  const reject = (record: Rejected): void => {
    kept += 1;
    if (kept <= keptRejects) options.quarantine?.(record);
  };
  const before = await tableSizes(store);
  const input = { path, label, sample: look.sample, probe: look, others: jsonKinds(), reject };
  const { also, ...counts } = await reader.read(input, store);
  const [firstTime, lastTime] = counts.rows === 0 ? [null, null] : await timesSince(store, before);
  return { path, reader: [name, ...(also ?? [])].join('+'), ...counts, firstTime, lastTime };
}

/**
 * Reads files, and folders of files, into the store. Readers are chosen by content. A record that cannot be read is counted
 * and handed to `quarantine`; for every input, records = used + ignored + rejected + duplicates.
 * @throws InputError for an input that does not exist, or a program that is missing.
 */
export async function readInputs(
  store: Store,
  paths: readonly string[],
  options: ReadOptions = {},
): Promise<InputReport[]> {
  const files = await inputFiles(paths);
  const reports: InputReport[] = [];
  const ofBytes = files.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  for (const file of files) {
    const report = await readOne(store, file, options);
    reports.push(report);
    bytes += file.size;
    options.onProgress?.(report, { files: reports.length, of: files.length, bytes, ofBytes });
  }
  return reports;
}
