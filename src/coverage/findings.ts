import { catalogue, isCauseCode, links } from '../causes/index.js';
import { legs, type Leg } from '../config/index.js';
import type { ExecutionResult } from '../verify/index.js';
import type { Finding } from './run-schema.js';

/**
 * What mending one cause buys for one execution: the execution is looked at again as if its gaps of that cause were gone.
 * - A leg is gained where it is not seen now and none of its other gaps remains.
 * - The expectation is met where it is not now, an alert is what it lacks, and no gap at all remains: any that stays could be what
 *   keeps the alert away.
 * An execution in error promises nothing: what would come after is not known. So the gain is a lower bound.
 */
function gains(execution: ExecutionResult, cause: string): boolean {
  if (execution.outcome === 'error' || execution.outcome === 'blocked') return false;
  const own = execution.gaps.filter((gap) => gap.cause === cause);
  const others = execution.gaps.filter((gap) => gap.cause !== cause);
  const gainsLeg = own.some(
    ({ leg }) =>
      leg !== null && execution.legs[leg].state !== 'seen' && others.every((gap) => gap.leg !== leg),
  );
  const gainsAlert = !execution.met && execution.expected === 'alerted' && others.length === 0;
  return own.length > 0 && (gainsLeg || gainsAlert);
}

/** Gaps of one cause over all executions are one finding; those whose mending buys most come first, then by link and code. */
export function findings(executions: readonly ExecutionResult[]): Finding[] {
  const causes = new Set(executions.flatMap(({ gaps }) => gaps.map((gap) => gap.cause)));
  const found = [...causes].map((cause): Finding => {
    const concerned = executions.filter(({ gaps }) => gaps.some((gap) => gap.cause === cause));
    const gaps = concerned.flatMap((execution) => execution.gaps.filter((gap) => gap.cause === cause));
    const concernedLegs = new Set<Leg | null>(gaps.map((gap) => gap.leg));
    return {
      cause,
      title: isCauseCode(cause) ? catalogue[cause].title.replaceAll(/\{protocol\} /g, '') : cause,
      link: gaps[0]?.link ?? 'execute',
      legs: legs.filter((leg) => concernedLegs.has(leg)),
      executions: concerned.map(({ id }) => id),
      gain: concerned.filter((execution) => gains(execution, cause)).length,
      remedy: [...new Set(gaps.map((gap) => gap.remedy))].join('\n\n'),
    };
  });
  const place = (finding: Finding) => links.findIndex((link) => link === finding.link);
  return found.sort(
    (a, b) =>
      b.gain - a.gain ||
      b.executions.length - a.executions.length ||
      place(a) - place(b) ||
      (a.cause < b.cause ? -1 : 1),
  );
}
