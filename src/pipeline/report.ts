import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf, writeWhole } from '../core/index.js';
import { runResultSchema, type RunResult } from '../coverage/index.js';
import { reporters } from '../reporters/index.js';
import type { RunFolder } from './run-folder.js';

/** Where printed reports go, and how wide and colourful they may be. */
export interface ReportOutput {
  out(text: string): void;
  err(text: string): void;
  readonly colour: boolean;
  readonly width: number;
}

/** Reads run.json. @throws InputError where it is absent (the run did not finish) or not of this version */
export async function readResult(folder: RunFolder): Promise<RunResult> {
  try {
    return runResultSchema.parse(JSON.parse(await readFile(folder.result, 'utf8')));
  } catch (error) {
    throw new InputError({
      code: 'no-result',
      message: `${folder.result} cannot be read: ${messageOf(error)}`,
      where: { file: folder.result },
      remedy: 'dyetrace verify judges a run that did not finish',
      cause: error,
    });
  }
}

/**
 * Renders each report by itself: one that throws loses no other's output, and the first failure is thrown at the end.
 * @throws InputError on an unknown name, before anything is written
 */
export async function renderReports(
  result: RunResult,
  folder: RunFolder,
  names: readonly string[],
  output: ReportOutput,
): Promise<void> {
  const chosen = [...new Set(names)].map((name) => [name, reporters.get(name)] as const);
  const failures: unknown[] = [];
  for (const [name, reporter] of chosen) {
    try {
      const context = { runFolder: folder.path, colour: output.colour, width: output.width };
      const parts = reporter.parts?.(result) ?? [{ fileName: reporter.fileName, result }];
      for (const part of parts) {
        const text = await reporter.render(part.result, context);
        if (part.fileName === null) {
          output.out(text);
          continue;
        }
        const file = join(folder.path, part.fileName);
        await writeWhole(file, text);
        output.err(`${name}: ${file}`);
      }
    } catch (error) {
      output.err(`report ${name} failed: ${messageOf(error)}`);
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
