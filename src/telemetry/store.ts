import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { modelDdl } from './model.js';
import { registerFunctions } from './sql/functions.js';
import { candidateMacros, macros } from './sql/macros.js';

/** A value that SQL takes as a parameter or gives back (timestamps as ISO text in UTC, see `rows`). */
export type SqlValue = string | number | bigint | boolean | null;

export interface StoreOptions {
  /** As DuckDB takes it; 1GB if left out. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /**
   * Whether readers leave out what bears on none of the three protocols (counted as ignored): connections and flows of other services,
   * files on a process's own drives. For bodies of telemetry that are hunted once; where a sensor is judged by what it saw, all counts.
   */
  readonly candidatesOnly?: boolean;
  /** Ports of the three protocols here, which are kept whatever is usual at them. */
  readonly protocolPorts?: readonly number[];
}

/** DuckDB with the model's tables. One store per body of telemetry: the SIEM's, a host's own channels, a hunt's files. */
export class Store {
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  readonly #spill: string;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, spill: string) {
    this.#instance = instance;
    this.connection = connection;
    this.#spill = spill;
  }

  static async open(options: StoreOptions = {}): Promise<Store> {
    // What exceeds the memory limit goes here, never into the working directory.
    const spill = mkdtempSync(join(tmpdir(), 'dyetrace-store-'));
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: options.memoryLimit ?? '1GB',
      temp_directory: spill,
      ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
      // Extensions would be fetched from the network.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    await connection.run("set timezone = 'UTC'");
    registerFunctions(connection);
    const candidates = candidateMacros(options.candidatesOnly ?? false, options.protocolPorts ?? []);
    for (const statement of [...macros, ...candidates, ...modelDdl()]) await connection.run(statement);
    return new Store(instance, connection, spill);
  }

  async run(sql: string, values: Record<string, SqlValue> = {}): Promise<void> {
    await this.connection.run(sql, values);
  }

  /** Runs an `insert`. @returns how many rows it wrote. */
  async insert(sql: string): Promise<number> {
    const { rowsChanged } = await this.connection.run(sql);
    return rowsChanged;
  }

  /** Rows as plain objects: integers as numbers, timestamps as RFC 3339 text, lists as arrays. */
  async rows<Row>(sql: string, values: Record<string, SqlValue> = {}): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(sql, values);
    const plain: unknown[] = reader
      .getRowObjectsJS()
      .map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)])),
      );
    return plain as Row[];
  }

  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
    rmSync(this.#spill, { recursive: true, force: true });
  }
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plainValue);
  return value;
}
