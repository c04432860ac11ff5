import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { runHunt, type HuntResult } from '../../analytic/index.js';
import type { ApprovedTransfer, IncidentRule, Parameters } from '../../config/index.js';
import {
  readInputs,
  saveTelemetry,
  Store,
  type InputReport,
  type ReadProgress,
} from '../../telemetry/index.js';
import { explainHit, type Explanation } from './explain.js';
import { withStandardInput } from './standard-input.js';

export interface HuntSettings {
  /** Files, folders and globs; `-` is standard input. */
  readonly paths: readonly string[];
  readonly parameters: Parameters;
  readonly approvedTransfers: readonly ApprovedTransfer[];
  readonly incidentRules: readonly IncidentRule[];
  /** File that takes rejected records, one JSON line each; null: they are counted only. */
  readonly quarantine: string | null;
  /** Of DuckDB, for example `1GB`. */
  readonly memoryLimit?: string;
  /** Folder that takes the parsed telemetry as Parquet: it can be hunted again without parsing. */
  readonly save?: string;
  /** Ids of hits to explain while their records are at hand, or the first 200 of them. */
  readonly explain?: readonly string[] | 'all';
  readonly onProgress?: (report: InputReport, progress: ReadProgress) => void;
}

const explainedAtMost = 200;

export interface Hunted {
  readonly result: HuntResult;
  readonly explanations: readonly Explanation[];
}

/**
 * The analytic over files on disk.
 * @throws InputError where a path does not exist, or a hit that is to be explained is not among the hits
 */
export async function hunt(settings: HuntSettings): Promise<Hunted> {
  const store = await Store.open({
    candidatesOnly: true,
    protocolPorts: Object.values(settings.parameters.protocolPorts).flat(),
    ...(settings.memoryLimit === undefined ? {} : { memoryLimit: settings.memoryLimit }),
  });
  const quarantine =
    settings.quarantine === null ? null : createWriteStream(settings.quarantine, { flags: 'w' });
  try {
    if (quarantine !== null) await once(quarantine, 'open');
    return await withStandardInput(settings.paths, async (paths) => {
      const inputs = await readInputs(store, paths, {
        ...(quarantine === null
          ? {}
          : { quarantine: (record) => void quarantine.write(`${JSON.stringify(record)}\n`) }),
        ...(settings.onProgress === undefined ? {} : { onProgress: settings.onProgress }),
      });
      if (settings.save !== undefined) await saveTelemetry(store, settings.save);
      const result = await runHunt(store, inputs, {
        parameters: settings.parameters,
        hosts: [],
        approvedTransfers: settings.approvedTransfers,
        incidentRules: settings.incidentRules,
        sinkZones: [],
      });
      const explanations: Explanation[] = [];
      const ids =
        settings.explain === 'all'
          ? result.hits.slice(0, explainedAtMost).map(({ id }) => id)
          : (settings.explain ?? []);
      for (const id of ids) explanations.push(await explainHit(store, result, id));
      return { result, explanations };
    });
  } finally {
    if (quarantine !== null) {
      quarantine.end();
      await once(quarantine, 'close');
    }
    store.close();
  }
}
