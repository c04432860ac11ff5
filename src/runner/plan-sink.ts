import type { LabSink, ResolvedLab } from '../config/index.js';
import { canonicalIp, ScopeError } from '../core/index.js';
import type { Scope } from '../safety/index.js';
import type { Scenario } from '../scenario/index.js';

/** The scope's refusal in words, or undefined where it allows. */
export function refusalOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ScopeError) return error.message;
    throw error;
  }
}

function isApproved(sink: LabSink, lab: ResolvedLab): boolean {
  return lab.approvedTransfers.some(
    ({ protocol, destination }) =>
      protocol === sink.protocol && (canonicalIp(destination) ?? destination) === sink.address,
  );
}

function wanted({ protocol, sink }: Scenario): string {
  if (sink.tls) return `${protocol} sink with tls`;
  if (sink.encrypted) return `${protocol} sink with encrypt: required`;
  return sink.approved
    ? `${protocol} sink that is a destination under approvedTransfers`
    : `${protocol} sink`;
}

/**
 * The first sink of the scenario's protocol that offers what it needs and that the scope allows. A scenario that needs nothing
 * special takes one that takes plain connections, and rather one that no approved transfer names.
 */
export function sinkFor(
  scenario: Scenario,
  lab: ResolvedLab,
  scope: Scope,
): { readonly sink: LabSink } | { readonly why: string } {
  const needs = scenario.sink;
  const fitting = lab.sinks.filter(
    (sink) =>
      sink.protocol === scenario.protocol &&
      (!needs.tls || sink.tls !== undefined) &&
      needs.encrypted === (sink.encrypt === 'required') &&
      (!needs.approved || isApproved(sink, lab)),
  );
  const ranked = [...fitting].sort(
    (a, b) => Number(!needs.approved && isApproved(a, lab)) - Number(!needs.approved && isApproved(b, lab)),
  );
  const check = (sink: LabSink) =>
    refusalOf(() => [scope.protocol(sink.protocol), scope.sink(sink.address, sink.port)]);
  const allowed = ranked.find((sink) => check(sink) === undefined);
  if (allowed !== undefined) return { sink: allowed };
  const [first] = ranked;
  return {
    why:
      first === undefined ? `lab.yaml has no ${wanted(scenario)}` : (check(first) ?? 'the scope forbids it'),
  };
}
