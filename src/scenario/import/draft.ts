import { stringify } from 'yaml';
import { InputError } from '../../core/index.js';
import { scenarioSchema, type Scenario } from '../schema.js';
import { meaningOf } from './recognise.js';
import type { ForeignProcedure } from './source.js';

/** What became of a line. */
export interface ImportedLine {
  readonly text: string;
  readonly taken: boolean;
  /** What it became, or why it was left out. */
  readonly note: string;
}

export interface Draft {
  readonly procedure: Pick<ForeignProcedure, 'from' | 'id' | 'name' | 'technique'>;
  /** null where nothing in it is a transfer that the library can do. */
  readonly scenario: Scenario | null;
  readonly lines: readonly ImportedLine[];
}

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

function draftId(base: Scenario, { from, id }: ForeignProcedure): string {
  const source = from === 'caldera' ? 'caldera' : 'atomic';
  const short =
    id
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .split('-')
      .find((part) => part !== '') ?? 'unnamed';
  return `${base.id}-${source}-${short}`;
}

/**
 * A draft scenario of a foreign procedure. Nothing of the procedure's own text becomes a command: a line that is recognised stands for
 * the scenario of the library that transfers in the same way, to the lab's sink; so a draft cannot reach outside it.
 * @param library where the scenarios come from that lines stand for
 */
export function draftOf(procedure: ForeignProcedure, library: readonly Scenario[]): Draft {
  const lines: ImportedLine[] = [];
  let base: Scenario | undefined;
  for (const text of linesOf(procedure.command)) {
    const meaning = meaningOf(text, procedure);
    const to =
      'destination' in meaning && meaning.destination !== null
        ? `${meaning.destination} → {sink}`
        : 'to {sink}';
    if (meaning.kind === 'transfer') {
      const known = library.find(({ id }) => id === meaning.variant);
      if (known === undefined) {
        lines.push({ text, taken: false, note: `the library has no scenario ${meaning.variant}` });
      } else if (base === undefined || base.id === known.id) {
        lines.push({
          text,
          taken: true,
          note: `as ${known.id}, ${to}; the file becomes the tracer, options and account are the scenario's own`,
        });
        base = known;
      } else {
        lines.push({
          text,
          taken: false,
          note: `a second way (${known.id}): a scenario has one; ${base.id} was first`,
        });
      }
    } else if (meaning.kind === 'credentials') {
      lines.push({ text, taken: true, note: `the lab's own account for the share, ${to}` });
    } else {
      lines.push({ text, taken: false, note: meaning.why });
    }
  }
  for (const text of linesOf(procedure.cleanup))
    lines.push({
      text,
      taken: false,
      note: "clean-up is the scenario's own: it undoes what its own steps leave",
    });
  for (const text of procedure.extras)
    lines.push({ text, taken: false, note: "prerequisites are the scenario's own" });
  const { from, id, name, technique } = procedure;
  return {
    procedure: { from, id, name, technique },
    scenario: base === undefined ? null : drafted(base, procedure),
    lines,
  };
}

function drafted(base: Scenario, procedure: ForeignProcedure): Scenario {
  const project = procedure.from === 'caldera' ? 'Caldera ability' : 'Atomic Red Team test';
  return {
    ...base,
    id: draftId(base, procedure),
    description: `Draft after ${project} ${procedure.id} (${procedure.name}): ${base.description}`,
    variant: `${base.variant}-imported`,
    tags: [...base.tags.filter((tag) => tag !== 'smoke'), 'imported', procedure.from],
  };
}

/** Milliseconds and bytes as a scenario file says them: numbers with their unit. */
function forFile(value: unknown, key = ''): unknown {
  if (key === 'timeout' && typeof value === 'number') return `${String(Math.round(value / 1000))} s`;
  if (Array.isArray(value)) return value.map((item) => forFile(item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, forFile(item, name)]));
  return value;
}

/** A draft as a scenario file. @throws InputError where it would not load again, which would be a fault of this tool */
export function draftFile(scenario: Scenario): string {
  const content = forFile(scenario);
  const again = scenarioSchema.safeParse(content);
  if (!again.success)
    throw new InputError({
      code: 'draft-not-valid',
      message: `the draft ${scenario.id} is no scenario: ${again.error.message}`,
    });
  return `# yaml-language-server: $schema=./schema.json\n# A draft: read it before it runs.\n${stringify(content, { lineWidth: 0 })}`;
}
