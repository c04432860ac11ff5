import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { legs as legNames, type Leg } from '../../config/index.js';
import { InputError, nearest } from '../../core/index.js';
import type { RunResult } from '../../coverage/index.js';
import { rawRecords, readInputs, Store, tableNames, type Collection } from '../../telemetry/index.js';
import { rowsOf, type ExplainedRecord } from '../hunt/explain.js';
import { verifyAgain } from '../judge.js';
import { readResult } from '../report.js';
import { readCollection, type RunFolder } from '../run-folder.js';

type Execution = RunResult['executions'][number];

/** A record of an execution, and where it was found: in the SIEM, or on the host's own channel. */
export interface StoryRecord extends ExplainedRecord {
  readonly from: 'siem' | 'host';
}

/** One place that was asked, with the query as it was sent. */
export interface Search {
  readonly source: string;
  readonly query: string;
  readonly records: number;
  readonly error: string | null;
}

/** `dyetrace.explain/1`: one execution as a story. */
export interface Story {
  readonly schema: 'dyetrace.explain/1';
  readonly run: string;
  readonly simulated: boolean;
  readonly execution: Execution;
  readonly legs: readonly {
    readonly leg: Leg;
    readonly judged: Execution['legs'][Leg];
    readonly records: readonly StoryRecord[];
    /** What was asked for this leg; the answer to "where did you look?" where nothing was found. */
    readonly searched: readonly Search[];
  }[];
  /** Records that a link's judgement names and no leg of the SIEM has: the host's own copies. */
  readonly otherRecords: readonly StoryRecord[];
}

const endpointLegs: readonly Leg[] = ['process_creation', 'network_connection'];

function searchesOf(collection: Collection | null, leg: Leg, host: string): Search[] {
  if (collection === null) return [];
  const siem = collection.siem.filter((source) => source.legs.includes(leg));
  const own = endpointLegs.includes(leg) ? collection.host.filter((answer) => answer.host === host) : [];
  return [
    ...siem.map((each) => ({ ...each, source: `siem ${each.source}` })),
    ...own.map((each) => ({ ...each, source: `${each.host} ${each.channel}` })),
  ].map(({ source, query, records, error }) => ({
    source,
    query,
    records,
    error: error?.message ?? null,
  }));
}

/** The records of some ids in one half of the telemetry folder. A half that is not there has none. */
async function recordsIn(
  telemetry: string,
  from: StoryRecord['from'],
  ids: readonly string[],
): Promise<StoryRecord[]> {
  const folder = join(telemetry, from);
  if (ids.length === 0 || !existsSync(folder)) return [];
  const store = await Store.open();
  try {
    const inputs = await readInputs(store, [folder]);
    const found: Omit<ExplainedRecord, 'raw'>[] = [];
    for (const table of tableNames) found.push(...(await rowsOf(store, table, ids)));
    const raw = await rawRecords(
      found.map(({ file, offset }) => ({ file, offset })),
      new Map(inputs.map(({ path, reader }) => [path, reader])),
    );
    return found.map((record) => ({
      ...record,
      file: relative(telemetry, record.file),
      from,
      raw: raw.get(`${record.file}:${String(record.offset)}`) ?? null,
    }));
  } finally {
    store.close();
  }
}

function executionOf(result: RunResult, id: string): Execution {
  const found = result.executions.find((each) => each.id === id);
  if (found !== undefined) return found;
  const byScenario = result.executions.filter((each) => each.scenario === id);
  const [only] = byScenario;
  if (only !== undefined && byScenario.length === 1) return only;
  const ids = result.executions.map((each) => each.id);
  const close = nearest(id, [...ids, ...result.executions.map((each) => each.scenario)]);
  throw new InputError({
    code: 'unknown-execution',
    message:
      byScenario.length > 1
        ? `${id} ran ${String(byScenario.length)} times`
        : `run ${result.run.id} has no execution "${id}"`,
    remedy:
      byScenario.length > 1
        ? `name one of ${byScenario.map((each) => each.id).join(', ')}`
        : close === undefined
          ? `known: ${ids.slice(0, 12).join(', ')}`
          : `did you mean ${close}?`,
  });
}

/**
 * One execution as a story, from the run's folder alone: its truth, what each leg has with the raw records, and what was asked.
 * @param id the execution's id, or a scenario that ran once
 * @param telemetry another folder's telemetry; then the run is judged again on it
 * @throws InputError on an id that is no execution's
 */
export async function explainExecution(
  folder: RunFolder,
  id: string,
  telemetry: string | undefined,
): Promise<Story> {
  const result = telemetry === undefined ? await readResult(folder) : await verifyAgain(folder, telemetry);
  const place = telemetry ?? folder.telemetry;
  const execution = executionOf(result, id);
  const collection = await readCollection(place);
  const inLegs = legNames.flatMap((leg) => execution.legs[leg].evidence);
  const inChain = execution.chain.flatMap((entry) => entry.evidence);
  const ids = [...new Set([...inLegs, ...inChain])];
  const siem = await recordsIn(place, 'siem', ids);
  const host = await recordsIn(place, 'host', ids);
  const ofLegs = new Set(inLegs);
  return {
    schema: 'dyetrace.explain/1',
    run: result.run.id,
    simulated: result.run.simulated,
    execution,
    legs: legNames.map((leg) => {
      const own = new Set(execution.legs[leg].evidence);
      return {
        leg,
        judged: execution.legs[leg],
        records: [...siem, ...host].filter((record) => own.has(record.id)),
        searched: searchesOf(collection, leg, execution.host.id),
      };
    }),
    otherRecords: [...siem, ...host].filter((record) => !ofLegs.has(record.id)),
  };
}
