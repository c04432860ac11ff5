import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { convert, everything, type Event } from './helpers.js';

const folder = join(fixtures, 'sysmon-evtx');
const chunkSize = 65_536;

const read = (name: string): Promise<Buffer> => readFile(join(folder, `${name}.evtx`));
const countsById = (events: readonly Event[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { system } of events) {
    const id = system['EventID'] ?? '';
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
};
const numbers = (events: readonly Event[]): number[] =>
  events.map(({ system }) => Number(system['EventRecordID']));

// Counts: the fixtures' README.
describeWith({ fixtures: true }, 'EVTX files', () => {
  it('chunks are found whatever the header counts; what lies after them is no record', async () => {
    const { events, rejected } = await convert(await read('sysmon-dirty-header'));
    expect(countsById(events)).toEqual({ 1: 227, 10: 60, 11: 34, 13: 24, 12: 8, 15: 2, 3: 2, 16: 1 });
    expect(rejected).toBe(0);
    expect(numbers(events)).toEqual(Array.from({ length: 358 }, (_, index) => 1742 + index));
  });

  it('Security, with System parts of several providers', async () => {
    const { events, rejected } = await convert(await read('security-5145-960-rows'));
    expect(countsById(events)).toMatchObject({ 4688: 4, 5140: 11, 5145: 960 });
    expect(rejected).toBe(0);
    expect(events).toHaveLength(1023);
    // UserData: the log was cleared.
    expect(events[0]).toMatchObject({
      system: { EventID: '1102', 'Provider.Name': 'Microsoft-Windows-Eventlog' },
      data: { SubjectUserName: 'admmig', SubjectDomainName: 'OFFSEC', SubjectLogonId: '0x1898da' },
    });
  });

  it('only the fields that are wanted of the kinds that are wanted; all others are counted', async () => {
    const kinds = {
      'sysmon 3': [
        { part: 'system', name: 'EventRecordID', key: 'system/n' },
        { part: 'data', name: 'DestinationIp', key: 'data/to' },
        { part: 'data', name: 'DestinationPort', key: 'data/port' },
      ],
    } as const;
    const products = [{ provider: 'microsoft-windows-sysmon', channel: '', module: 'sysmon' }];
    const { events, ignored } = await convert(await read('sysmon-dirty-header'), { products, kinds });
    expect(events.map(({ kind, system, data }) => ({ kind, system, data }))).toEqual([
      { kind: 'sysmon 3', system: { n: '2061' }, data: { to: '185.26.182.117', port: '443' } },
      { kind: 'sysmon 3', system: { n: '2062' }, data: { to: '93.184.220.29', port: '80' } },
    ]);
    expect(ignored).toEqual({
      'sysmon 1': 227,
      'sysmon 10': 60,
      'sysmon 11': 34,
      'sysmon 13': 24,
      'sysmon 12': 8,
      'sysmon 15': 2,
      'sysmon 16': 1,
    });
  });

  it('chunks at any place: without a header, with bytes in between', async () => {
    const file = await read('sysmon-dirty-header');
    const first = file.subarray(4096, 4096 + chunkSize);
    const second = file.subarray(4096 + chunkSize, 4096 + 2 * chunkSize);
    const { events, rejected } = await convert(
      Buffer.concat([Buffer.alloc(4096 + 1000), first, Buffer.alloc(77, 'x'), second]),
    );
    expect(numbers(events)).toEqual(Array.from({ length: 81 }, (_, index) => 1742 + index));
    expect(rejected).toBe(0);
  });

  it('a chunk that is cut off: what is whole is read, the rest is rejected', async () => {
    const file = await read('sysmon-dirty-header');
    const { events, damaged, rejected } = await convert(file.subarray(0, 4096 + 30_000));
    expect(events.length).toBeGreaterThan(15);
    expect(rejected).toBe(2);
    expect(damaged.map(({ reason }) => reason)).toEqual([
      'the checksum of the chunk’s records does not hold; those that can be read are used',
      'no record where one should begin',
    ]);
  });

  it('what lies in free space is not read, unless it is the very next record', async () => {
    const file = await read('sysmon-dirty-header');
    const chunk = Buffer.from(file.subarray(0, 4096 + chunkSize));
    // Records 21 … of an earlier use: the free space begins before them, and their numbers are older.
    const { events } = await convert(chunk);
    const twentieth = events[20];
    if (twentieth === undefined) throw new Error('a chunk holds more than 20 records');
    chunk.writeUInt32LE(twentieth.line - 4096, 4096 + 48);
    // The header is older than the records: they are the very next.
    expect(numbers((await convert(chunk)).events)).toEqual(numbers(events));
    chunk.writeBigUInt64LE(3n, twentieth.line + 8);
    expect(numbers((await convert(chunk)).events)).toEqual(numbers(events).slice(0, 20));
  });

  it('nothing in it', async () => {
    expect(await convert(Buffer.alloc(0), everything)).toMatchObject({ events: [], rejected: 0 });
    expect(await convert(Buffer.alloc(500_000), everything)).toMatchObject({ events: [], rejected: 0 });
  });
});
