import type { Store } from '../telemetry/index.js';
import type { ExecutionFacts } from './facts.js';

const withHost = ['process', 'connection', 'transfer', 'alert', 'script', 'prevention', 'resolution'];

async function fill(
  store: Store,
  table: string,
  shape: Record<string, string>,
  rows: readonly object[],
): Promise<void> {
  await store.run(
    `create or replace temp table ${table} as
     select unnest(from_json($rows, '${JSON.stringify([shape])}'), recursive := true)`,
    { rows: JSON.stringify(rows) },
  );
}

/**
 * Puts what is searched for beside what is searched in, so that each question is one query, however many executions there are.
 * @param twins records of the other store that belong to an execution: the same record is found here by its id
 */
export async function makeWorkingTables(
  store: Store,
  facts: readonly ExecutionFacts[],
  hostOf: (name: string | null) => string | null,
  twins: readonly { readonly execution: string; readonly id: string }[],
): Promise<void> {
  await fill(
    store,
    'verify_execution',
    { execution: 'VARCHAR', host: 'VARCHAR', sink_ip: 'VARCHAR', from_ms: 'BIGINT', until_ms: 'BIGINT' },
    facts.map(({ planned, from, until }) => ({
      execution: planned.id,
      host: planned.host.id,
      sink_ip: planned.sink.address,
      from_ms: from,
      until_ms: until,
    })),
  );
  await fill(
    store,
    'verify_socket',
    {
      execution: 'VARCHAR',
      socket: 'INTEGER',
      source_ip: 'VARCHAR',
      source_port: 'INTEGER',
      destination_ip: 'VARCHAR',
      destination_port: 'INTEGER',
    },
    facts.flatMap(({ planned, sockets }) =>
      sockets.flatMap(({ index, client, server }) =>
        [[client, server] as const, [server, client] as const].map(([source, destination]) => ({
          execution: planned.id,
          socket: index,
          source_ip: source.ip,
          source_port: source.port,
          destination_ip: destination.ip,
          destination_port: destination.port,
        })),
      ),
    ),
  );
  await fill(
    store,
    'verify_encoded',
    { execution: 'VARCHAR', token: 'VARCHAR' },
    facts.flatMap(({ planned }) =>
      // In an encoded command the id is not to be seen; the plan says what stands for it.
      planned.steps.flatMap(({ marker }) =>
        marker === planned.id ? [] : [{ execution: planned.id, token: marker }],
      ),
    ),
  );
  await fill(store, 'verify_twin', { execution: 'VARCHAR', id: 'VARCHAR' }, twins);
  const names = await store.rows<{ name: string }>(
    withHost
      .map((table) => `select distinct "host.name" as name from ${table} where "host.name" is not null`)
      .join(' union '),
  );
  await fill(
    store,
    'verify_name',
    { name: 'VARCHAR', host: 'VARCHAR' },
    names.flatMap(({ name }) => {
      const host = hostOf(name);
      return host === null ? [] : [{ name, host }];
    }),
  );
}

const working = [
  'verify_execution',
  'verify_socket',
  'verify_twin',
  'verify_encoded',
  'verify_name',
  'verify_process',
  'verify_flow',
];

/** Leaves the store as it was. */
export async function dropWorkingTables(store: Store): Promise<void> {
  for (const table of working) await store.run(`drop table if exists ${table}`);
}
