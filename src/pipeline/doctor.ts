import { resolveLab, type Lab } from '../config/index.js';
import { DyetraceError, messageOf, systemClock } from '../core/index.js';
import { fetchHostKey, type Executor } from '../executors/index.js';
import { scopeOf } from '../safety/index.js';
import { loadScenarios, matchesGlob } from '../scenario/index.js';
import { checkHost } from './doctor/host.js';
import { checkSink } from './doctor/sinks.js';
import type { Check } from './doctor/types.js';
import { connector } from './run.js';

export type { Check } from './doctor/types.js';

function failed(what: string, error: unknown): Check {
  const remedy = error instanceof DyetraceError ? (error.remedy ?? null) : null;
  return { what, state: 'could not look', text: messageOf(error), remedy };
}

/** The host keys that SSH servers offer now. To be compared with the hosts' own before they are pinned in lab.yaml. */
export async function showHostKeys(lab: Lab): Promise<{ host: string; hostKey: string }[]> {
  const { hosts } = await resolveLab(lab);
  const keys: { host: string; hostKey: string }[] = [];
  for (const host of hosts) {
    if (host.executor.kind === 'ssh')
      keys.push({ host: host.id, hostKey: await fetchHostKey(host.address, host.executor.port) });
  }
  return keys;
}

/** Checks what a run needs: authorisation, hosts, markers, prerequisites, sinks. Changes nothing. */
export async function doctor(lab: Lab): Promise<Check[]> {
  const resolved = await resolveLab(lab);
  const scope = scopeOf(resolved);
  const checks: Check[] = [];
  try {
    scope.time(systemClock.now());
    const text = `by ${lab.authorisation.by} until ${lab.authorisation.until}`;
    checks.push({ what: 'authorisation', state: 'ok', text, remedy: null });
  } catch (error) {
    checks.push(failed('authorisation', error));
  }
  const library = await loadScenarios();
  const connect = connector(resolved, () => undefined);
  for (const host of resolved.hosts) {
    let executor: Executor | undefined;
    try {
      executor = await connect(host.id);
      const scenarios = library.filter(({ id }) => host.scenarios.some((glob) => matchesGlob(id, glob)));
      checks.push(...(await checkHost({ lab: resolved, host, scenarios }, executor)));
    } catch (error) {
      checks.push(failed(`host ${host.id}`, error));
    } finally {
      await executor?.close().catch(() => undefined);
    }
  }
  for (const sink of resolved.sinks) checks.push(await checkSink(sink));
  return checks;
}
