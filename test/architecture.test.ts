import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sinkFactories } from '../src/sinks/index.js';
import { executorKinds } from '../src/executors/index.js';
import { programs } from '../src/simulator/programs/index.js';
import { labSchema } from '../src/config/index.js';
import { readers } from '../src/telemetry/index.js';
import { reporters } from '../src/reporters/index.js';

const source = resolve('src');

/** The rooms in the order of docs/architecture.md: a room imports only from rooms above it. */
const rooms = [
  'core',
  'evtx',
  'config',
  'scenario',
  'safety',
  'tracer',
  'sinks',
  'executors',
  'simulator',
  'runner',
  'telemetry',
  'siem',
  'analytic',
  'causes',
  'verify',
  'coverage',
  'reporters',
  'pipeline',
  'cli',
];

/** Edges that the order would allow and that must not be. */
const forbidden = [
  // The verifier and the analytic judge by telemetry alone; what made it is none of their business.
  { from: ['telemetry', 'siem', 'analytic', 'causes', 'verify', 'coverage', 'reporters'], to: 'simulator' },
  // A simulated host knows no scenario.
  { from: ['simulator'], to: 'scenario' },
];

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly target: string;
}

function imports(): Import[] {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.flatMap((name) => {
    const text = readFileSync(join(source, name), 'utf8');
    const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
      (match) => match[1] ?? '',
    );
    return specifiers.map((specifier) => {
      const target = relative(source, resolve(dirname(join(source, name)), specifier));
      return { file: name, from: name.split(sep)[0] ?? '', to: target.split(sep)[0] ?? '', target };
    });
  });
}

/** Imports that go against the order. The library's door joins all rooms and is above none. */
function upwardOf(list: readonly Import[]): Import[] {
  return list.filter(({ from, to }) => rooms.indexOf(to) > rooms.indexOf(from) || to === 'index.js');
}

const all = imports();
const between = all.filter(({ from, to }) => from !== to && rooms.includes(from));

describe('architecture', () => {
  it('has a room for every folder of src, and no other', () => {
    const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).sort()).toEqual([...rooms].sort());
  });

  it('imports only from rooms above', () => {
    expect(between.length).toBeGreaterThan(50);
    const upward = upwardOf(between);
    expect(upward.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('enters a room by its door', () => {
    const deep = between.filter(({ to, target }) => target !== join(to, 'index.js'));
    expect(deep.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('keeps the verifier and the simulator apart', () => {
    const wrong = between.filter(({ from, to }) =>
      forbidden.some((rule) => rule.from.includes(from) && rule.to === to),
    );
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('would see a breach', () => {
    const breach = { file: 'core/x.ts', from: 'core', to: 'cli', target: join('cli', 'index.js') };
    expect(upwardOf([breach])).toEqual([breach]);
  });
});

/** Adapters by folder or file: what stands in a room without being one is named. */
function adapters(folder: string, others: readonly string[]): string[] {
  return readdirSync(join(source, folder), { withFileTypes: true })
    .map((entry) => entry.name.replace(/\.ts$/, ''))
    .filter((name) => !others.includes(name))
    .sort();
}

function folders(folder: string): string[] {
  return readdirSync(join(source, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

describe('registries equal their folders', () => {
  it('sinks', () => {
    expect(folders('sinks')).toEqual([...sinkFactories.names].sort());
  });
  it('executors', () => {
    expect(folders('executors').filter((name) => name !== 'quoting')).toEqual(
      [...executorKinds.names].sort(),
    );
  });
  it('reporters', () => {
    expect(folders('reporters')).toEqual([...reporters.names].sort());
  });
  it('readers', () => {
    expect(adapters('telemetry/readers', ['index', 'registry'])).toEqual([...readers.names].sort());
  });
  it('SIEMs: the kinds that lab.yaml takes', () => {
    const kinds = labSchema.shape.siem.options.map((option) => option.shape.kind.value);
    expect(folders('siem')).toEqual([...kinds].sort());
  });
  it('programs of the simulated host', () => {
    const names = programs.names.map((name) => name.replace(/\.exe$/, ''));
    // A program is a file, with a folder of the same name for its parts where it has any.
    const found = new Set(adapters('simulator/programs', ['index', 'registry', 'staged', 'types']));
    expect([...found]).toEqual([...names].sort());
  });
});
