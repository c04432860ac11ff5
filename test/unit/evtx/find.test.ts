import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventsAt } from '../../../src/evtx/index.js';
import { rawRecords } from '../../../src/telemetry/raw-records.js';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { fileWith } from '../telemetry/helpers.js';
import { convert } from './helpers.js';

const path = join(fixtures, 'sysmon-evtx', 'sysmon-dirty-header.evtx');

describeWith({ fixtures: true }, 'a record by its offset', () => {
  it('is the record that stands there, with everything that it says', async () => {
    const { events } = await convert(await readFile(path));
    const some = [events[0], events[100], events.at(-1)].flatMap((event) => event ?? []);
    expect(some).toHaveLength(3);
    const found = await eventsAt(path, [...some.map(({ line }) => line), 4096, 5000, 10_000_000]);
    expect([...found.keys()]).toEqual(some.map(({ line }) => line));
    for (const { line, data } of some) {
      const record = JSON.parse(found.get(line) ?? '') as Readonly<Record<string, string>>;
      expect(record['data/UtcTime']).toBe(data['UtcTime']);
      expect(Object.keys(record).filter((key) => key.startsWith('data/'))).toHaveLength(
        Object.keys(data).length,
      );
    }
  });

  it('where chunks begin at other places', async () => {
    const file = await readFile(path);
    const moved = await fileWith(
      'moved.evtx',
      Buffer.concat([Buffer.alloc(4096 + 777), file.subarray(4096, 4096 + 131_072)]),
    );
    const { events } = await convert(await readFile(moved));
    const last = events.at(-1)?.line ?? 0;
    expect([...(await eventsAt(moved, [last])).keys()]).toEqual([last]);
  });

  it('is what an explanation shows', async () => {
    const found = await rawRecords([{ file: path, offset: 4608 }], new Map([[path, 'evtx']]));
    expect(found.get(`${path}:4608`)).toContain('PING.EXE');
  });
});
