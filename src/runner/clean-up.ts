import { rm } from 'node:fs/promises';
import type { Executor } from '../executors/index.js';
import { messageOf } from '../core/index.js';
import type { Journal } from './journal.js';
import type { Effect, JournalLine } from './journal-schema.js';

/** How far a clean-up reaches: what it needs beside the journal. */
export interface CleanUpTools {
  /** The executor of a host. It may throw: then what is on that host is left, and said so. */
  executor(host: string): Promise<Executor>;
  /** Ends the server process that a sink left behind. @returns whether there was one */
  endLeftServer(directory: string): Promise<boolean>;
}

export interface CleanUpResult {
  readonly done: number;
  readonly left: readonly { readonly what: string; readonly where: string; readonly why: string }[];
}

/** An effect that is not yet undone. */
export interface OpenEffect {
  readonly id: number;
  readonly effect: Effect;
}

/**
 * The effects of a journal that are still in the world, the latest first: intents without "undone". An intent without "done" may
 * or may not have happened, so it is undone as well. One that "failed" never came to be, except a command: that may run on.
 */
export function openEffects(lines: readonly JournalLine[]): OpenEffect[] {
  const open = new Map<number, Effect>();
  for (const line of lines) {
    if (line.state === 'intent') open.set(line.id, line.effect);
    else if (line.state === 'undone') open.delete(line.id);
    else if (line.state === 'failed' && open.get(line.id)?.kind !== 'command') open.delete(line.id);
  }
  return [...open].map(([id, effect]) => ({ id, effect })).reverse();
}

function describeEffect(effect: Effect): { what: string; where: string } {
  switch (effect.kind) {
    case 'make-directory':
    case 'stage':
      return { what: effect.path, where: `host ${effect.host}` };
    case 'command':
      return { what: `processes of ${effect.marker}`, where: `host ${effect.host}` };
    case 'undo-command':
      return { what: effect.commandLine, where: `host ${effect.host}` };
    case 'sink':
      return { what: effect.directory, where: 'control host' };
    case 'local-directory':
      return { what: effect.path, where: 'control host' };
  }
}

async function undo(effect: Effect, tools: CleanUpTools): Promise<void> {
  switch (effect.kind) {
    case 'make-directory':
      return (await tools.executor(effect.host)).removeDirectory(effect.path);
    case 'stage':
      return (await tools.executor(effect.host)).remove(effect.path);
    case 'command':
      return (await tools.executor(effect.host)).endProcesses(effect.marker);
    case 'undo-command':
      // Undoing twice is an error of the command's own ("not connected"), so its exit code tells nothing.
      await (await tools.executor(effect.host)).run(effect.commandLine, { timeoutMs: 30_000 });
      return;
    case 'sink':
      await tools.endLeftServer(effect.directory);
      return rm(effect.directory, { recursive: true, force: true });
    case 'local-directory':
      return rm(effect.path, { recursive: true, force: true });
  }
}

/** Undoes effects in the order given (the latest first). What cannot be undone is left, with the reason, and the rest goes on. */
export async function cleanUp(
  effects: readonly OpenEffect[],
  journal: Journal,
  tools: CleanUpTools,
): Promise<CleanUpResult> {
  const left: CleanUpResult['left'][number][] = [];
  let done = 0;
  for (const { id, effect } of effects) {
    try {
      await undo(effect, tools);
      await journal.undone(id);
      done++;
    } catch (error) {
      const why = messageOf(error);
      left.push({ ...describeEffect(effect), why });
      await journal.left(id, why);
    }
  }
  return { done, left };
}
