import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tableNames } from '../../src/telemetry/index.js';
import { parseEvent } from '../../src/telemetry/xml/event.js';
import { describeWith, fixtures } from '../helpers/requires.js';
import { convert } from '../unit/evtx/helpers.js';
import { readAll } from '../unit/telemetry/helpers.js';

const run = promisify(execFile);
const names = ['sysmon-dirty-header', 'security-5145-960-rows'];
type Texts = Readonly<Record<string, string>>;

interface Texted {
  readonly system: Texts;
  readonly data: Texts;
}

/** Records as another parser has them: libevtx' `evtxexport`. It stops at some damages; what it said until then is compared. */
async function exported(path: string): Promise<Texted[]> {
  const options = { maxBuffer: 256 * 1024 * 1024, encoding: 'utf8' } as const;
  const { stdout } = await run('evtxexport', ['-f', 'xml', path], options).catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string')
      return { stdout: error.stdout };
    throw error;
  });
  return Array.from(stdout.matchAll(/<Event [\s\S]*?<\/Event>/g), ([text]) => parseEvent(text)).filter(
    (event) => event !== undefined,
  );
}

/** One spelling for both: libevtx pads hexadecimal numbers and writes times in nanoseconds. */
const spelled = (texts: Texts): Texts =>
  Object.fromEntries(
    Object.entries(texts)
      .filter(([, text]) => text !== '')
      .map(([name, text]) => [
        name,
        text
          .replace(/^0x0*([0-9a-f]+)$/i, (_, digits: string) => `0x${digits.toLowerCase()}`)
          .replace(/^(\d{4}-\d\d-\d\dT[\d:]+\.\d{7})00Z$/, '$1Z'),
      ]),
  );
const comparable = ({ system, data }: Texted): Texted => ({ system: spelled(system), data: spelled(data) });

describeWith({ fixtures: true, programs: ['evtxexport'] }, 'EVTX beside libevtx, record by record', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dyetrace-evtx-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(names)('%s: the same fields with the same texts', async (name) => {
    const path = join(fixtures, 'sysmon-evtx', `${name}.evtx`);
    const [others, { events, rejected }] = await Promise.all([
      exported(path),
      readFile(path).then((file) => convert(file)),
    ]);
    expect(rejected).toBe(0);
    expect(events.map(comparable)).toEqual(others.map(comparable));
  });

  it.each(names)('%s: the events as XML give the same rows, and are duplicates', async (name) => {
    const path = join(fixtures, 'sysmon-evtx', `${name}.evtx`);
    const { stdout } = await run('evtxexport', ['-f', 'xml', path], { maxBuffer: 256 * 1024 * 1024 });
    const rendered = join(folder, `${name}.xml`);
    await writeFile(rendered, stdout.slice(stdout.indexOf('<Event')));
    const [evtx, xml, both] = await Promise.all([
      readAll([path]),
      readAll([rendered]),
      readAll([path, rendered]),
    ]);
    const [one, other] = [evtx.reports[0], xml.reports[0]];
    expect([one?.reader, other?.reader]).toEqual(['evtx', 'windows-xml']);
    expect({ ...other, path: '', reader: '' }).toEqual({ ...one, path: '', reader: '' });
    expect(both.reports[1]).toMatchObject({ used: 0, duplicates: one?.used, ignored: one?.ignored });
    for (const table of tableNames) {
      const rowsOf = async ({ rows }: typeof evtx) =>
        (await rows(table))
          .sort((a, b) => String(a['event.id']).localeCompare(String(b['event.id'])))
          .map((row) => ({ ...row, 'log.file.path': '', 'log.offset': 0 }));
      expect(await rowsOf(xml)).toEqual(await rowsOf(evtx));
    }
  });

  it('mutated copies: where both give a field of a record, they give the same text', async () => {
    const path = join(folder, 'mutated.evtx');
    const originals = await Promise.all(
      names.map((name) => readFile(join(fixtures, 'sysmon-evtx', `${name}.evtx`))),
    );
    let compared = 0;
    const flip = fc.record({ at: fc.nat({ max: 131_071 }), bit: fc.nat({ max: 7 }) });
    const flips = fc.array(flip, { minLength: 1, maxLength: 20, size: 'max' });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: originals.length - 1 }), flips, async (index, bits) => {
        const file = Buffer.from(originals[index]?.subarray(0, 4096 + 131_072) ?? []);
        for (const { at, bit } of bits) file.writeUInt8(file.readUInt8(4096 + at) ^ (1 << bit), 4096 + at);
        await writeFile(path, file);
        const [others, { events }] = await Promise.all([exported(path), convert(file)]);
        const byNumber = new Map(others.map((other) => [other.system['EventRecordID'], comparable(other)]));
        for (const event of events.map(comparable)) {
          const other = byNumber.get(event.system['EventRecordID']);
          for (const part of ['system', 'data'] as const) {
            for (const [name, text] of Object.entries(event[part])) {
              const theirs = other?.[part][name];
              // libevtx ends at a record that it cannot read on, and at a lone surrogate.
              if (theirs === undefined || text.includes('\ufffd')) continue;
              compared += 1;
              expect(`${name}: ${text}`).toBe(`${name}: ${theirs}`);
            }
          }
        }
      }),
      { numRuns: 40, seed: 5 },
    );
    expect(compared).toBeGreaterThan(20_000);
  });
});
