import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { createAnalytic, hits } from '../analytic/index.js';
import { InputError, systemClock, type Clock } from '../core/index.js';
import { assembleRun, type RunResult } from '../coverage/index.js';
import { readJournal, type Plan } from '../runner/index.js';
import { readInputs, Store, type InputReport } from '../telemetry/index.js';
import { verifyRun } from '../verify/index.js';
import { analyticContext } from './analytic-context.js';
import { readCollection, readPlan, readReceipts, readRefusals, type RunFolder } from './run-folder.js';

export interface JudgeSettings {
  /** Folder with `siem/`, `host/` and collection.json. */
  readonly telemetry: string;
  readonly clock: Clock;
  readonly interrupted: boolean;
  /** Names of the faults that the simulated lab was given. */
  readonly faults: readonly string[];
}

async function load(folder: string): Promise<{ store: Store; inputs: InputReport[] }> {
  const store = await Store.open();
  try {
    return { store, inputs: existsSync(folder) ? await readInputs(store, [folder]) : [] };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The analytic on a store, as the plan's lab has it. */
async function hitsOf(store: Store, plan: Plan) {
  await createAnalytic(store, analyticContext(plan));
  return hits(store);
}

/**
 * Judges a run from its folder alone: plan, journal, receipts, and a telemetry folder. The live run and every replay go through
 * here, so the same telemetry gives the same outcomes.
 */
export async function judgeFolder(folder: RunFolder, settings: JudgeSettings): Promise<RunResult> {
  const [plan, journal, receipts, refusals, collection] = await Promise.all([
    readPlan(folder),
    readJournal(folder.journal),
    readReceipts(folder),
    readRefusals(folder),
    readCollection(settings.telemetry),
  ]);
  const siem = await load(join(settings.telemetry, 'siem'));
  const host = await load(join(settings.telemetry, 'host')).catch((error: unknown) => {
    siem.store.close();
    throw error;
  });
  try {
    const verified = await verifyRun({
      plan,
      journal,
      receipts,
      refusals,
      siem: siem.store,
      host: host.store,
      collection,
      hits: await hitsOf(siem.store, plan),
    });
    return assembleRun({
      plan,
      journal,
      verified,
      collection,
      inputs: { siem: siem.inputs, host: host.inputs },
      telemetryFolder: settings.telemetry,
      interrupted: settings.interrupted,
      faults: settings.faults,
      endedAt: settings.clock.now(),
    });
  } finally {
    siem.store.close();
    host.store.close();
  }
}

/**
 * Judges a finished run again: on its own telemetry, or on another folder's. Writes nothing.
 * @throws InputError where the telemetry folder does not exist
 */
export async function verifyAgain(folder: RunFolder, telemetry: string | undefined): Promise<RunResult> {
  const place = telemetry ?? folder.telemetry;
  if (!existsSync(place)) {
    throw new InputError({
      code: 'no-telemetry',
      message: `${place}: no such folder`,
      where: { file: place },
      remedy: 'name a folder that holds siem/ and host/, as telemetry/ of a run does',
    });
  }
  const earlier: unknown = existsSync(folder.result)
    ? JSON.parse(await readFile(folder.result, 'utf8'))
    : null;
  const run =
    typeof earlier === 'object' && earlier !== null && 'run' in earlier
      ? (earlier.run as Partial<RunResult['run']>)
      : {};
  return judgeFolder(folder, {
    telemetry: place,
    clock: run.endedAt === undefined ? systemClock : { now: () => Date.parse(run.endedAt ?? '') },
    interrupted: run.interrupted ?? false,
    faults: run.faults ?? [],
  });
}
