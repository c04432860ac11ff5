import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowColumns, streams } from '../pcap/flows.js';
import { packetsStatement } from '../pcap/packets.js';
import { encryptedTransfers, smbTransfers } from '../pcap/smb.js';
import { ftpTransfers, tftpTransfers } from '../pcap/transfers.js';
import { writePackets } from '../pcap/tshark.js';
import { insertStatement } from '../sql/mapping.js';
import { literal } from '../sql/sql.js';
import type { Store } from '../store.js';
import type { ReadCounts, Reader, ReadInput } from '../types.js';

/** Magic numbers of pcap (microseconds, nanoseconds, either byte order) and of pcapng's section header. */
const magic = new Set(['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '0a0d0d0a']);

let tables = 0;

async function counts(store: Store, table: string): Promise<Omit<ReadCounts, 'rows'>> {
  // Frames that are no part of a flow, by the protocol that they end with.
  const kinds = await store.rows<{ kind: string | null; n: number }>(
    `select CASE WHEN stream IS NULL THEN 'packet ' || coalesce(protocols[-1], 'unknown') END AS kind, count(*) AS n
     from ${table} group by 1 order by n desc, kind`,
  );
  const used = kinds.find(({ kind }) => kind === null)?.n ?? 0;
  const ignored = kinds.flatMap(({ kind, n }) => (kind === null ? [] : [[kind, n] as const]));
  const records = kinds.reduce((sum, { n }) => sum + n, 0);
  return { records, used, ignored: Object.fromEntries(ignored), rejected: 0, duplicates: 0 };
}

async function read(input: ReadInput, store: Store): Promise<ReadCounts> {
  const { path, label } = input;
  tables += 1;
  const table = `packets_${String(tables)}`;
  const folder = await mkdtemp(join(tmpdir(), 'dyetrace-pcap-'));
  try {
    const target = join(folder, 'packets.txt');
    const complaint = await writePackets(path, target, folder);
    await store.run(packetsStatement(table, target));
    const read = await counts(store, table);
    const flow = `(select *, NULL::VARCHAR AS id, 'tshark flow' AS kind from ${streams(table)})`;
    let rows = await store.insert(insertStatement('flow', flowColumns, flow, { path, label }));
    for (const kind of [
      ftpTransfers,
      tftpTransfers,
      smbTransfers(literal(`${label}:`)),
      encryptedTransfers,
    ]) {
      rows += await store.insert(
        insertStatement('transfer', kind.columns, kind.relation(table), { path, label }),
      );
    }
    if (complaint === undefined) return { ...read, rows };
    // A capture that was cut short: what came before the cut is kept.
    input.reject({ path, line: read.records + 1, reason: complaint, raw: '' });
    return { ...read, records: read.records + 1, rejected: 1, rows };
  } finally {
    await store.run(`drop table if exists ${table}`);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Captures (pcap, pcapng), through tshark: packets become flows, and the protocols' commands become transfers. */
export const pcap: Reader = {
  sniff: ({ bytes }) => (magic.has(bytes.subarray(0, 4).toString('hex')) ? 1 : 0),
  read,
};
