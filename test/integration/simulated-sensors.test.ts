import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedClock } from '../../src/core/index.js';
import { backgroundActivities } from '../../src/simulator/background.js';
import { createSensors } from '../../src/simulator/sensors/index.js';
import type { ShippedRecord } from '../../src/simulator/types.js';
import { readInputs, Store, type InputReport } from '../../src/telemetry/index.js';

// The reader of Winlogbeat's records and that of event XML were written for real ones. What both make of one event must agree.
const at = Date.parse('2026-11-24T18:45:12.345Z');
let directory: string;
let siem: Store;
let host: Store;
let reports: InputReport[];
const shipped: ShippedRecord[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dyetrace-sensors-'));
  const sensors = createSensors({
    host: { computer: 'WS01', address: '127.0.1.1' },
    faults: [],
    clock: fixedClock(at),
    ship: (record) => shipped.push(record),
  });
  for (const activity of backgroundActivities({ computer: 'WS01', seed: 'seed', events: 1000, at })) {
    sensors.sense(activity);
  }
  for (const source of new Set(shipped.map((record) => record.source))) {
    const records = shipped.filter((record) => record.source === source);
    const folder = join(directory, 'siem', source);
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'records.ndjson'),
      records.map(({ record }) => `${JSON.stringify(record)}\n`).join(''),
    );
  }
  await mkdir(join(directory, 'host'));
  for (const [name, channel] of [
    ['sysmon', 'Microsoft-Windows-Sysmon/Operational'],
    ['security', 'Security'],
    ['powershell', 'Microsoft-Windows-PowerShell/Operational'],
  ] as const) {
    const { stdout } = sensors.wevtutil(['qe', channel, '/f:RenderedXml']);
    await writeFile(join(directory, 'host', `${name}.xml`), stdout);
  }
  siem = await Store.open();
  host = await Store.open();
  reports = [
    ...(await readInputs(siem, [join(directory, 'siem')])),
    ...(await readInputs(host, [join(directory, 'host')])),
  ];
}, 120_000);

afterAll(async () => {
  siem.close();
  host.close();
  await rm(directory, { recursive: true });
});

describe('simulated records and the readers of real ones', () => {
  it('every record is taken', () => {
    expect(reports.length).toBe(8);
    for (const report of reports) {
      expect(report).toMatchObject({ rejected: 0, ignored: {}, duplicates: 0 });
      expect(report.records).toBeGreaterThan(0);
      expect(report.used).toBe(report.records);
    }
    const records = reports.slice(0, 5).reduce((sum, report) => sum + report.records, 0);
    expect(records).toBe(shipped.length);
  });

  it.each([
    [
      'process',
      '"event.code","@timestamp","host.name","event.action","process.entity_id","process.pid","process.executable","process.command_line","process.parent.pid","process.parent.executable","process.pe.original_file_name"',
    ],
    [
      'connection',
      '"event.code","@timestamp","host.name","process.entity_id","process.pid","process.executable","source.ip","source.port","destination.ip","destination.port","network.transport","network.direction","sysmon.initiated"',
    ],
    ['resolution', '"@timestamp","process.entity_id","dns.question.name"'],
    ['transfer', '"event.code","@timestamp","process.entity_id","process.pid","file.path","file.name"'],
  ])('table %s is the same from the SIEM and from the host', async (table, columns) => {
    const where = table === 'transfer' ? `where "event.module" = 'sysmon'` : '';
    const query = `select "event.id", ${columns} from ${table} ${where} order by all`;
    const rows = await host.rows(query);
    expect(rows.length).toBeGreaterThan(5);
    expect(await siem.rows(query)).toEqual(rows);
  });

  it('script blocks come through both ways, with the process that ran them', async () => {
    const query = `select "event.id", "process.pid", "powershell.script_block_text" from script where "event.code" = '4104' order by all`;
    const rows = await host.rows(query);
    expect(rows.length).toBeGreaterThan(3);
    expect(await siem.rows(query)).toEqual(rows);
    const [unknown] = await siem.rows<{ n: number }>(
      'select count(*) AS n from script where "process.pid" not in (select "process.pid" from process)',
    );
    expect(unknown?.n).toBe(0);
  });

  it('every connection of the host has its flow, by community id', async () => {
    const [row] = await siem.rows<{ connections: number; joined: number }>(
      `select count(*) AS connections, count(f."flow.uid") AS joined from connection c
         left join flow f on f."network.community_id" = c."network.community_id"
        where c."event.code" = '3' and c."@timestamp" < timestamp '2026-11-24 18:45:12'`,
    );
    expect(row?.connections).toBeGreaterThan(100);
    expect(row?.joined).toBe(row?.connections);
  });
});
