import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { readers } from '../../src/telemetry/index.js';
import { describeWith, fixtures } from '../helpers/requires.js';
import { accountedFor, readAll } from '../unit/telemetry/helpers.js';

type Json = Readonly<Record<string, unknown>>;

const objects = (path: string): Json[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Json);

const tally = (kinds: readonly string[]): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return Object.fromEntries(counts);
};

const wantedEvents = new Set([
  ...[1, 3, 5, 11, 22].map((id) => `sysmon ${String(id)}`),
  ...[4688, 4689, 5156, 5157, 5140, 5145].map((id) => `security ${String(id)}`),
]);

/** Product and id of a flat Windows event, by its channel. */
function eventKind(record: Json): string {
  const channel = String(record['Channel']).toLowerCase();
  return `${channel === 'security' ? 'security' : 'sysmon'} ${String(record['EventID'])}`;
}

describeWith({ fixtures: true }, 'readers on real records', () => {
  const json = join(fixtures, 'sysmon-security-json');

  // Counts: ../shared/fixtures/README.md.
  it.each([
    ['nxlog-smb-copy-to-admin-share.jsonl', 'nxlog', 96],
    ['nxlog-powershell-own-smb-client.jsonl', 'nxlog', 179],
    ['nxlog-2019-processid-trap.jsonl', 'nxlog', 281],
    ['sentinel-security-events.jsonl', 'sentinel', 17],
    ['sentinel-sysmon-eventdata-string.jsonl', 'sentinel', 13],
  ])('%s: every event is used or ignored by its kind', async (name, reader, count) => {
    const path = join(json, name);
    const kinds = objects(path).map(eventKind);
    const { reports } = await readAll([path]);
    const used = kinds.filter((kind) => wantedEvents.has(kind));
    expect(reports).toMatchObject([
      {
        reader,
        records: count,
        used: used.length,
        rows: used.length,
        rejected: 0,
        duplicates: 0,
        ignored: tally(kinds.filter((kind) => !wantedEvents.has(kind))),
      },
    ]);
  });

  it('Sysmon without event ids: kinds are told by the fields', async () => {
    const path = join(json, 'vast-sysmon-without-event-id.jsonl');
    const kindOf = (record: Json): string => {
      if ('DestinationIp' in record) return 'connection';
      if ('ParentImage' in record) return 'start';
      if ('QueryName' in record) return 'dns';
      if ('PreviousCreationUtcTime' in record) return 'time changed';
      if ('TargetFilename' in record) return 'file';
      if ('TargetObject' in record || 'Configuration' in record) return 'other';
      return 'end';
    };
    const expected = tally(objects(path).map(kindOf));
    const { reports, store } = await readAll([path]);
    expect(reports).toMatchObject([
      {
        reader: 'sysmon-data',
        records: 2500,
        rejected: 0,
        duplicates: 0,
        ignored: { 'sysmon 2': 2, 'sysmon other': 4 },
      },
    ]);
    const [found] = await store.rows(`select
      (select count(*) from connection) AS connection, (select count(*) from resolution) AS dns,
      (select count(*) from transfer) AS file, (select count(*) from process where "event.action" = 'start') AS start,
      (select count(*) from process where "event.action" = 'end') AS "end"`);
    expect({ ...(found as Json), 'time changed': 2, other: 4 }).toEqual(expected);
  });

  it("Zeek's own format: rows are the lines that are no comment", async () => {
    const folder = join(fixtures, 'zeek');
    const { reports } = await readAll([folder]);
    for (const report of reports) {
      const text = readFileSync(report.path, 'utf8').split('\n');
      const isLog = text.some((line) => line.startsWith('#fields'));
      const rows = text.filter((line) => line !== '' && !line.startsWith('#'));
      // btest's own table of two columns has no header that would name them.
      expect(report.reader, report.path).toBe(isLog ? 'zeek-tsv' : null);
      expect(report.records, report.path).toBe(isLog ? rows.length : 0);
      const unwanted = basename(report.path) === 'ssl.log' ? { 'zeek ssl': rows.length } : {};
      expect(report.ignored, report.path).toEqual(unwanted);
      expect(report.duplicates, report.path).toBe(0);
    }
    expect(reports.filter(({ reader }) => reader === 'zeek-tsv')).toHaveLength(15);
  });

  it('Suricata: one row per event but for anomalies', async () => {
    const folder = join(fixtures, 'suricata');
    const { reports } = await readAll([folder]);
    expect(reports).toHaveLength(readdirSync(folder).length);
    for (const report of reports) {
      const types = objects(report.path).map((record) => String(record['event_type']));
      const anomalies = types.filter((type) => type === 'anomaly').length;
      expect(report, report.path).toMatchObject({
        reader: 'suricata',
        records: types.length,
        used: types.length - anomalies,
        rows: types.length - anomalies,
        ignored: anomalies === 0 ? {} : { 'suricata anomaly': anomalies },
      });
    }
  });

  it('the whole folder: every file is named, every record accounted for', async () => {
    const files = (folder: string): string[] =>
      readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        return statSync(path).isDirectory() ? files(path) : [path];
      });
    const { reports } = await readAll([
      json,
      join(fixtures, 'zeek'),
      join(fixtures, 'suricata'),
      join(fixtures, 'licences'),
    ]);
    expect(new Set(reports.map(({ path }) => path))).toEqual(
      new Set(
        ['sysmon-security-json', 'zeek', 'suricata', 'licences'].flatMap((name) =>
          files(join(fixtures, name)),
        ),
      ),
    );
    for (const report of reports) {
      expect(accountedFor(report), report.path).toBe(report.records);
      expect(report.reader === null || readers.has(report.reader)).toBe(true);
      if (report.path.includes('licences')) expect(report).toMatchObject({ reader: null, records: 0 });
    }
  });
});
