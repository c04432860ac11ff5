import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, fixtures } from '../helpers/requires.js';
import { frame } from '../helpers/zstd.js';
import { readAll } from '../unit/telemetry/helpers.js';

const run = promisify(execFile);
const original = join(fixtures, 'pcap', 'ftp-upload-active.pcap');

describeWith({ fixtures: true, programs: ['tshark', 'editcap'] }, 'a capture in other formats', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dyetrace-pcap-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const flows = async (path: string) => {
    const { reports, rows } = await readAll([path]);
    const counts = { ...reports[0], path: '' };
    return {
      counts,
      rows: (await rows('flow')).map((row) => ({ ...row, 'log.file.path': '', 'event.id': '' })),
    };
  };

  it.each<[string, (target: string) => Promise<unknown>]>([
    ['pcapng', (target) => run('editcap', ['-F', 'pcapng', original, target])],
    ['nanoseconds', (target) => run('editcap', ['-F', 'nsecpcap', original, target])],
    ['gzip', async (target) => writeFile(target, gzipSync(await readFile(original)))],
    ['zstd', async (target) => writeFile(target, frame(await readFile(original)))],
  ])('%s gives the same flows', async (name, write) => {
    const target = join(folder, name);
    await write(target);
    const plain = await flows(original);
    expect(plain.counts).toMatchObject({ reader: 'pcap', rejected: 0 });
    expect(plain.rows.length).toBeGreaterThan(0);
    expect(await flows(target)).toEqual(plain);
  });
});
