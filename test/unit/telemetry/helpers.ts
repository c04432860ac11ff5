import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  readInputs,
  Store,
  type InputReport,
  type ReadOptions,
  type Rejected,
  type TableName,
} from '../../../src/telemetry/index.js';

export type Row = Readonly<Record<string, unknown>>;

export interface Read {
  readonly reports: readonly InputReport[];
  readonly rejected: readonly Rejected[];
  readonly store: Store;
  /** Rows of a table in the order of the inputs, without what is NULL. */
  readonly rows: (table: TableName, where?: string) => Promise<Row[]>;
}

/** Reads inputs into a store that lives as long as the test. */
export async function readAll(paths: readonly string[], options: ReadOptions = {}): Promise<Read> {
  const store = await Store.open();
  onTestFinished(() => {
    store.close();
  });
  const rejected: Rejected[] = [];
  const reports = await readInputs(store, paths, {
    quarantine: (record) => rejected.push(record),
    ...options,
  });
  return {
    reports,
    rejected,
    store,
    rows: async (table, where = 'true') => {
      const rows = await store.rows<Row>(
        `select * from ${table} where ${where} order by "log.file.path", "log.offset", "event.id"`,
      );
      return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
    },
  };
}

/** A file with that content, in a folder that lives as long as the test. */
export async function fileWith(name: string, content: string | Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

export const lines = (records: readonly unknown[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** records = used + ignored + rejected + duplicates. */
export const accountedFor = (report: InputReport): number =>
  report.used +
  Object.values(report.ignored).reduce((sum, n) => sum + n, 0) +
  report.rejected +
  report.duplicates;
