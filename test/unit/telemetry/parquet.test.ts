import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { saveTelemetry } from '../../../src/telemetry/index.js';
import { fileWith, lines, readAll } from './helpers.js';

const flow = {
  ts: 1_795_543_200.2,
  uid: 'CAbCdEfGhIjKlMnOp1',
  'id.orig_h': '10.0.0.1',
  'id.orig_p': 50000,
  'id.resp_h': '10.0.0.9',
  'id.resp_p': 21,
  proto: 'tcp',
  conn_state: 'SF',
};

async function saved(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { store } = await readAll([
    await fileWith('conn.ndjson', lines([flow, { ...flow, uid: 'CAbCdEfGhIjKlMnOp2' }])),
  ]);
  await saveTelemetry(store, folder);
  return join(folder, 'flow.parquet');
}

it('saved telemetry is read by what the file says of itself, whatever it is called', async () => {
  const renamed = await fileWith('x.bin', await readFile(await saved()));
  const { reports, rows } = await readAll([renamed]);
  expect(reports).toMatchObject([{ reader: 'parquet', records: 2, used: 2, rows: 2 }]);
  expect((await rows('flow')).map((row) => row['flow.uid'])).toEqual([
    'CAbCdEfGhIjKlMnOp1',
    'CAbCdEfGhIjKlMnOp2',
  ]);
});

it('Parquet of another schema is ignored by kind', async () => {
  const { store } = await readAll([await fileWith('conn.ndjson', lines([flow]))]);
  const file = await fileWith('other.parquet', '');
  await store.run(
    `copy (select 1 as a union all select 2) to '${file.replaceAll("'", "''")}' (format parquet)`,
  );
  const { reports } = await readAll([file]);
  expect(reports).toMatchObject([
    { reader: 'parquet', records: 2, used: 0, ignored: { 'rows of another schema': 2 } },
  ]);
});

it('a damaged file is one rejected record, not the end of the run', async () => {
  const whole = await readFile(await saved());
  const cut = await fileWith('cut.parquet', whole.subarray(0, Math.floor(whole.length / 2)));
  const good = await fileWith('conn.ndjson', lines([flow]));
  const { reports, rejected } = await readAll([cut, good]);
  expect(reports).toMatchObject([
    { reader: 'parquet', records: 1, rejected: 1 },
    { reader: 'zeek-json', used: 1 },
  ]);
  expect(rejected).toHaveLength(1);
});
