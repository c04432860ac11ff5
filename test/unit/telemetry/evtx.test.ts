import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { accountedFor, fileWith, readAll } from './helpers.js';

const folder = join(fixtures, 'sysmon-evtx');
const sysmon = join(folder, 'sysmon-dirty-header.evtx');
const security = join(folder, 'security-5145-960-rows.evtx');

// Counts: the fixtures' README.
describeWith({ fixtures: true }, 'EVTX files of real systems', () => {
  it('a dirty file: all chunks are found, whatever the header counts', async () => {
    const { reports, rejected } = await readAll([sysmon]);
    expect(reports).toMatchObject([
      {
        reader: 'evtx',
        records: 358,
        used: 263,
        ignored: { 'sysmon 10': 60, 'sysmon 13': 24, 'sysmon 12': 8, 'sysmon 15': 2, 'sysmon 16': 1 },
        rejected: 0,
        duplicates: 0,
        // Sysmon 3 is days off here : its UtcTime is older than any process.
        firstTime: '2017-12-18T14:51:29.706Z',
      },
    ]);
    expect(rejected).toEqual([]);
  });

  it('Security: 5145, 5140 and 4688', async () => {
    const { reports, rows } = await readAll([security]);
    expect(reports).toMatchObject([{ reader: 'evtx', records: 1023, used: 975, rejected: 0 }]);
    expect(reports.map(accountedFor)).toEqual([1023]);
    const files = await rows('transfer', `"event.code" = '5145'`);
    expect(files).toHaveLength(960);
    const [first] = await rows('process');
    expect(first).toMatchObject({
      'event.id': 'fs03vuln.offsec.lan/Security/436755',
      '@timestamp': '2021-04-22T11:32:03.468Z',
      'process.pid': 0x168,
      'process.executable': 'C:\\Windows\\System32\\cmd.exe',
      'process.command_line': 'cmd.exe /Q /c cd \\ 1> \\\\127.0.0.1\\ADMIN$\\__1619090610.0007844 2>&1',
      'process.parent.pid': 0x5fc,
      'user.name': 'FS03VULN$',
      'user.domain': 'OFFSEC',
    });
  });

  it('the pointer to a record is its offset', async () => {
    const { rows } = await readAll([sysmon]);
    const bytes = await readFile(sysmon);
    const processes = await rows('process');
    expect(processes).toHaveLength(227);
    for (const row of processes) {
      const offset = Number(row['log.offset']);
      expect(bytes.readUInt32LE(offset)).toBe(0x2a2a);
    }
  });

  it('packed, the same rows', async () => {
    const packed = await fileWith('events', gzipSync(await readFile(sysmon)));
    const [plain, unpacked] = [await readAll([sysmon]), await readAll([packed])];
    for (const table of ['process', 'connection', 'transfer'] as const) {
      const strip = (rows: readonly Readonly<Record<string, unknown>>[]) =>
        rows.map((row) => ({ ...row, 'log.file.path': '' }));
      expect(strip(await unpacked.rows(table))).toEqual(strip(await plain.rows(table)));
    }
  });

  it('packed and broken off: what came before is read, the break is a rejected record', async () => {
    const packed = gzipSync(await readFile(security));
    const { reports, rejected } = await readAll([
      await fileWith('events', packed.subarray(0, packed.length / 2)),
    ]);
    expect(reports[0]?.used).toBeGreaterThan(300);
    expect(rejected.at(-1)?.reason).toContain('the input ends early');
    expect(reports.map(accountedFor)).toEqual([reports[0]?.records]);
  });
});
