// Reads mutated files with every reader: `npm run fuzz [-- --cases N --seed N --reader NAME --fixtures FOLDER]`.
// Whatever a file holds, reading ends, in bounded memory, with records = used + ignored + rejected + duplicates, or with an error that
// names the input. Anything else is a defect: its file is kept and named, and the exit code is 1.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { corpus } from './fuzz/corpus.mjs';
import { mutate, random } from './fuzz/mutate.mjs';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    reader: { type: 'string', multiple: true },
    fixtures: { type: 'string', default: process.env.DYETRACE_FIXTURES ?? '../shared/fixtures' },
    'max-seconds': { type: 'string', default: '10' },
    'max-megabytes': { type: 'string', default: '1500' },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
const mostSeconds = Number(values['max-seconds']);
const mostMegabytes = Number(values['max-megabytes']);

// The built program, so that threads and all are as users have them.
const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { readInputs, readers, Store } = await dist('telemetry/index.js');
const { probe } = await dist('telemetry/input/bytes.js');
const { InputError } = await dist('core/index.js');

const folder = mkdtempSync(join(tmpdir(), 'dyetrace-fuzz-'));
const path = join(folder, 'case');
/** Readers that start a program for every file get fewer cases. */
const weights = { pcap: 0.02 };
/** A store takes so many cases: its tables grow. */
const perStore = 100;

let store = await Store.open({ memoryLimit: '512MB', threads: 2 });
/** The reader that is surest of the bytes, as for a hunt's inputs; nothing is read. */
async function readerOf(bytes) {
  writeFileSync(path, bytes);
  const { sample } = await probe(path);
  const sure = readers.entries().map(([name, reader]) => [name, reader.sniff(sample)]);
  const [name, confidence] = sure.reduce((best, one) => (one[1] > best[1] ? one : best), [null, 0]);
  return confidence > 0 ? name : null;
}

const sum = ({ used, ignored, rejected, duplicates }) =>
  used + rejected + duplicates + Object.values(ignored).reduce((total, count) => total + count, 0);

/** Reads one case. @returns what is wrong with it, if anything. */
async function read(figures) {
  const quarantined = [];
  let report;
  try {
    [report] = await readInputs(store, [path], { quarantine: (record) => quarantined.push(record) });
  } catch (error) {
    if (error instanceof InputError) {
      figures.errors += 1;
      return undefined;
    }
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  if (report.reader === null) figures.unrecognised += 1;
  figures.records += report.records;
  figures.rejected += report.rejected;
  if (sum(report) !== report.records) return `the sum is broken: ${JSON.stringify(report)}`;
  if (quarantined.length !== Math.min(report.rejected, 10_000))
    return `${report.rejected} rejected, ${quarantined.length} in quarantine`;
  if (quarantined.some(({ reason }) => reason === '')) return 'a rejected record without a reason';
  return undefined;
}

function defect(name, number, what) {
  const kept = resolve(tmpdir(), `dyetrace-fuzz-${name}-${seed}-${number}`);
  copyFileSync(path, kept);
  console.log(`DEFECT in ${name}, case ${number}, kept as ${kept}\n${what}`);
}

const originals = await corpus(
  resolve(fileURLToPath(new URL('..', import.meta.url)), values.fixtures),
  readerOf,
);
const names = readers.names.filter((name) => values.reader === undefined || values.reader.includes(name));
const without = names.filter((name) => !originals.has(name));
const chosen = names.filter((name) => originals.has(name));
const weight = (name) => weights[name] ?? 1;
const total = chosen.reduce((all, name) => all + weight(name), 0);
const every = [...originals.values()].flat();

let defects = 0;
const worst = { seconds: 0, megabytes: 0 };
console.log(`reader                 cases  unread  errors   records  rejected  slowest s  peak MB`);
for (const name of chosen) {
  const figures = { records: 0, rejected: 0, errors: 0, unrecognised: 0, slowest: 0, peak: 0 };
  const own = originals.get(name);
  const share = Math.ceil((cases * weight(name)) / total);
  for (let number = 0; number < share; number += 1) {
    // Each case has its own seed, so that one alone can be done again.
    const next = random(seed * 1_000_003 + number);
    writeFileSync(path, mutate(own[next(own.length)], every[next(every.length)], next));
    if (number % perStore === perStore - 1) {
      store.close();
      store = await Store.open({ memoryLimit: '512MB', threads: 2 });
    }
    const started = performance.now();
    const what = await read(figures);
    const seconds = (performance.now() - started) / 1000;
    const megabytes = process.memoryUsage().rss / 1e6;
    figures.slowest = Math.max(figures.slowest, seconds);
    figures.peak = Math.max(figures.peak, megabytes);
    const bound =
      seconds > mostSeconds
        ? `it took ${seconds.toFixed(1)} s`
        : megabytes > mostMegabytes
          ? `memory went to ${megabytes.toFixed(0)} MB`
          : undefined;
    if (what === undefined && bound === undefined) continue;
    defects += 1;
    defect(name, number, what ?? bound);
  }
  worst.seconds = Math.max(worst.seconds, figures.slowest);
  worst.megabytes = Math.max(worst.megabytes, figures.peak);
  const cells = [
    [share, 8],
    [figures.unrecognised, 8],
    [figures.errors, 8],
    [figures.records, 10],
    [figures.rejected, 10],
    [figures.slowest.toFixed(2), 11],
    [figures.peak.toFixed(0), 9],
  ];
  console.log(name.padEnd(20) + cells.map(([cell, width]) => String(cell).padStart(width)).join(''));
}
store.close();
rmSync(folder, { recursive: true, force: true });
if (without.length > 0)
  console.log(`no file to mutate for: ${without.join(', ')} (see scripts/fuzz/corpus.mjs)`);
console.log(
  `seed ${seed}: ${defects} defects; slowest case ${worst.seconds.toFixed(2)} s, peak memory ${worst.megabytes.toFixed(0)} MB`,
);
process.exitCode = defects === 0 ? 0 : 1;
