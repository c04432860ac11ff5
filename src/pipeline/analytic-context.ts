import type { AnalyticContext } from '../analytic/index.js';
import type { Plan } from '../runner/index.js';

/** What the analytic knows of the lab beside telemetry, by a run's plan. */
export function analyticContext(plan: Plan): AnalyticContext {
  const hosts = new Map(plan.executions.map(({ host }) => [host.id, host]));
  const sinks = new Map(plan.executions.map(({ sink, protocol }) => [sink.id, { ...sink, protocol }]));
  return {
    parameters: plan.parameters,
    hosts: [...hosts.values()].map((host) => ({
      name: host.name,
      aliases: host.aliases,
      addresses: [host.address],
      role: host.role,
    })),
    approvedTransfers: plan.approvedTransfers,
    incidentRules: plan.incidentRules,
    sinkZones: [...sinks.values()],
  };
}
