import type { ResolvedLab } from '../../config/index.js';
import type { CommandResult, CommandStep } from '../../executors/index.js';
import type { Scenario } from '../../scenario/index.js';

/** One line of the doctor's report. */
export interface Check {
  readonly what: string;
  readonly state: 'ok' | 'missing' | 'could not look';
  readonly text: string;
  /** What mends it; null where nothing has to be mended. */
  readonly remedy: string | null;
}

/** What a reader makes of a host's answer. */
export type Reading = Pick<Check, 'state' | 'text'>;

/** What a command answered; it ended by itself. */
export type Answer = Pick<CommandResult, 'stdout' | 'stderr'> & { readonly exitCode: number };

/** What the doctor knows of a host before it asks. */
export interface HostNeeds {
  readonly lab: ResolvedLab;
  readonly host: ResolvedLab['hosts'][number];
  /** The scenarios that this host may run. */
  readonly scenarios: readonly Scenario[];
}

/** One row of the table: a question to the host, how its answer is read, and what mends it. Nothing here changes the host. */
export interface Probe {
  readonly id: string;
  /** Prerequisites of scenarios, by id, that this row answers: their own checks are not run then. */
  readonly covers: readonly string[];
  /** What is looked for, from the scenarios alone: a program, a protocol; none: the host is not asked. */
  subjects(needs: HostNeeds): readonly string[];
  /** Rows with the same question share its answer. */
  readonly question: CommandStep;
  read(answer: Answer, subject: string, needs: HostNeeds): Reading;
  /** @param subject one of `subjects` */
  remedy(subject: string): string;
}

export const ok = (text: string): Reading => ({ state: 'ok', text });
export const missing = (text: string): Reading => ({ state: 'missing', text });
export const unseen = (text: string): Reading => ({ state: 'could not look', text });
