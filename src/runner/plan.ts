import type { ResolvedLab } from '../config/index.js';
import { digestId, executionId, InputError, rfc3339, ScopeError } from '../core/index.js';
import { scopeOf } from '../safety/index.js';
import { matchesGlob, unfit, type Choice } from '../scenario/index.js';
import { planExecution } from './plan-execution.js';
import type { Plan, PlannedExecution } from './plan-schema.js';
import { refusalOf, sinkFor } from './plan-sink.js';

/** Everything that a plan depends on. Nothing else is asked: no socket, no clock, no file, no chance. */
export interface PlanInputs {
  readonly lab: ResolvedLab;
  /** Scenarios, each with the volume profiles that it is to run with. */
  readonly choices: readonly Choice[];
  readonly runId: string;
  readonly seed: string;
  /** ms since the epoch */
  readonly now: number;
  readonly version: string;
  readonly simulated: boolean;
  /** The PowerShell scripts of the library, by name. */
  readonly scripts: ReadonlyMap<string, Buffer>;
  /** The tracer DLL, or the stand-in that says so. */
  readonly dll: Buffer;
  /** Certificates of the sinks that offer TLS, by the sink's id. */
  readonly certificates?: ReadonlyMap<string, { readonly sha256: string; readonly publicKeyPin: string }>;
  /** Ids of hosts; absent: all that the scope allows. */
  readonly hosts?: readonly string[];
}

/** Two executions with one id would be one in all that follows: 30 bits tell some hundred apart, nearly always. */
function requireOwnIds(executions: readonly PlannedExecution[]): void {
  const ids = new Set(executions.map(({ id }) => id));
  if (ids.size === executions.length) return;
  throw new InputError({
    code: 'execution-ids-collide',
    message: 'two executions of this run would have the same id',
    remedy: 'start again: a new run has other ids',
  });
}

/**
 * The plan of a run: every command, file, byte and clean-up step. Pure: the same inputs give the same plan, byte for byte.
 * @throws ScopeError where the scope leaves nothing to run, or forbids what was asked for by name
 */
export function planRun(inputs: PlanInputs): Plan {
  const { lab, runId, seed } = inputs;
  const scope = scopeOf(lab);
  scope.time(inputs.now);
  const account = {
    user: `dt${digestId(`${runId}\n${seed}\nuser`, 8)}`,
    password: digestId(`${runId}\n${seed}\npassword`, 20),
  };
  const leftOut: { what: string; why: string }[] = [];

  for (const id of inputs.hosts ?? []) {
    if (!lab.hosts.some((host) => host.id === id))
      throw new InputError({
        code: 'unknown-host',
        message: `lab.yaml has no host "${id}"`,
        remedy: `known: ${lab.hosts.map((host) => host.id).join(', ')}`,
      });
    scope.host(id);
  }
  const hosts = lab.hosts.filter((host) => {
    if (inputs.hosts !== undefined && !inputs.hosts.includes(host.id)) return false;
    const why = refusalOf(() => scope.host(host.id));
    if (why !== undefined) leftOut.push({ what: `host ${host.id}`, why });
    return why === undefined;
  });

  const executions: PlannedExecution[] = [];
  for (const host of hosts) {
    for (const { scenario, profiles } of inputs.choices) {
      if (!host.scenarios.some((glob) => matchesGlob(scenario.id, glob))) continue;
      const found = sinkFor(scenario, lab, scope);
      if ('why' in found) {
        leftOut.push({ what: `scenario ${scenario.id} on host ${host.id}`, why: found.why });
        continue;
      }
      for (const profile of profiles) {
        const why = unfit(scenario, profile, lab.parameters);
        if (why !== undefined) {
          leftOut.push({ what: `scenario ${scenario.id} on host ${host.id}`, why });
          continue;
        }
        const id = executionId(runId, `${scenario.id}\n${profile}`, host.id);
        const { sink } = found;
        executions.push(planExecution({ inputs, scope, account, id, scenario, profile, host, sink }));
      }
    }
  }
  if (executions.length === 0) {
    throw new ScopeError({
      code: 'nothing-to-run',
      message: ['nothing to run', ...leftOut.map(({ what, why }) => `  ${what}: ${why}`)].join('\n'),
      where: { path: 'scope' },
      remedy: 'name the hosts, sinks and protocols that may be used under scope in lab.yaml',
    });
  }
  requireOwnIds(executions);
  const tracers = executions.flatMap((execution) => execution.tracers);
  const totalBytes = tracers.reduce((sum, { size }) => sum + size, 0);
  scope.total(totalBytes);

  return {
    schema: 'dyetrace.plan/1',
    run: {
      id: runId,
      lab: lab.lab.name,
      contact: lab.lab.contact,
      seed,
      version: inputs.version,
      simulated: inputs.simulated,
      plannedAt: rfc3339(inputs.now),
    },
    authorisation: {
      by: lab.authorisation.by,
      until: lab.authorisation.until,
      reference: lab.authorisation.reference ?? null,
    },
    parameters: lab.parameters,
    approvedTransfers: lab.approvedTransfers,
    incidentRules: lab.incidentRules,
    limits: {
      maxTotalBytes: lab.scope.maxTotalBytes,
      maxFileBytes: lab.scope.maxFileBytes,
      maxBytesPerSecond: lab.scope.maxBytesPerSecond ?? null,
      totalBytes,
    },
    account,
    executions,
    leftOut,
  };
}
