import type { Store } from '../telemetry/index.js';
import { macros } from './sql.js';
import { anchors } from './steps/anchors.js';
import { attribution } from './steps/attribution.js';
import { channels } from './steps/channels.js';
import { files } from './steps/files.js';
import { hits } from './steps/hits.js';
import { identity } from './steps/identity.js';
import { lineage } from './steps/lineage.js';
import { names } from './steps/names.js';
import { owners } from './steps/owners.js';
import { processes } from './steps/processes.js';
import { sessions } from './steps/sessions.js';
import { unattributed } from './steps/unattributed.js';
import { volume } from './steps/volume.js';
import type { AnalyticContext } from './types.js';

/** AN1169 in SQL, step by step. */
export function statements(context: AnalyticContext): string[] {
  const { parameters } = context;
  return [
    ...macros,
    ...identity(context),
    ...processes(parameters),
    ...anchors(parameters),
    ...channels(parameters),
    ...files,
    ...sessions,
    ...owners(parameters),
    ...lineage(parameters),
    ...names(parameters),
    ...attribution(parameters),
    ...volume,
    ...hits(context),
    unattributed(parameters),
  ];
}

/**
 * Makes the analytic's named steps in the store: `sessions`, `lineage`, `attribution`, `volume` and their helpers are temporary tables
 * (each is read several times, and a chain of views would compute it as often), `hits` and `unattributed` are views of these. They
 * show the store as it is now: call it again after more telemetry came in.
 */
export async function createAnalytic(store: Store, context: AnalyticContext): Promise<void> {
  for (const statement of statements(context)) await store.run(statement);
}
