import { readFile } from 'node:fs/promises';
import { DurableLog, DyetraceError, InputError, messageOf, rfc3339, type Clock } from '../core/index.js';
import { journalLineSchema, type CommandRecord, type Effect, type JournalLine } from './journal-schema.js';

/** An error as the journal keeps it. */
export interface JournalError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}

/** The journal's form of anything that was thrown. */
export function journalError(error: unknown): JournalError {
  if (error instanceof DyetraceError)
    return { code: error.code, message: error.message, remedy: error.remedy ?? null };
  return { code: 'unexpected', message: messageOf(error), remedy: null };
}

/** The journal of a run: every intent is on disk before its effect. */
export interface Journal {
  readonly path: string;
  /** Resolves when the intent is on disk. @returns its number */
  intent(effect: Effect, execution: string | null): Promise<number>;
  done(id: number, command?: CommandRecord): Promise<void>;
  failed(id: number, error: unknown): Promise<void>;
  undone(id: number): Promise<void>;
  left(id: number, why: string): Promise<void>;
  executionStarted(execution: string): Promise<void>;
  executionEnded(execution: string, error: unknown): Promise<void>;
  close(): Promise<void>;
}

/** @param firstId number of the first intent: a clean-up goes on where the run stopped */
export function openJournal(path: string, clock: Clock, firstId = 1): Journal {
  const log = new DurableLog(path);
  let next = firstId;
  const at = () => rfc3339(clock.now());
  const append = (line: JournalLine) => log.append(line);
  return {
    path,
    async intent(effect, execution) {
      const id = next++;
      await append({ state: 'intent', id, at: at(), execution, effect });
      return id;
    },
    done: (id, command) => append({ state: 'done', id, at: at(), command: command ?? null }),
    failed: (id, error) => append({ state: 'failed', id, at: at(), error: journalError(error) }),
    undone: (id) => append({ state: 'undone', id, at: at() }),
    left: (id, why) => append({ state: 'left', id, at: at(), why }),
    executionStarted: (execution) => append({ state: 'execution-started', at: at(), execution }),
    executionEnded: (execution, error) =>
      append({
        state: 'execution-ended',
        at: at(),
        execution,
        error: error === undefined ? null : journalError(error),
      }),
    close: () => log.close(),
  };
}

/**
 * Reads a journal. A last line that a crash cut short is left out: its effect had not begun, since the intent was not on disk.
 * @throws InputError on any other line that is none of a journal
 */
export async function readJournal(path: string): Promise<JournalLine[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const last = lines.pop() ?? '';
  const parsed = lines.map((line, index) => {
    try {
      return journalLineSchema.parse(JSON.parse(line));
    } catch (error) {
      throw new InputError({
        code: 'bad-journal',
        message: `${path}:${index + 1}: not a line of a journal: ${messageOf(error)}`,
        where: { file: path, line: index + 1 },
        cause: error,
      });
    }
  });
  if (last !== '') {
    try {
      parsed.push(journalLineSchema.parse(JSON.parse(last)));
    } catch {
      // Cut short by a crash; see above.
    }
  }
  return parsed;
}
