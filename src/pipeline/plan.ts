import { resolveLab } from '../config/index.js';
import { runId, systemClock } from '../core/index.js';
import { planRun, type Plan } from '../runner/index.js';
import { loadScenarios } from '../scenario/index.js';
import { loadAssets } from './assets.js';
import { sinkCertificates } from './certificates.js';
import { chooseRun } from './choose.js';
import { embeddedLabFile, tlsSink } from './embedded-lab-file.js';
import { usualPlaces } from './embedded-slot.js';
import { loadLab } from './lab-file.js';
import type { RunSelection } from './run.js';
import { version } from './version.js';

export interface PlanSettings {
  /** Lab file; null: the embedded lab, on its usual addresses and ports. */
  readonly lab: string | null;
  readonly selection: RunSelection;
  readonly seed: string;
  /** ms since the epoch; absent: now */
  readonly now?: number;
}

/** The plan that a run with these settings would have. Contacts nothing but the name service. */
export async function makePlan(settings: PlanSettings): Promise<Plan> {
  const now = settings.now ?? systemClock.now();
  const lab =
    settings.lab === null
      ? embeddedLabFile({
          now,
          sinks: usualPlaces,
          hosts: [],
          keyFile: 'client-key',
          tls: { certificate: 'sink-ftp.crt', key: 'sink-ftp.key' },
        })
      : await loadLab(settings.lab);
  const resolved = await resolveLab(lab);
  const { leftOut, ...chosen } = chooseRun(await loadScenarios(), resolved, settings.selection);
  const plan = planRun({
    lab: resolved,
    ...chosen,
    runId: runId(now, settings.seed),
    seed: settings.seed,
    now,
    version,
    simulated: settings.lab === null,
    // The embedded lab makes its certificate when it starts.
    certificates:
      settings.lab === null
        ? new Map([[tlsSink, { sha256: 'of-the-certificate', publicKeyPin: 'sha256//of-the-key' }]])
        : await sinkCertificates(resolved),
    ...(await loadAssets()),
  });
  return { ...plan, leftOut: [...leftOut, ...plan.leftOut] };
}
