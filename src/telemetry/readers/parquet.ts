import { messageOf } from '../../core/index.js';
import { model, tableNames } from '../model.js';
import { tableKey } from '../saved.js';
import { globLiteral, literal } from '../sql/sql.js';
import type { Store } from '../store.js';
import type { ReadCounts, Reader } from '../types.js';

async function readTable(path: string, store: Store): Promise<ReadCounts> {
  const file = globLiteral(path);
  const [size] = await store.rows<{ n: number }>(`select num_rows AS n from parquet_file_metadata(${file})`);
  const records = size?.n ?? 0;
  const nothing = { records, used: 0, rejected: 0, duplicates: 0, rows: 0 };
  const [named] = await store.rows<{ name: string }>(
    `select decode(value) AS name from parquet_kv_metadata(${file}) where decode(key) = ${literal(tableKey)}`,
  );
  const table = tableNames.find((name) => name === named?.name);
  if (table === undefined) return { ...nothing, ignored: { 'rows of another schema': records } };
  const columns = await store.rows<{ name: string }>(
    `select name from parquet_schema(${file}) where name in (${Object.keys(model[table]).map(literal).join(', ')})`,
  );
  const known = [...new Set(columns.map(({ name }) => `"${name}"`))].join(', ');
  const rows = await store.insert(`insert into ${table} by name select ${known} from read_parquet(${file})`);
  return { ...nothing, ignored: {}, used: rows, rows };
}

/** Telemetry that `hunt --save` wrote: a table of the model as it is. A damaged file is one rejected record. */
export const parquet: Reader = {
  sniff: ({ bytes }) => (bytes.subarray(0, 4).toString('latin1') === 'PAR1' ? 1 : 0),
  async read({ path, reject }, store) {
    try {
      return await readTable(path, store);
    } catch (error) {
      const [reason = ''] = messageOf(error).split('\n');
      reject({ path, line: 1, reason, raw: '' });
      return { records: 1, used: 0, ignored: {}, rejected: 1, duplicates: 0, rows: 0 };
    }
  },
};
