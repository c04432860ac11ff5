import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { runHunt, type HuntResult } from '../analytic/index.js';
import {
  defaultParameters,
  parametersSchema,
  type ApprovedTransfer,
  type IncidentRule,
  type Parameters,
} from '../config/index.js';
import { InputError, nearest } from '../core/index.js';
import { readInputs, Store, type InputReport } from '../telemetry/index.js';

export interface HuntSettings {
  readonly paths: readonly string[];
  readonly parameters: Parameters;
  readonly approvedTransfers: readonly ApprovedTransfer[];
  readonly incidentRules: readonly IncidentRule[];
  /** File that takes rejected records, one JSON line each; null: they are counted only. */
  readonly quarantine: string | null;
  /** Of DuckDB, for example `1GB`. */
  readonly memoryLimit?: string;
  readonly onProgress?: (report: InputReport) => void;
}

/** The analytic over files on disk. @throws InputError where a path does not exist */
export async function hunt(settings: HuntSettings): Promise<HuntResult> {
  const store = await Store.open({
    candidatesOnly: true,
    protocolPorts: Object.values(settings.parameters.protocolPorts).flat(),
    ...(settings.memoryLimit === undefined ? {} : { memoryLimit: settings.memoryLimit }),
  });
  const quarantine =
    settings.quarantine === null ? null : createWriteStream(settings.quarantine, { flags: 'w' });
  try {
    if (quarantine !== null) await once(quarantine, 'open');
    const inputs = await readInputs(store, settings.paths, {
      ...(quarantine === null
        ? {}
        : { quarantine: (record) => void quarantine.write(`${JSON.stringify(record)}\n`) }),
      ...(settings.onProgress === undefined ? {} : { onProgress: settings.onProgress }),
    });
    return await runHunt(store, inputs, {
      parameters: settings.parameters,
      hosts: [],
      approvedTransfers: settings.approvedTransfers,
      incidentRules: settings.incidentRules,
      sinkZones: [],
    });
  } finally {
    if (quarantine !== null) {
      quarantine.end();
      await once(quarantine, 'close');
    }
    store.close();
  }
}

/** From the least to the most. */
export const severities = ['informational', 'low', 'medium', 'high'] as const;

/**
 * Parameters with single ones set as `name=value`; lists are separated by `|`.
 * @param base null: the defaults
 * @throws InputError on an unknown name or a bad value
 */
export function huntParameters(base: Parameters | null, settings: readonly string[]): Parameters {
  const known = parametersSchema.keyof().options;
  const given: Record<string, unknown> = { ...(base ?? defaultParameters) };
  for (const setting of settings) {
    const equals = setting.indexOf('=');
    const [name, value] = [setting.slice(0, equals), setting.slice(equals + 1)];
    const current = given[name];
    if (!(known as readonly string[]).includes(name)) {
      const close = nearest(name, known);
      throw new InputError({
        code: 'unknown-parameter',
        message: `unknown parameter "${name}"; known: ${known.join(', ')}`,
        ...(close === undefined ? {} : { remedy: `did you mean ${close}?` }),
      });
    }
    if (Array.isArray(current)) given[name] = value.split('|');
    else given[name] = value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
  }
  const result = parametersSchema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new InputError({ code: 'bad-parameter', message: `--set: ${faults.join('; ')}` });
}
