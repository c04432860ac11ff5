import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../core/index.js';
import { utf8, type Probe } from '../input/bytes.js';
import { layoutOf, type JsonLayout } from '../input/objects.js';
import { parts, recordNumber, throughStage, type Group } from '../sql/staging.js';
import type { Store } from '../store.js';
import type { ReadCounts, ReadInput } from '../types.js';
import { fill, fillNothing, fillOthers, type JsonFile } from './fill.js';
import { indexLines, type LineIndex } from './index-lines.js';
import { repaired } from './repair.js';
import type { JsonShape } from './shape.js';

/** A staging table that is being filled, and a folder for copies of the input. */
interface Place {
  readonly table: string;
  readonly folder: string;
}

/** Reads an input of JSON records of one shape into the store: JSON lines, an array, or records one after the other. */
export async function readJson(input: ReadInput, store: Store, shape: JsonShape): Promise<ReadCounts> {
  const layout = layoutOf(input.sample.text);
  let also: readonly string[] = [];
  const read = await throughStage(input, store, async (table, folder) => {
    const place = { table, folder };
    if (layout !== 'newline_delimited') return stageWhole(input, store, shape, place, layout);
    const staged = await stageLines(input, store, shape, place);
    const others = await fillOthers(
      store,
      table,
      staged.file,
      new Map([...input.others].filter(([, kind]) => kind.shape !== shape)),
      staged.groups.length + 1,
    );
    also = others.names;
    return [...staged.groups, ...others.groups];
  });
  return also.length === 0 ? read : { ...read, also };
}

/**
 * Reads an input that has to be turned into JSON lines first.
 * @param convert writes them to the path that it is given, and says how many records it rejected.
 */
export async function readConverted(
  input: ReadInput,
  store: Store,
  shape: JsonShape,
  convert: (target: string) => Promise<number>,
): Promise<ReadCounts> {
  let rejected = 0;
  const read = await throughStage(input, store, async (table, folder) => {
    const target = join(folder, 'records.ndjson');
    rejected = await convert(target);
    return fill(store, shape, table, { path: target, layout: 'newline_delimited', gzip: false });
  });
  return { ...read, records: read.records + rejected, rejected: read.rejected + rejected };
}

/** Whether the database can scan the file as it is. */
const isPlain = ({ encoding, marked, packing }: Probe): boolean =>
  encoding === 'utf-8' && !marked && packing !== 'zstd';

/** JSON lines, with rejected records reported by their lines. */
async function stageLines(
  input: ReadInput,
  store: Store,
  shape: JsonShape,
  { table, folder }: Place,
): Promise<{ readonly groups: readonly Group[]; readonly file: JsonFile }> {
  const { path, probe } = input;
  const from = async (file: JsonFile) => ({ groups: await fill(store, shape, table, file), file });
  const fromCopy = async () => {
    const copy = join(folder, 'records.ndjson');
    await repaired(utf8(path, probe), copy);
    return from({ path: copy, layout: 'newline_delimited', gzip: false });
  };
  let staged: Awaited<ReturnType<typeof from>>;
  try {
    staged = isPlain(probe)
      ? await from({ path, layout: 'newline_delimited', gzip: probe.gzip })
      : await fromCopy();
  } catch {
    // A line beyond all limits, or bytes that the scan does not take: once more, from a copy without them.
    staged = await fromCopy();
  }
  if (!(await needsIndex(store, table, probe))) return staged;
  let index = await indexBadLines(input, store, table);
  if (index.records !== (await recordCount(store, table))) {
    staged = await fromCopy();
    index = await indexBadLines(input, store, table);
  }
  await applyIndex(input, store, table, index);
  return staged;
}

/** An array, or records over several lines: an error in it is the end of it. */
async function stageWhole(
  input: ReadInput,
  store: Store,
  shape: JsonShape,
  { table, folder }: Place,
  layout: JsonLayout,
): Promise<readonly Group[]> {
  const { path, probe } = input;
  const copy = join(folder, 'records.json');
  try {
    // Through the stream, a broken packing is an error; the database would take what it got.
    const direct = isPlain(probe) && !probe.gzip;
    if (!direct) await pipeline(Readable.from(utf8(path, probe)), createWriteStream(copy));
    const groups = await fill(store, shape, table, { path: direct ? path : copy, layout, gzip: false });
    const odd = await store.rows<{ n: number }>(
      `select rowid + 1 AS n from ${table} where part = ${String(parts.rejected)} order by rowid limit 10000`,
    );
    for (const { n } of odd) input.reject({ path, line: n, reason: 'the item is no object', raw: '' });
    return groups;
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n');
    input.reject({ path, line: 1, reason, raw: input.sample.text.slice(0, 1024) });
    await fillNothing(store, shape, table);
    return [];
  }
}

async function recordCount(store: Store, table: string): Promise<number> {
  const [row] = await store.rows<{ n: number }>(`select count(*) AS n from ${table}`);
  return row?.n ?? 0;
}

/**
 * Whether raw lines have to be looked at: to tell what is wrong with some, and whether a packed stream breaks off.
 */
async function needsIndex(store: Store, table: string, probe: Probe): Promise<boolean> {
  const [row] = await store.rows<{ bad: number }>(
    `select count(*) AS bad from ${table} where part = ${String(parts.rejected)}`,
  );
  return probe.packing !== 'none' || (row?.bad ?? 0) > 0;
}

async function indexBadLines(input: ReadInput, store: Store, table: string): Promise<LineIndex> {
  const bad = await store.rows<{ n: number }>(
    `select ${recordNumber} AS n from ${table} where part = ${String(parts.rejected)} order by n`,
  );
  return indexLines(utf8(input.path, input.probe), new Set(bad.map(({ n }) => n)));
}

async function applyIndex(input: ReadInput, store: Store, table: string, index: LineIndex): Promise<void> {
  for (const { line, reason, raw } of index.bad.values())
    input.reject({ path: input.path, line, reason, raw });
  if (index.broken !== undefined) {
    // What came before the break is kept; the break itself is one rejected record.
    const line = index.records + 1;
    input.reject({ path: input.path, line, reason: `the input ends early: ${index.broken}`, raw: '' });
    await store.run(`insert into ${table} (part) values (${String(parts.rejected)})`);
  }
}
