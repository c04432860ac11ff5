import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { legs } from '../config/index.js';
import { DyetraceError, messageOf, rfc3339, writeWhole } from '../core/index.js';
import type { Executor } from '../executors/index.js';
import type { Plan } from '../runner/index.js';
import type { Siem, TimeWindow } from '../siem/index.js';
import type { Collection } from '../telemetry/index.js';
import { readHostChannels } from './host-channels.js';

function failure(error: unknown): { code: string; message: string; remedy: string } {
  const known = error instanceof DyetraceError;
  return {
    code: known ? error.code : 'siem-failed',
    message: messageOf(error),
    remedy: (known ? error.remedy : undefined) ?? 'see whether the SIEM is up and the account may read',
  };
}

/** Asks the hosts themselves, one after the other, into `telemetry/host/`. */
export async function collectHosts(
  plan: Plan,
  connect: (host: string) => Promise<Executor>,
  window: TimeWindow,
  telemetry: string,
): Promise<Collection['host']> {
  const hosts = new Map(plan.executions.map(({ host }) => [host.id, host]));
  const answers = await Promise.all(
    [...hosts.values()].map(async (host) => {
      let executor: Executor | undefined;
      try {
        executor = await connect(host.id);
        return await readHostChannels(host, executor, window, join(telemetry, 'host'));
      } catch (error) {
        return [{ host: host.id, channel: 'all', records: 0, error: failure(error), query: '' }];
      } finally {
        await executor?.close().catch(() => undefined);
      }
    }),
  );
  return answers.flat();
}

/** Asks the SIEM once, into `telemetry/siem/`, in place of what an earlier poll got. Whatever fails is noted as an error. */
export async function collectSiem(
  plan: Plan,
  siem: Siem,
  window: TimeWindow,
  telemetry: string,
): Promise<Pick<Collection, 'siem' | 'alerts' | 'rules'>> {
  const folder = join(telemetry, 'siem');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const hosts = plan.executions.map(({ host }) => host);
  const query = {
    window,
    hosts: [...new Set(hosts.flatMap((host) => [host.name, ...host.aliases]))],
    addresses: [
      ...new Set([...hosts.map((host) => host.address), ...plan.executions.map(({ sink }) => sink.address)]),
    ],
    legs,
  };
  const sources = await siem
    .telemetry(query, folder)
    .catch((error: unknown) => [{ source: 'siem', legs, records: 0, error: failure(error), query: '' }]);
  const alerts = await siem
    .alerts(window, folder)
    .catch((error: unknown) => ({ records: 0, error: failure(error), query: '' }));
  const rules = await siem.rules().catch(() => null);
  return {
    siem: sources.map((answer) => ({ ...answer, legs: [...answer.legs] })),
    alerts: { records: alerts.records, error: alerts.error, query: alerts.query },
    rules: rules === null ? null : rules.map((rule) => ({ ...rule })),
  };
}

/** Writes `telemetry/collection.json`: what was asked of whom, and who did not answer. */
export async function writeCollection(
  parts: Omit<Collection, 'schema' | 'window' | 'collectedAt'>,
  window: TimeWindow,
  now: number,
  telemetry: string,
): Promise<Collection> {
  const collection: Collection = {
    schema: 'dyetrace.collection/1',
    window: { from: rfc3339(window.from), until: rfc3339(window.until) },
    collectedAt: rfc3339(now),
    ...parts,
  };
  await mkdir(telemetry, { recursive: true });
  await writeWhole(join(telemetry, 'collection.json'), `${JSON.stringify(collection, null, 2)}\n`);
  return collection;
}
