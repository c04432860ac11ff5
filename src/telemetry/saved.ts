import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tableNames } from './model.js';
import { literal } from './sql/sql.js';
import type { Store } from './store.js';

/** Key in a Parquet file's own metadata that says which of the model's tables it holds. */
export const tableKey = 'dyetrace.table';

/**
 * Writes the model's tables as Parquet, one file per table that has rows: hunted again, they need no parsing. Pointers to raw records
 * stay those of the first inputs.
 */
export async function saveTelemetry(store: Store, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const table of tableNames) {
    const [row] = await store.rows<{ n: number }>(`select count(*) AS n from ${table}`);
    if (row === undefined || row.n === 0) continue;
    const file = literal(resolve(join(folder, `${table}.parquet`)));
    await store.run(
      `copy ${table} to ${file} (format parquet, compression zstd, kv_metadata {${literal(tableKey)}: ${literal(table)}})`,
    );
  }
}
