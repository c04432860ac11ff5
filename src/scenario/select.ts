import type { Initiator, Protocol, Suite } from '../config/index.js';
import { InputError, nearest } from '../core/index.js';
import { profileNames, type ProfileName, type Scenario } from './schema.js';

/** What narrows a run. Each absent part leaves everything; several parts must all hold. */
export interface Selection {
  /** Globs on ids. */
  readonly scenarios?: readonly string[] | undefined;
  readonly initiators?: readonly (Initiator | 'other')[] | undefined;
  readonly protocols?: readonly Protocol[] | undefined;
  /** Globs on variants. */
  readonly variants?: readonly string[] | undefined;
  /** Scenarios that have one of them. */
  readonly tags?: readonly string[] | undefined;
  /** Absent: `default`. */
  readonly profiles?: 'default' | 'all' | readonly string[] | undefined;
  readonly hosts?: readonly string[] | undefined;
}

/** A scenario and the volume profiles that it is to run with. */
export interface Choice {
  readonly scenario: Scenario;
  readonly profiles: readonly ProfileName[];
}

export interface Chosen {
  readonly choices: readonly Choice[];
  /** Scenarios that none of the named profiles fits. */
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
}

/** A glob with `*` and `?` on an id. */
export function matchesGlob(id: string, glob: string): boolean {
  const pattern = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(id);
}

function requireKnown(kind: string, asked: readonly string[], known: readonly string[]): void {
  for (const name of asked) {
    if (known.some((each) => matchesGlob(each, name))) continue;
    const close = nearest(name, known);
    throw new InputError({
      code: `unknown-${kind}`,
      message: `no ${kind} matches "${name}"`,
      remedy:
        close !== undefined
          ? `did you mean "${close}"?`
          : kind === 'scenario'
            ? 'dyetrace scenarios list shows them all'
            : `known: ${known.join(', ')}`,
    });
  }
}

/**
 * The scenarios whose ids match one of the globs; all, where there is none.
 * @throws InputError on a glob that matches nothing, with the nearest id
 */
export function selectScenarios(scenarios: readonly Scenario[], globs: readonly string[]): Scenario[] {
  requireKnown(
    'scenario',
    globs,
    scenarios.map((scenario) => scenario.id),
  );
  return scenarios.filter(
    (scenario) => globs.length === 0 || globs.some((glob) => matchesGlob(scenario.id, glob)),
  );
}

function profilesOf(scenario: Scenario, wanted: NonNullable<Selection['profiles']>): readonly ProfileName[] {
  if (wanted === 'all') return scenario.profiles;
  if (wanted === 'default') return scenario.profiles.slice(0, 1);
  return scenario.profiles.filter((profile) => wanted.includes(profile));
}

function fits(scenario: Scenario, selection: Selection): boolean {
  const { scenarios, initiators, protocols, variants, tags } = selection;
  return (
    (scenarios?.some((glob) => matchesGlob(scenario.id, glob)) ?? true) &&
    (initiators?.includes(scenario.initiator) ?? true) &&
    (protocols?.includes(scenario.protocol) ?? true) &&
    (variants?.some((glob) => matchesGlob(scenario.variant, glob)) ?? true) &&
    (tags?.some((tag) => scenario.tags.includes(tag)) ?? true)
  );
}

function checkNames(scenarios: readonly Scenario[], selection: Selection): void {
  const { profiles = 'default' } = selection;
  const check = (kind: string, asked: readonly string[] | undefined, of: (one: Scenario) => string[]) => {
    requireKnown(kind, asked ?? [], [...new Set(scenarios.flatMap(of))]);
  };
  check('scenario', selection.scenarios, ({ id }) => [id]);
  check('variant', selection.variants, ({ variant }) => [variant]);
  check('tag', selection.tags, ({ tags }) => tags);
  requireKnown('profile', typeof profiles === 'string' ? [] : profiles, profileNames);
}

/**
 * Narrows the library.
 * @param selections all of them must hold: a suite's, and what the command was given beside; the last that names profiles decides
 * @throws InputError on a name or glob that nothing has, with the nearest one, and where nothing is left
 */
export function chooseScenarios(scenarios: readonly Scenario[], selections: readonly Selection[]): Chosen {
  for (const selection of selections) checkNames(scenarios, selection);
  const wanted = selections.findLast(({ profiles }) => profiles !== undefined)?.profiles ?? 'default';
  const fitting = scenarios.filter((scenario) => selections.every((selection) => fits(scenario, selection)));
  const all = fitting.map((scenario) => ({ scenario, profiles: profilesOf(scenario, wanted) }));
  const choices = all.filter((choice) => choice.profiles.length > 0);
  const leftOut = all
    .filter((choice) => choice.profiles.length === 0)
    .map(({ scenario }) => ({
      what: `scenario ${scenario.id}`,
      why: `it takes ${scenario.profiles.join(', ')} only`,
    }));
  if (choices.length === 0)
    throw new InputError({
      code: 'nothing-selected',
      message: [
        'no scenario has all that was asked for',
        ...leftOut.map(({ what, why }) => `  ${what}: ${why}`),
      ].join('\n'),
      remedy: 'ask for less at once; dyetrace scenarios list shows what each has',
    });
  return { choices, leftOut };
}

/** A lab's suite by its name. @throws InputError where the lab has none of that name */
export function suiteNamed(suites: Readonly<Record<string, Suite>>, name: string): Suite {
  const suite = Object.hasOwn(suites, name) ? suites[name] : undefined;
  if (suite !== undefined) return suite;
  const known = Object.keys(suites);
  const close = nearest(name, known);
  throw new InputError({
    code: 'unknown-suite',
    message: `no suite "${name}"`,
    remedy: close === undefined ? `known: ${known.join(', ')}` : `did you mean "${close}"?`,
  });
}

/** Hosts that every selection leaves; undefined: all. */
export function selectedHosts(selections: readonly Selection[]): readonly string[] | undefined {
  return selections.reduce<readonly string[] | undefined>(
    (left, { hosts }) =>
      hosts === undefined ? left : left === undefined ? hosts : left.filter((id) => hosts.includes(id)),
    undefined,
  );
}
