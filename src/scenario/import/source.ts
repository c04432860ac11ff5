import { z } from 'zod';
import { parseYaml } from '../../config/index.js';
import { InputError, nearest } from '../../core/index.js';

/** A procedure of another project, as far as it matters here: commands of one Windows shell. */
export interface ForeignProcedure {
  readonly from: 'atomic-red-team' | 'caldera';
  /** GUID of the atomic test, id of the ability. */
  readonly id: string;
  readonly name: string;
  readonly technique: string | null;
  readonly shell: 'cmd' | 'powershell';
  /** With input arguments replaced by their defaults. */
  readonly command: string;
  readonly cleanup: string;
  /** Dependencies, payloads, elevation: what stands beside the command. */
  readonly extras: readonly string[];
}

const argumentValue = z.union([z.string(), z.number(), z.boolean()]).nullable().optional();

/** Atomic Red Team's schema of atomics, as far as it is read. https://github.com/redcanaryco/atomic-red-team, atomic_red_team/models.py */
const atomicSchema = z.object({
  attack_technique: z.string(),
  atomic_tests: z.array(
    z.object({
      name: z.string(),
      auto_generated_guid: z.string().optional(),
      supported_platforms: z.array(z.string()).default([]),
      input_arguments: z.record(z.string(), z.object({ default: argumentValue })).nullish(),
      dependencies: z.array(z.object({ description: z.string().default('') })).nullish(),
      executor: z.object({
        name: z.string(),
        command: z.string().nullish(),
        cleanup_command: z.string().nullish(),
        elevation_required: z.boolean().nullish(),
      }),
    }),
  ),
});

const calderaCommand = z.object({
  command: z.string(),
  cleanup: z.union([z.string(), z.array(z.string())]).nullish(),
  payloads: z.array(z.string()).nullish(),
});

/** A Caldera ability file, in the form of the stockpile plugin. https://caldera.readthedocs.io, Learning the terminology: abilities */
const calderaSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    technique: z.object({ attack_id: z.string() }).optional(),
    platforms: z.record(z.string(), z.record(z.string(), calderaCommand)).optional(),
    executors: z.array(calderaCommand.extend({ platform: z.string(), name: z.string() })).optional(),
  }),
);

const foreignSchema = z.union([atomicSchema, calderaSchema]);

const shells: Readonly<Record<string, ForeignProcedure['shell']>> = {
  command_prompt: 'cmd',
  powershell: 'powershell',
  cmd: 'cmd',
  psh: 'powershell',
  pwsh: 'powershell',
};

type Atomic = z.output<typeof atomicSchema>;
type Ability = z.output<typeof calderaSchema>[number];

function filledIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/#\{([\w.-]+)\}/g, (whole, name: string) => values.get(name) ?? whole);
}

function fromAtomic({ attack_technique, atomic_tests }: Atomic): ForeignProcedure[] {
  return atomic_tests.flatMap((test) => {
    const shell = shells[test.executor.name];
    if (shell === undefined || !test.supported_platforms.includes('windows')) return [];
    const values = new Map(
      Object.entries(test.input_arguments ?? {}).map(([name, { default: value }]) => [
        name,
        String(value ?? ''),
      ]),
    );
    return [
      {
        from: 'atomic-red-team',
        id: test.auto_generated_guid ?? test.name,
        name: test.name,
        technique: attack_technique,
        shell,
        command: filledIn(test.executor.command ?? '', values),
        cleanup: filledIn(test.executor.cleanup_command ?? '', values),
        extras: [
          ...(test.dependencies ?? []).map(({ description }) => `dependency: ${description.trim()}`),
          ...(test.executor.elevation_required === true ? ['elevation is required'] : []),
        ],
      } satisfies ForeignProcedure,
    ];
  });
}

function fromAbility(ability: Ability): ForeignProcedure[] {
  const windows = Object.entries(ability.platforms?.['windows'] ?? {}).map(
    ([names, command]) => [names.split(',')[0]?.trim() ?? '', command] as const,
  );
  const listed = (ability.executors ?? [])
    .filter(({ platform }) => platform === 'windows')
    .map((executor) => [executor.name, executor] as const);
  return [...windows, ...listed].flatMap(([name, { command, cleanup, payloads }]) => {
    const shell = shells[name];
    if (shell === undefined) return [];
    return [
      {
        from: 'caldera',
        id: ability.id,
        name: ability.name,
        technique: ability.technique?.attack_id ?? null,
        shell,
        command,
        cleanup: [cleanup ?? []].flat().join('\n'),
        extras: (payloads ?? []).map((payload) => `payload: ${payload}`),
      } satisfies ForeignProcedure,
    ];
  });
}

/**
 * The Windows procedures of an Atomic Red Team file or a Caldera ability file.
 * @param file name for messages
 * @param id GUID of an atomic test or id of an ability; absent: all of the file
 * @throws InputError with line and column where the file is neither, and where no procedure has the id
 */
export function foreignProcedures(text: string, file: string, id?: string): ForeignProcedure[] {
  const content = parseYaml(text, foreignSchema, file);
  const all = Array.isArray(content) ? content.flatMap(fromAbility) : fromAtomic(content);
  if (id === undefined) return all;
  const chosen = all.filter((procedure) => procedure.id.toLowerCase() === id.toLowerCase());
  if (chosen.length > 0) return chosen;
  const close = nearest(id, [...new Set(all.map((procedure) => procedure.id))]);
  throw new InputError({
    code: 'unknown-procedure',
    message: `${file} has no procedure ${id} for cmd.exe or PowerShell on Windows`,
    where: { file },
    remedy:
      close === undefined
        ? `known: ${all.map((one) => one.id).join(', ') || 'none'}`
        : `did you mean ${close}?`,
  });
}
