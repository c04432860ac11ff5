import { Option, type Command } from 'commander';
import { initiators, protocols } from '../config/index.js';
import type { RunSelection } from '../pipeline/index.js';
import { profileNames } from '../scenario/index.js';
import { list } from './context.js';

/** What of a command's options narrows the library: the same for `run`, `plan` and `scenarios list`. */
export interface SelectionOptions {
  readonly suite?: string;
  readonly scenario: string[];
  readonly initiator: (typeof initiators)[number][];
  readonly protocol: (typeof protocols)[number][];
  readonly variant: string[];
  readonly profile: string[];
  readonly tag: string[];
  /** Of commands that run. */
  readonly host?: string[];
}

/** A repeatable option of which every value is one of a few. */
function oneOf(flags: string, text: string, choices: readonly string[]): Option {
  return new Option(flags, `${text}: ${choices.join(', ')}`)
    .default([], '')
    .argParser((value: string, previous: string[]) => {
      // Commander's own check, which knows single values only.
      for (const part of list(value, [])) new Option(flags).choices(choices).parseArg?.(part, undefined);
      return list(value, previous);
    });
}

/** @param use `run`: for commands that run, on hosts; `list`: for those that only look at the library. */
export function selectionOptions(command: Command, use: 'run' | 'list' = 'run'): Command {
  const suite =
    use === 'run'
      ? 'a suite of lab.yaml; smoke, full and quiet are there without (default: smoke)'
      : 'a suite of --lab; smoke, full and quiet are there without';
  const chosen = command
    .option('--suite <name>', suite)
    .option('--scenario <glob>', 'scenario ids, with * and ? (this and the next are repeatable)', list, [])
    .addOption(oneOf('--initiator <name>', 'who starts the transfer', [...initiators, 'other']))
    .addOption(oneOf('--protocol <name>', 'over what', protocols))
    .option('--variant <glob>', 'variants, with * and ?', list, [])
    .addOption(
      oneOf('--profile <name>', 'volume profiles, or default, or all', [...profileNames, 'default', 'all']),
    )
    .option('--tag <name>', 'scenarios that have the tag', list, []);
  return use === 'run' ? chosen.option('--host <id>', 'hosts to use', list, []) : chosen;
}

const some = <T>(values: readonly T[]): readonly T[] | undefined =>
  values.length === 0 ? undefined : values;

/** Options that were given. Where none names what to run, `fallback` is the suite. */
export function selectionOf(options: SelectionOptions, fallback?: string): RunSelection {
  const [first] = options.profile;
  const own: RunSelection = {
    scenarios: some(options.scenario),
    initiators: some(options.initiator),
    protocols: some(options.protocol),
    variants: some(options.variant),
    tags: some(options.tag),
    profiles: first === 'all' || first === 'default' ? first : some(options.profile),
  };
  const isBare = Object.values(own).every((part) => part === undefined);
  return { ...own, suite: options.suite ?? (isBare ? fallback : undefined), hosts: some(options.host ?? []) };
}
