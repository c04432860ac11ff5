import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { huntSchema } from '../../src/analytic/index.js';
import { dyetrace } from '../helpers/cli.js';

const guid = '{B34BC01C-2255-5F69-0100-000000000900}';
const image = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';

function sysmon(id: number, record: number, data: Readonly<Record<string, string>>): string {
  return JSON.stringify({
    '@timestamp': '2026-11-24T18:00:00.000Z',
    winlog: {
      channel: 'Microsoft-Windows-Sysmon/Operational',
      provider_name: 'Microsoft-Windows-Sysmon',
      event_id: String(id),
      record_id: record,
      computer_name: 'WS1',
      event_data: {
        ProcessGuid: guid,
        ProcessId: '500',
        Image: image,
        UtcTime: '2026-11-24 18:00:00.100',
        ...data,
      },
    },
  });
}

const endpoint = [
  sysmon(1, 1, { CommandLine: '=powershell.exe -File "C:\\<b>up</b>.ps1"', User: 'LAB\\alice' }),
  '',
  sysmon(3, 2, {
    Protocol: 'tcp',
    Initiated: 'true',
    SourceIp: '10.0.0.1',
    SourcePort: '50000',
    DestinationIp: '10.0.0.9',
    DestinationPort: '21',
  }),
  sysmon(3, 3, {
    Protocol: 'tcp',
    Initiated: 'true',
    SourceIp: '10.0.0.1',
    SourcePort: '50001',
    DestinationIp: '10.0.0.8',
    DestinationPort: '443',
  }),
].join('\n');

const network = JSON.stringify({
  ts: 1_795_543_200.2,
  uid: 'CAbCdEfGhIjKlMnOp1',
  'id.orig_h': '10.0.0.1',
  'id.orig_p': 50000,
  'id.resp_h': '10.0.0.9',
  'id.resp_p': 21,
  proto: 'tcp',
  service: 'ftp',
  duration: 8,
  orig_bytes: 20_971_520,
  resp_bytes: 500,
  conn_state: 'SF',
});

describe('hunt', () => {
  let folder: string;
  let paths: string[];
  const hunted = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await dyetrace(['hunt', ...args]);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    return stdout;
  };
  const parsed = async (...args: string[]) => huntSchema.parse(JSON.parse(await hunted(...args, '--json')));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    paths = [join(folder, 'endpoint.ndjson'), join(folder, 'conn.ndjson')];
    await writeFile(paths[0] ?? '', `${endpoint}\n`);
    await writeFile(paths[1] ?? '', `${network}\n`);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('finds the upload, and counts what it left out', async () => {
    const { hits, inputs } = await parsed(...paths);
    expect(hits).toMatchObject([
      { protocol: 'ftp', attribution: 'direct', bytesOut: 20_971_520, severity: 'medium' },
    ]);
    expect(inputs[0]).toMatchObject({ records: 3, used: 2, ignored: { 'sysmon 3 (unneeded)': 1 } });
  });

  it('takes globs and standard input', async () => {
    expect((await parsed(`${folder}/*.ndjson`)).hits).toHaveLength(1);
    const { stdout } = await execa(
      process.execPath,
      [resolve('dist/main.js'), 'hunt', '-', paths[1] ?? '', '--json'],
      {
        input: createReadStream(paths[0] ?? ''),
      },
    );
    expect(huntSchema.parse(JSON.parse(stdout)).hits).toHaveLength(1);
    const missing = await dyetrace(['hunt', join(folder, 'none-*.json')]);
    expect(missing).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('nothing matches') as string,
    });
  });

  it('--save keeps the telemetry as Parquet, which gives the same hits without parsing', async () => {
    const saved = join(folder, 'saved');
    const first = await parsed(...paths, '--save', saved);
    const again = await parsed(saved);
    expect(again.hits).toEqual(first.hits);
    expect(again.unattributed).toEqual(first.unattributed);
    expect(again.inputs.map(({ reader }) => reader)).toEqual(['parquet', 'parquet', 'parquet']);
  });

  it('--explain shows the records that a hit was put together from, as they stand in the files', async () => {
    const [hit] = (await parsed(...paths)).hits;
    const [explanation] = JSON.parse(await hunted(...paths, '--explain', hit?.id ?? '', '--json')) as {
      records: { table: string; raw: string | null; offset: number }[];
    }[];
    expect(explanation?.records.map(({ table, raw, offset }) => [table, raw, offset])).toEqual([
      ['process', endpoint.split('\n')[0], 1],
      ['connection', endpoint.split('\n')[2], 2],
      ['flow', network, 1],
    ]);
    const text = await hunted(...paths, '--explain', hit?.id ?? '');
    expect(text).toContain('because');
    const unknown = await dyetrace(['hunt', ...paths, '--explain', 'x']);
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(hit?.id ?? '') as string });
  });

  it('--approve names the pattern that covers a hit; a bad file is told by line and column', async () => {
    const file = join(folder, 'approved.yaml');
    await writeFile(file, '- id: nightly\n  owner: ops\n  protocol: ftp\n  destination: 10.0.0.9\n');
    expect((await parsed(...paths, '--approve', file)).hits).toMatchObject([
      { approvedBy: 'nightly', severity: 'informational' },
    ]);
    await writeFile(file, '- id: nightly\n  owner: ops\n  protocol: http\n  destination: 10.0.0.9\n');
    const bad = await dyetrace(['hunt', ...paths, '--approve', file]);
    expect(bad.exitCode).toBe(2);
    expect(bad.stderr).toContain('approved.yaml:3:');
  });

  it('writes CSV, Markdown and HTML in which foreign text is nothing but text', async () => {
    const files = ['hits.csv', 'hits.md', 'hits.html'].map((name) => join(folder, name));
    const [csv = '', markdown = '', html = ''] = files;
    await hunted(...paths, '--csv', csv, '--markdown', markdown, '--html', html);
    const [table = '', document = '', page = ''] = await Promise.all(
      files.map((file) => readFile(file, 'utf8')),
    );
    // RFC 4180; a cell that begins with = would be a formula.
    expect(table.split('\r\n')[1]).toContain(`"'=powershell.exe -File ""C:\\<b>up</b>.ps1"""`);
    expect(document).toContain('# Hunt for AN1169');
    expect(page).toContain('&lt;b&gt;up&lt;/b&gt;');
    expect(page).not.toContain('<b>up');
    expect(page).toContain('CAbCdEfGhIjKlMnOp1');
  });
});
