import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAnalytic, firing, hits, type Hit } from '../../src/analytic/index.js';
import { defaultParameters, type Parameters } from '../../src/config/index.js';
import { fixedClock } from '../../src/core/index.js';
import { backgroundActivities } from '../../src/simulator/background.js';
import { createSensors } from '../../src/simulator/sensors/index.js';
import type { ShippedRecord } from '../../src/simulator/types.js';
import { readInputs, Store } from '../../src/telemetry/index.js';

const at = Date.parse('2026-11-24T18:45:12.345Z');
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dyetrace-background-'));
  const shipped: ShippedRecord[] = [];
  const sensors = createSensors({
    host: { computer: 'WS01', address: '127.0.1.1' },
    faults: [],
    clock: fixedClock(at),
    ship: (record) => shipped.push(record),
  });
  for (const activity of backgroundActivities({ computer: 'WS01', seed: 'seed', events: 2500, at })) {
    sensors.sense(activity);
  }
  for (const source of new Set(shipped.map((record) => record.source))) {
    await mkdir(join(directory, source));
    const records = shipped.filter((record) => record.source === source);
    await writeFile(
      join(directory, source, 'records.ndjson'),
      records.map(({ record }) => `${JSON.stringify(record)}\n`).join(''),
    );
  }
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function alerts(parameters: Parameters): Promise<Hit[]> {
  const store = await Store.open();
  try {
    await readInputs(store, [directory]);
    await createAnalytic(store, {
      parameters,
      hosts: [{ name: 'WS01', aliases: [], addresses: ['127.0.1.1'], role: 'workstation' }],
      approvedTransfers: [],
      incidentRules: [],
      sinkZones: [],
    });
    return (await hits(store)).filter(firing);
  } finally {
    store.close();
  }
}

describe('the background, by AN1169 itself', () => {
  it('fires on nothing with the default parameters', async () => {
    expect(await alerts(defaultParameters)).toEqual([]);
  }, 60_000);

  it('comes near: lower thresholds find the status file, the switch and the print server', async () => {
    const found = await alerts({ ...defaultParameters, minimumBytes: 1024, dataFlowDirectionThreshold: 0.2 });
    const seen = found.map((hit) => `${hit.protocol} ${hit.destination.ip} ${hit.attribution}`);
    expect(seen).toEqual(
      expect.arrayContaining([
        'ftp 198.51.100.77 direct',
        'tftp 10.20.0.2 lineage',
        'smb 10.20.0.31 inferred',
      ]),
    );
    // Neither the backup nor the partner upload has an initiator that the filter names.
    expect(seen.join('\n')).not.toMatch(/10\.20\.0\.40|203\.0\.113\.10 /);
  }, 60_000);
});
