import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, it } from 'vitest';

/** Third-party telemetry; never part of the repository. */
export const fixtures = resolve(process.env['DYETRACE_FIXTURES'] ?? '../shared/fixtures');

/** Full path of a program on PATH (or in the usual folders of system programs), or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

export interface Needs {
  readonly programs?: readonly string[];
  /** Ports below 1024, accounts, captures. */
  readonly root?: boolean;
  readonly fixtures?: boolean;
  readonly platforms?: readonly NodeJS.Platform[];
}

function lacking(needs: Needs): string[] {
  return [
    ...(needs.programs ?? [])
      .filter((name) => findProgram(name) === undefined)
      .map((name) => `${name} is not installed`),
    ...(needs.root === true && process.getuid?.() !== 0 ? ['it must run as root'] : []),
    ...(needs.fixtures === true && !existsSync(fixtures)
      ? [`no fixtures at DYETRACE_FIXTURES (${fixtures})`]
      : []),
    ...(needs.platforms !== undefined && !needs.platforms.includes(process.platform)
      ? [`not on ${process.platform}`]
      : []),
  ];
}

/** A suite that is skipped aloud where something is lacking, and fails there in CI: nothing is skipped in silence. */
export function describeWith(needs: Needs, name: string, suite: () => void): void {
  const reasons = lacking(needs);
  if (reasons.length === 0) {
    describe(name, suite);
  } else if (process.env['CI'] !== undefined) {
    describe(name, () => {
      it('has what it needs', () => {
        throw new Error(`cannot run in CI: ${reasons.join('; ')}`);
      });
    });
  } else {
    console.warn(`left out: ${name}: ${reasons.join('; ')}`);
    describe.skip(name, suite);
  }
}
