import { executionIdIn } from '../tracer/index.js';
import type { ExpectedTransfer } from './types.js';

/** Whether a transfer may go on: the expectation that allows it, or why none does. */
export type Admission = { readonly expected: ExpectedTransfer } | { readonly reason: string };

/** What the plan lets through, and how often that has been used up. */
export interface Expectations {
  /** Looks up and counts one attempt; an attempt that breaks later stays counted. */
  admit(direction: ExpectedTransfer['direction'], fileName: string): Admission;
  /** Looks up without counting, whether used up or not. */
  find(direction: ExpectedTransfer['direction'], fileName: string): ExpectedTransfer | undefined;
  /** Uploads whose name the server chooses and that may still be made. */
  serverNamed(): readonly ExpectedTransfer[];
  /** Counts an attempt of one of `serverNamed`. @returns false where it is used up. */
  count(expected: ExpectedTransfer): boolean;
}

/** The last part of a path in either system's spelling. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? '';
}

/** @param expected what the plan names; anything else is denied */
export function expectations(expected: readonly ExpectedTransfer[]): Expectations {
  const used = new Map<ExpectedTransfer, number>();
  const left = (one: ExpectedTransfer) => one.times - (used.get(one) ?? 0);
  const count = (one: ExpectedTransfer) => {
    if (left(one) <= 0) return false;
    used.set(one, (used.get(one) ?? 0) + 1);
    return true;
  };
  const candidates = (direction: ExpectedTransfer['direction'], fileName: string) => {
    // A name ends up in files and on terminals.
    if (/\p{Cc}/u.test(fileName)) return [];
    const name = baseName(fileName).toLowerCase();
    const id = executionIdIn(name);
    const same = expected.filter((one) => one.direction === direction);
    const named = same.filter((one) => one.fileName.toLowerCase() === name);
    // The pieces of one execution share its id: each has a name of its own.
    return named.length > 0 ? named : same.filter((one) => one.executionId === id);
  };
  return {
    admit(direction, fileName) {
      const found = candidates(direction, fileName);
      if (found.length === 0) return { reason: `the plan names no such ${direction}` };
      const open = found.find(count);
      return open === undefined
        ? {
            reason: `this ${direction} was planned ${found[0]?.times ?? 0} time(s) and has been tried as often`,
          }
        : { expected: open };
    },
    find: (direction, fileName) => candidates(direction, fileName)[0],
    serverNamed: () =>
      expected.filter((one) => one.serverNames === true && one.direction === 'upload' && left(one) > 0),
    count,
  };
}
