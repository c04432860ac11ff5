import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, fixtures } from '../helpers/requires.js';

const chunkSize = 65_536;

// Threads need the built program; the sources are read by one alone.
const built = pathToFileURL(resolve('dist/evtx/index.js')).href;
type Room = typeof import('../../src/evtx/index.js');

describeWith({ fixtures: true }, 'EVTX in threads', () => {
  let folder: string;
  let path: string;
  let size = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dyetrace-evtx-'));
    path = join(folder, 'large.evtx');
    const sound = await readFile(join(fixtures, 'sysmon-evtx', 'security-5145-960-rows.evtx'));
    const chunks = sound.subarray(4096, 4096 + 11 * chunkSize);
    const file = await open(path, 'w');
    await file.appendFile(sound.subarray(0, 4096));
    for (let count = 0; count < 150; count += 1) {
      // Chunks begin at other places from here on, and one of each round is damaged.
      if (count === 75) await file.appendFile(Buffer.alloc(1000, 'x'));
      const damaged = Buffer.from(chunks);
      damaged.writeUInt32LE(0xffff_ffff, 512 + 4 + (count % 11) * chunkSize);
      await file.appendFile(damaged);
    }
    ({ size } = await file.stat());
    await file.close();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function read(threads: number) {
    const { convertFile } = (await import(built)) as Room;
    const digest = createHash('sha256');
    const offsets: number[] = [];
    const counts = await convertFile(
      path,
      4096,
      size,
      { products: [], kinds: 'all' },
      {
        write: (lines) => {
          digest.update(lines);
          return Promise.resolve();
        },
        damaged: ({ offset }) => offsets.push(offset),
      },
      threads,
    );
    return { ...counts, ignored: [...counts.ignored], offsets, digest: digest.digest('hex') };
  }

  it('gives the same records in the same order as one thread', async () => {
    const [alone, together] = [await read(1), await read(3)];
    expect(alone.written).toBeGreaterThan(150_000);
    expect(alone.rejected).toBe(alone.offsets.length);
    expect(alone.offsets.length).toBeGreaterThanOrEqual(300);
    expect(together).toEqual(alone);
  });
});
