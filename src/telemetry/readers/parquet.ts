import { model, tableNames } from '../model.js';
import { tableKey } from '../saved.js';
import { globLiteral, literal } from '../sql/sql.js';
import type { Reader } from '../types.js';

/** Telemetry that `hunt --save` wrote: a table of the model as it is. */
export const parquet: Reader = {
  sniff: ({ bytes }) => (bytes.subarray(0, 4).toString('latin1') === 'PAR1' ? 1 : 0),
  async read({ path }, store) {
    const file = globLiteral(path);
    const [size] = await store.rows<{ n: number }>(
      `select num_rows AS n from parquet_file_metadata(${file})`,
    );
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
    const rows = await store.insert(
      `insert into ${table} by name select ${known} from read_parquet(${file})`,
    );
    return { ...nothing, ignored: {}, used: rows, rows };
  },
};
