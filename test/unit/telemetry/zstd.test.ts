import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isZstd } from '../../../src/telemetry/input/zstd.js';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { frame } from '../../helpers/zstd.js';
import { accountedFor, fileWith, readAll } from './helpers.js';

/** 200 records of Sysmon 5, one line each, as zstd 1.5.4 packs them (level 19, with a checksum). */
const packed = Buffer.from(
  'KLUv/QRofRgApplGIjBPqzFA4P59YVteZ9PsSxJaVQ2NFcstt2QnPZRcw8KIYRhLAEoAPwDQQxN1KM9sIgWSD4SBZzoQDIUGxGIy' +
    'T9PQiCImZEJLc6BRHfJ5lIlFI1ElpuNpLDRRh90V2I278b2wUuMbLW3SqA9HiSDSaSICjQS7B0inWVgiBk3UaVTGAAKRy4QSNFF5' +
    'IQWUh4dYoFGlhOIYaCSqEinMCg0aUTycuWgyA81FQpoo06hMAxE9skJqotJRHghIMk3FDBBCCCGEEL733nvvveecc84551xrrbXW' +
    'WmuMMcYYY4yttdZaa62llFJKKaVUSimllFJK//87fK6xpRJARkaGBun/////////////////////////f9/3fd/3fd8DgM6oQdgM' +
    'ilI/pgPAQhERiSh6EkgQcBBQEPwjCP5PEP5PxtU7w+qVUfUug+qVMfXKkHqfEfXKgHrNeHrPcHrJaHplML1nLL1kKL0ykt4zkF4Z' +
    'R68ZRu8ZRa8MopeMofcZQq+MoFcG0PuMn1eGzyuj510Gzytj55Wh856R85qB88q4eZdh85JR88qgec+YeWXIvGbEvGfAvDJeXjJc' +
    '3jNaXhksr4yV9zNUXhkprwyUdxknrwyTV0bJewbJa8bIK0PkPSPkJQPklfHxnuHxmtHxmsHxnrHxytB4ych4z8B4ZVy8MizeZ1S8' +
    'MiheGRPvMiReMiJeGRDvGQ+vGQ6vjIb3DIaXjIVXhsJ7RsIrA+F1Mw7eQcPgZRoFr0uD4B00Bl6mIfBaGgHvoAHwsgzWhr9LyCgZ' +
    'IAySfTBGBh1DZB+MkIGOAbIPxsegY3jsg9Ex6BgcizHGGGPEMAYMY8AwBgwxwBADhhhiiAFDGGKIAcMYMMQAQwwYYoghBhjCgCEG' +
    'DGPAEAMMMWCIIYYxYAgDhhgwjAFDDDDEgCEMMcSAIQwYYsAwBgwxwDAGDDHEEAOGMGCIAcMYwNgYYGjsYWQMMDB2jIsBhsUeo2KA' +
    'QbEnxsTgwvjowsUvXuziCy9cuI148khupsHMRa5aOvnLmlJMB/yyZtIqTWLGPw==',
  'base64',
);

describe('zstd', () => {
  it('is told by its magic, as are its skippable frames', () => {
    expect(isZstd(packed)).toBe(true);
    expect(isZstd(Buffer.from('502a4d1800000000', 'hex'))).toBe(true);
    expect(isZstd(Buffer.from('{"a":1}'))).toBe(false);
    expect(isZstd(Buffer.alloc(3))).toBe(false);
  });

  it('JSON lines are read in place, as are frames one after the other', async () => {
    const { reports, rows } = await readAll([await fileWith('events', packed)]);
    expect(reports).toMatchObject([{ reader: 'winlogbeat', records: 200, used: 200, rejected: 0 }]);
    expect((await rows('process')).map((row) => row['log.offset'])).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    const skippable = Buffer.from('502a4d180400000001020304', 'hex');
    const twice = await readAll([await fileWith('twice', Buffer.concat([packed, skippable, packed]))]);
    expect(twice.reports).toMatchObject([{ records: 400, used: 200, duplicates: 200, rejected: 0 }]);
  });

  it('a stream that breaks off: what came before is read, the break is a rejected record', async () => {
    const plain = (await import('fzstd')).decompress(packed);
    const framed = frame(Buffer.concat(Array.from({ length: 9 }, () => plain)));
    const { reports, rejected } = await readAll([await fileWith('events', framed.subarray(0, -100_000))]);
    expect(reports[0]?.records).toBeGreaterThan(400);
    expect(rejected.at(-1)?.reason).toContain('ends early');
    expect(reports.map(accountedFor)).toEqual([reports[0]?.records]);
  });

  it('a window of a terabyte is not given', async () => {
    const { reports } = await readAll([await fileWith('events', frame(Buffer.from('{}\n'), 0xff))]);
    expect(reports).toMatchObject([{ reader: null, records: 0 }]);
  });

  it('a bomb of repeated bytes is one long line, rejected within bounded memory', async () => {
    // Blocks of one byte that is repeated 128 KiB times: 128 MiB out of 4 KiB.
    const block = Buffer.alloc(4, 'A');
    block.writeUIntLE((0x02_0000 << 3) | 0x02, 0, 3);
    const start = frame(Buffer.alloc(0)).subarray(0, 6);
    const end = Buffer.from([0x01, 0, 0]);
    const bomb = Buffer.concat([packed, start, ...Array.from({ length: 1024 }, () => block), end]);
    const before = process.memoryUsage().rss;
    const { reports, rejected } = await readAll([await fileWith('bomb', bomb)]);
    expect(reports).toMatchObject([{ reader: 'winlogbeat', records: 201, used: 200, rejected: 1 }]);
    expect(rejected[0]?.reason).toContain('134217728 bytes');
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  });
});

describeWith({ fixtures: true }, 'zstd around real files', () => {
  it.each([
    ['sysmon-evtx/sysmon-dirty-header.evtx', 'evtx'],
    ['suricata/smb2-read-write.eve.json', 'suricata'],
  ])('%s: the same records as without', async (name, reader) => {
    const path = join(fixtures, name);
    const plain = await readAll([path]);
    const unpacked = await readAll([await fileWith('packed', frame(await readFile(path)))]);
    expect(plain.reports[0]).toMatchObject({ reader });
    expect({ ...unpacked.reports[0], path: '' }).toEqual({ ...plain.reports[0], path: '' });
  });
});
