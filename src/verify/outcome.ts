import type { ExpectedOutcome } from '../scenario/index.js';
import type { AlertRow } from './alerts.js';
import { alertsError, type Context } from './context.js';
import type { Delivery } from './deliver.js';
import type { LegJudgement } from './leg.js';
import type { Outcome } from './result-schema.js';

/**
 * The outcome, first that holds (decision 23): error, blocked, alerted, logged, none.
 * "We could not look" is an error where the look would have decided: alerts that could not be read, or, with no evidence on any
 * leg, a leg whose source did not answer. An alert that was found is one, whatever else could not be read.
 */
export function outcomeOf(
  delivery: Delivery,
  legs: readonly LegJudgement[],
  alerts: readonly AlertRow[],
  context: Context,
): Outcome {
  if (delivery.error !== null) return 'error';
  if (delivery.blocked) return 'blocked';
  if (alerts.length > 0) return 'alerted';
  if (alertsError(context) !== null) return 'error';
  if (legs.some((leg) => leg.result.evidence.length > 0)) return 'logged';
  return legs.some((leg) => leg.expected && leg.error !== null) ? 'error' : 'none';
}

/** Whether an expectation is met (decision 24). `logged` asks for at least that: an alert is more. Nothing is met in error. */
export function isMet(expected: ExpectedOutcome, outcome: Outcome, alerts: number): boolean {
  if (outcome === 'error') return false;
  switch (expected) {
    case 'not_alerted':
      return alerts === 0;
    case 'logged':
      return outcome === 'logged' || outcome === 'alerted';
    default:
      return outcome === expected;
  }
}
