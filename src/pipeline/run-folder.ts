import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { InputError, messageOf, systemCode } from '../core/index.js';
import { planSchema, type Plan } from '../runner/index.js';
import { receiptSchema, refusalSchema, type Receipt, type Refusal } from '../sinks/index.js';
import { collectionSchema, type Collection } from '../telemetry/index.js';

/** The files of a run's folder (README, "A run's folder"). */
export interface RunFolder {
  readonly path: string;
  readonly plan: string;
  readonly journal: string;
  readonly receipts: string;
  readonly refusals: string;
  readonly telemetry: string;
  readonly result: string;
}

export function runFolder(path: string): RunFolder {
  return {
    path,
    plan: join(path, 'plan.json'),
    journal: join(path, 'journal.ndjson'),
    receipts: join(path, 'receipts.ndjson'),
    refusals: join(path, 'refusals.ndjson'),
    telemetry: join(path, 'telemetry'),
    result: join(path, 'run.json'),
  };
}

/** Where reports go: the option, else DYETRACE_REPORTS, else `reports/` here. */
export function reportsFolder(option: string | undefined): string {
  return resolve(option ?? process.env['DYETRACE_REPORTS'] ?? 'reports');
}

/** Makes the folder of a new run. @throws InputError where it cannot be made, or is there already */
export async function createRunFolder(reports: string, runId: string): Promise<RunFolder> {
  try {
    await mkdir(reports, { recursive: true });
    await mkdir(join(reports, runId));
  } catch (error) {
    throw new InputError({
      code: 'cannot-write-reports',
      message: `cannot make ${join(reports, runId)}: ${messageOf(error)}`,
      remedy: 'name a folder that can be written to with --reports',
      cause: error,
    });
  }
  return runFolder(join(reports, runId));
}

/** A finished or broken run, by its folder or its id. @throws InputError where there is none */
export async function findRun(run: string, reports: string): Promise<RunFolder> {
  for (const path of [resolve(run), join(reports, run)]) {
    const found = await stat(join(path, 'plan.json')).catch(() => undefined);
    const journalled = await stat(join(path, 'journal.ndjson')).catch(() => undefined);
    if (found !== undefined || journalled !== undefined) return runFolder(path);
  }
  const known = (await readdir(reports).catch(() => [])).filter((name) => /^\d{8}-/.test(name)).sort();
  throw new InputError({
    code: 'unknown-run',
    message: `no run "${run}" here or in ${reports}`,
    remedy: known.length === 0 ? 'dyetrace run makes one' : `the latest is ${known.at(-1) ?? ''}`,
  });
}

async function readJson<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError({
      code: 'cannot-read-file',
      message: `${file}: ${systemCode(error) === 'ENOENT' ? 'no such file' : messageOf(error)}`,
      where: { file },
      cause: error,
    });
  }
  try {
    const result = schema.safeParse(JSON.parse(text));
    if (result.success) return result.data;
    throw new Error(z.prettifyError(result.error));
  } catch (error) {
    throw new InputError({
      code: 'invalid-document',
      message: `${file}: ${messageOf(error)}`,
      where: { file },
      cause: error,
    });
  }
}

export function readPlan(folder: RunFolder): Promise<Plan> {
  return readJson(folder.plan, planSchema);
}

/** @returns null where the telemetry folder has no collection.json: then it is taken as fully read */
export async function readCollection(telemetry: string): Promise<Collection | null> {
  const file = join(telemetry, 'collection.json');
  if ((await stat(file).catch(() => undefined)) === undefined) return null;
  return readJson(file, collectionSchema);
}

/** Lines of an NDJSON file of ours; an absent file has none, and a last line that a crash cut short is left out. */
async function readLines<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  what: string,
): Promise<z.output<Schema>[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    try {
      return [schema.parse(JSON.parse(line))];
    } catch (error) {
      if (index === lines.length - 1) return [];
      throw new InputError({
        code: 'bad-line',
        message: `${file}:${index + 1}: not a ${what}`,
        where: { file, line: index + 1 },
        cause: error,
      });
    }
  });
}

/** The receipts of a run; of several lines with one id the last holds, since a session's end completes its counts. */
export async function readReceipts(folder: RunFolder): Promise<Receipt[]> {
  const lines = await readLines(folder.receipts, receiptSchema, 'receipt');
  return [...new Map(lines.map((receipt) => [receipt.id, receipt])).values()];
}

/** What the sinks of a run turned away. */
export function readRefusals(folder: RunFolder): Promise<Refusal[]> {
  return readLines(folder.refusals, refusalSchema, 'refusal');
}
