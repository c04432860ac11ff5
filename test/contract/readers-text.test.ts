import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readers, tableNames } from '../../src/telemetry/index.js';
import { probe } from '../../src/telemetry/input/bytes.js';
import { accountedFor, fileWith, readAll, type Read, type Row } from '../unit/telemetry/helpers.js';
import { examples } from '../unit/telemetry/text/examples.js';

const isW3c = (name: string): boolean => name === 'iis-ftp' || name === 'windows-firewall';

async function allRows({ rows }: Read): Promise<Row[]> {
  const tables = await Promise.all(tableNames.map((table) => rows(table)));
  return tables.flat().map((row) => ({ ...row, 'log.file.path': undefined }));
}

describe.each(Object.entries(examples))('%s', (name, text) => {
  const records = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;

  it('is recognised by its own reader and by no other', async () => {
    const { sample } = await probe(await fileWith('some', text));
    const sure = readers.entries().filter(([, reader]) => reader.sniff(sample) > 0);
    expect(sure.map(([known]) => known)).toEqual([name]);
    expect(sure[0]?.[1].sniff(sample)).toBeGreaterThan(0.5);
  });

  it('gives the same rows in every packing and encoding', async () => {
    const plain = await readAll([await fileWith('log', text)]);
    const [report] = plain.reports;
    expect(report).toMatchObject({ reader: name, records, rejected: 0 });
    expect(report?.rows).toBeGreaterThan(0);
    expect(report && accountedFor(report)).toBe(records);
    const expected = await allRows(plain);
    const crlf = text.replaceAll('\n', '\r\n');
    const mixed = text.replace('\n', '\r\n');
    for (const content of [
      gzipSync(text),
      crlf,
      mixed,
      `\ufeff${text}`,
      Buffer.from(`\ufeff${crlf}`, 'utf16le'),
      text.trimEnd(),
    ]) {
      const read = await readAll([await fileWith('log', content)]);
      expect(read.reports).toMatchObject([{ ...report, path: expect.any(String) as string }]);
      expect(await allRows(read)).toEqual(expected);
    }
  });

  it('what cannot be read is rejected with its line, and the rest is read', async () => {
    const bad = Buffer.concat([
      Buffer.from(text),
      Buffer.from('\n   \nnothing that anyone knows\n\0\0\0\n'),
      Buffer.from([0xff, 0xfe, 0x41, 0x0a]),
      Buffer.alloc(3 * 1024 * 1024, 'x'),
      Buffer.from('\n'),
    ]);
    const { reports, rejected } = await readAll([await fileWith('log', bad)]);
    expect(reports).toMatchObject([{ reader: name, records: records + 4, rejected: 4 }]);
    const after = text.split('\n').length + 1;
    expect(rejected.map(({ line }) => line)).toEqual([1, 2, 3, 4].map((n) => after + n));
    expect(rejected[0]).toMatchObject({ raw: 'nothing that anyone knows' });
    for (const { raw, reason } of rejected) {
      expect(raw.length).toBeLessThanOrEqual(64 * 1024);
      expect(reason).not.toBe('');
    }
  });

  it('a packed file that breaks off: the break is a rejected record', async () => {
    const rows = text.split('\n').filter((line) => !line.startsWith('#'));
    const header = text.split('\n').filter((line) => line.startsWith('#'));
    const many = Array.from(
      { length: 3000 },
      (_, n) => `${rows[n % rows.length] ?? ''}${isW3c(name) ? '' : ' '.repeat(n % 7)}`,
    );
    const packed = gzipSync([...header, ...many].join('\n'));
    const { reports, rejected } = await readAll([
      await fileWith('log.gz', packed.subarray(0, packed.length - 40)),
    ]);
    const [report] = reports;
    expect(report?.reader).toBe(name);
    expect(rejected.at(-1)?.reason).toContain('ends early');
    expect(report && accountedFor(report)).toBe(report?.records);
  });
});
