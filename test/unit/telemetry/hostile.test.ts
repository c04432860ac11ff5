import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountedFor, fileWith, lines, readAll } from './helpers.js';

const ended = (record: number): string =>
  JSON.stringify({
    '@timestamp': '2026-11-24T18:00:00.000Z',
    winlog: {
      channel: 'Microsoft-Windows-Sysmon/Operational',
      provider_name: 'Microsoft-Windows-Sysmon',
      event_id: '5',
      record_id: record,
      computer_name: 'WS1',
      event_data: { Image: 'C:\\a.exe', ProcessId: '7', UtcTime: '2026-11-24 18:00:00.100' },
    },
  });

describe('records that cannot be read', () => {
  it('are counted and kept with line and reason, and the rest is read', async () => {
    const file = await fileWith(
      'mixed.ndjson',
      Buffer.concat([
        Buffer.from(`${ended(1)}\nnope\n\n[1,2]\n"text"\n\0\0\0\n{"a":"`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(
          `"}\n${ended(2)}${ended(3)}\n  ${ended(4)}  \r\n${ended(1)}\n{}\n   \n${ended(5)}\n{"unclosed`,
        ),
      ]),
    );
    const { reports, rejected, rows } = await readAll([file]);
    expect(reports).toMatchObject([
      {
        reader: 'winlogbeat',
        records: 12,
        used: 3,
        ignored: { unrecognised: 1 },
        rejected: 7,
        duplicates: 1,
      },
    ]);
    expect(rejected.map(({ line }) => line)).toEqual([2, 4, 5, 6, 7, 8, 14]);
    expect(rejected[0]).toMatchObject({ path: file, raw: 'nope' });
    expect(rejected[1]?.reason).toContain('no object');
    expect(rejected[3]?.reason).toContain('NUL');
    expect(rejected[4]?.reason).toContain('UTF-8');
    const read = await rows('process');
    expect(read.map((row) => [row['event.id'], row['log.offset']])).toEqual([
      ['WS1/Microsoft-Windows-Sysmon/Operational/1', 1],
      ['WS1/Microsoft-Windows-Sysmon/Operational/4', 8],
      ['WS1/Microsoft-Windows-Sysmon/Operational/5', 11],
    ]);
  });

  it('a line of 100 MB is rejected, its neighbours are read', async () => {
    const long = Buffer.alloc(100 * 1024 * 1024, 'x');
    const file = await fileWith(
      'long.ndjson',
      Buffer.concat([Buffer.from(`${ended(1)}\n{"a":"`), long, Buffer.from(`"}\n${ended(2)}\n`)]),
    );
    const { reports, rejected, rows } = await readAll([file]);
    expect(reports).toMatchObject([{ records: 3, used: 2, rejected: 1 }]);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]).toMatchObject({ line: 2 });
    expect(rejected[0]?.raw).toHaveLength(64 * 1024);
    expect((await rows('process')).map((row) => row['log.offset'])).toEqual([1, 3]);
  });

  it('a gzip stream that breaks off: what came before is read, the break is a rejected record', async () => {
    // Record numbers out of order, so that the stream does not compress to nothing.
    const text = Array.from({ length: 2000 }, (_, n) => ended((n * 7919) % 104_729)).join('\n');
    const packed = gzipSync(text);
    const file = await fileWith('broken.gz', packed.subarray(0, Math.floor(packed.length / 2)));
    const { reports, rejected } = await readAll([file]);
    const [report] = reports;
    expect(report?.reader).toBe('winlogbeat');
    expect(report?.used).toBeGreaterThan(100);
    expect(report?.used).toBeLessThan(2000);
    expect(rejected.at(-1)?.reason).toContain('ends early');
    expect(report && accountedFor(report)).toBe(report?.records);
  });

  it('encodings: gzip, a byte order mark, UTF-16, CRLF', async () => {
    const text = [ended(1), ended(2), ended(3)].join('\r\n');
    const contents = [
      gzipSync(text),
      Buffer.from(`\ufeff${text}`),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(`${text}\r\n`),
    ];
    for (const content of contents) {
      const { reports, rows } = await readAll([await fileWith('events', content)]);
      expect(reports).toMatchObject([{ reader: 'winlogbeat', records: 3, used: 3, rejected: 0 }]);
      expect((await rows('process')).map((row) => row['log.offset'])).toEqual([1, 2, 3]);
    }
  });

  it('a record that was read from an earlier input is a duplicate by its own id', async () => {
    const first = await fileWith('a.ndjson', `${ended(1)}\n${ended(2)}\n`);
    const second = await fileWith('b.ndjson', `${ended(2)}\n${ended(3)}\n`);
    const { reports } = await readAll([first, second]);
    expect(reports.map(({ used, duplicates }) => [used, duplicates])).toEqual([
      [2, 0],
      [1, 1],
    ]);
  });
});

describe('other layouts of JSON', () => {
  const records = [1, 2, 3].map((record) => JSON.parse(ended(record)) as unknown);

  it.each([
    ['an array on one line', JSON.stringify(records)],
    ['an array over many lines', JSON.stringify(records, null, 2)],
    ['records over many lines', records.map((record) => JSON.stringify(record, null, 2)).join('\n')],
    ['a packed array', gzipSync(JSON.stringify(records))],
    ['an array in UTF-16', Buffer.from(`\ufeff${JSON.stringify(records, null, 2)}`, 'utf16le')],
  ])('%s', async (_name, content) => {
    const { reports, rows } = await readAll([await fileWith('events.json', content)]);
    expect(reports).toMatchObject([{ reader: 'winlogbeat', records: 3, used: 3, rejected: 0 }]);
    // The pointer is the record's number.
    expect((await rows('process')).map((row) => row['log.offset'])).toEqual([1, 2, 3]);
  });

  it('an array that breaks off is one rejected record, and not the end of the run', async () => {
    const broken = await fileWith('broken.json', JSON.stringify(records, null, 2).slice(0, -40));
    const whole = await fileWith('whole.ndjson', `${ended(9)}\n`);
    const { reports, rejected } = await readAll([broken, whole]);
    expect(reports).toMatchObject([
      { reader: 'winlogbeat', records: 1, used: 0, rejected: 1 },
      { records: 1, used: 1 },
    ]);
    expect(rejected).toMatchObject([{ path: broken, line: 1 }]);
  });

  it('items that are no objects are rejected one by one', async () => {
    const file = await fileWith('odd.json', JSON.stringify([...records, 7, 'x']));
    const { reports, rejected } = await readAll([file]);
    expect(reports).toMatchObject([{ records: 5, used: 3, rejected: 2 }]);
    expect(rejected.map(({ line }) => line)).toEqual([4, 5]);
  });
});

describe('the sum of what became of records', () => {
  const field = fc.constantFrom(
    'a',
    'winlog',
    'event',
    'event_id',
    'event_data',
    'ts',
    'uid',
    'event_type',
    'flow_id',
    '@timestamp',
  );
  const value: fc.Arbitrary<unknown> = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constantFrom(null, true, '1', 'Security', 'flow', 'CHhAvVGS1DHFjwGM9', '2026-11-24T18:00:00Z'),
    fc.dictionary(field, fc.oneof(fc.string(), fc.integer(), fc.constant(null))),
    fc.array(fc.integer(), { maxLength: 2 }),
  );
  const line = fc.oneof(
    fc.dictionary(field, value).map((record) => JSON.stringify(record)),
    fc.constantFrom(
      ended(1),
      ended(2),
      '{"event_type":"flow","flow_id":1}',
      '{"ts":1,"uid":"CHhAvVGS1DHFjwGM9","conn_state":"SF"}',
    ),
    fc.string().filter((text) => !text.includes('\n')),
  );

  it('is the number of lines that are not blank, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), async (texts) => {
        const { reports } = await readAll([await fileWith('random', texts.join('\n'))]);
        for (const report of reports.filter(({ reader }) => reader !== null)) {
          expect(accountedFor(report)).toBe(report.records);
          expect(report.records).toBe(texts.filter((text) => !/^[ \t\r]*$/.test(text)).length);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('files', () => {
  it('no telemetry: the file is named without a reader', async () => {
    const { reports } = await readAll([await fileWith('letter.txt', 'Dear reader,\n')]);
    expect(reports).toMatchObject([{ reader: null, records: 0 }]);
  });

  it('a missing input is bad input', async () => {
    await expect(readAll(['/no/such/file.ndjson'])).rejects.toMatchObject({
      code: 'input-missing',
      exitCode: 2,
    });
  });

  it('names that look like patterns are taken as they are', async () => {
    const file = await fileWith('a[b]*?.ndjson', lines([JSON.parse(ended(1))]));
    const { reports } = await readAll([file]);
    expect(reports).toMatchObject([{ used: 1 }]);
  });
});
