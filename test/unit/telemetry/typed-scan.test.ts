import { join } from 'node:path';
import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typedColumns } from '../../../src/telemetry/json/typed-columns.js';
import { tableNames } from '../../../src/telemetry/index.js';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { fileWith, lines, readAll, type Read, type Row } from './helpers.js';

/** All rows, without what names the input. */
async function everything({ rows, reports }: Read): Promise<unknown> {
  const without = ({ 'event.id': id, ...row }: Row): Row => ({
    ...row,
    'log.file.path': 'the same',
    'event.id': typeof id === 'string' ? id.replace(/^records\.(?:ndjson|json):/, '') : id,
  });
  const tables: Record<string, Row[]> = {};
  for (const table of tableNames) tables[table] = (await rows(table)).map(without);
  const counts = reports.map(({ reader, records, used, ignored, duplicates, rows: written }) => ({
    reader,
    records,
    used,
    ignored,
    duplicates,
    written,
  }));
  return { tables, counts };
}

describeWith({ fixtures: true }, 'a scan by columns gives what the whole records give', () => {
  const folder = join(fixtures, 'sysmon-security-json');

  it('for every file of JSON lines: the same records in an array are read as a whole', async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const text = await readFile(join(folder, name), 'utf8');
      const records = text.split('\n').filter((line) => line.trim() !== '');
      const typed = await readAll([await fileWith('records.ndjson', `${records.join('\n')}\n`)]);
      const whole = await readAll([await fileWith('records.json', `[${records.join(',\n')}]`)]);
      expect(await everything(typed), name).toEqual(await everything(whole));
    }
  });
});

describe('fields whose names differ in case alone', () => {
  const event = (id: number, data: object): object => ({
    '@timestamp': '2026-11-24T18:00:00.000Z',
    winlog: {
      channel: 'Security',
      provider_name: 'Microsoft-Windows-Security-Auditing',
      event_id: String(id),
      record_id: id,
      computer_name: 'WS1',
      event_data: data,
    },
  });
  const filtered = {
    Application: 'a.exe',
    SourceAddress: '10.0.0.1',
    SourcePort: '50000',
    DestAddress: '10.0.0.2',
    DestPort: '445',
    Protocol: '6',
  };

  it('are both read: ProcessID of 5156, as its manifest says, and ProcessId', async () => {
    const file = await fileWith(
      'spelled.ndjson',
      lines([
        event(4689, { ProcessId: '0x10', ProcessName: 'C:\\a.exe' }),
        event(5156, { ...filtered, ProcessID: '1234' }),
        { unrelated: true },
        event(5157, { ...filtered, ProcessId: '4321', FilterRTID: '7' }),
      ]),
    );
    const { rows, reports } = await readAll([file]);
    expect(reports).toMatchObject([{ records: 4, used: 3, ignored: { unrecognised: 1 } }]);
    expect(await rows('process')).toMatchObject([{ 'process.pid': 16, 'log.offset': 1 }]);
    expect(await rows('connection')).toMatchObject([{ 'process.pid': 1234, 'log.offset': 2 }]);
    expect(await rows('prevention')).toMatchObject([{ 'process.pid': 4321, 'log.offset': 4 }]);
  });
});

describe('columns for paths', () => {
  const key = fc.constantFrom('a', 'A', 'b', 'id', "it's", 'x.y', '@timestamp', 'say "x"');
  const paths = fc.uniqueArray(fc.array(key, { minLength: 1, maxLength: 3 }), {
    selector: (path) => path.join('\n'),
    minLength: 1,
    maxLength: 12,
  });

  it('every path is in one set of columns, and no set holds two spellings of a name', () => {
    fc.assert(
      fc.property(paths, (wanted) => {
        const scans = typedColumns(wanted);
        for (const path of wanted) expect(scans.filter(({ has }) => has(path))).toHaveLength(1);
        for (const { has } of scans) {
          for (const one of wanted.filter(has)) {
            for (const other of wanted.filter(has)) {
              const at = one.findIndex((part, index) => part !== other[index]);
              const [a, b] = [one[at], other[at]];
              if (a !== undefined && b !== undefined) expect(a.toLowerCase()).not.toBe(b.toLowerCase());
            }
          }
        }
      }),
    );
  });
});

describe('a record that gives nothing by columns', () => {
  it('is read again as a whole, wherever it stands in a long file', async () => {
    const good = (n: number): string =>
      JSON.stringify({
        '@timestamp': '2026-11-24T18:00:00.000Z',
        winlog: {
          channel: 'Microsoft-Windows-Sysmon/Operational',
          provider_name: 'Microsoft-Windows-Sysmon',
          event_id: '5',
          record_id: n,
          computer_name: 'WS1',
          event_data: {
            Image: 'C:\\a.exe',
            ProcessId: String(n),
            UtcTime: '2026-11-24 18:00:00.100',
            Pad: 'x'.repeat(2000),
          },
        },
      });
    const all = Array.from({ length: 20_000 }, (_, n) => good(n + 1));
    all[12_345] = '{"other":1}';
    all[17_000] = 'not JSON';
    const { reports, rejected, rows } = await readAll([await fileWith('long.ndjson', `${all.join('\n')}\n`)]);
    expect(reports).toMatchObject([
      { records: 20_000, used: 19_998, ignored: { unrecognised: 1 }, rejected: 1 },
    ]);
    expect(rejected).toMatchObject([{ line: 17_001, raw: 'not JSON' }]);
    const apart = await rows('process', '"log.offset" <> "process.pid"');
    expect(apart).toEqual([]);
  });
});
