import { initiators, legs, protocols, type Leg } from '../config/index.js';
import type { Plan } from '../runner/index.js';
import { outcomes, type ExecutionResult, type Outcome } from '../verify/index.js';
import type { Coverage } from './run-schema.js';

type LegState = ExecutionResult['legs'][Leg]['state'];
type Cell = Coverage['matrix'][number];

/** The weakest first. `blocked` is VECTR's best; it is last because no detection was needed. */
const byWeakness: readonly Outcome[] = ['error', 'none', 'logged', 'alerted', 'blocked'];
const statesByWeakness: readonly LegState[] = [
  'missing',
  'partial',
  'unknown',
  'not_observable',
  'seen',
  'not_applicable',
];

function weakest<T>(values: readonly T[], order: readonly T[]): T | null {
  return order.find((value) => values.includes(value)) ?? null;
}

/** Every key with its value: the shape that a record schema wants. */
function record<Key extends string, Value>(
  keys: readonly Key[],
  value: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, Value>;
}

function matrix(executions: readonly ExecutionResult[], plan: Plan): Cell[] {
  const roles = [...new Set(plan.executions.map(({ host }) => host.role))].sort();
  const uploads = executions.filter((execution) => !execution.control);
  const names = uploads.some(({ initiator }) => initiator === 'other')
    ? ([...initiators, 'other'] as const)
    : initiators;
  return names.flatMap((initiator) =>
    protocols.flatMap((protocol) =>
      roles.map((hostRole) => {
        const own = uploads.filter(
          (each) => each.initiator === initiator && each.protocol === protocol && each.host.role === hostRole,
        );
        return {
          initiator,
          protocol,
          hostRole,
          outcome: weakest(
            own.map(({ outcome }) => outcome),
            byWeakness,
          ),
          executions: own.map(({ id }) => id),
          legs:
            own.length === 0
              ? null
              : record(
                  legs,
                  (leg) =>
                    weakest(
                      own.map((each) => each.legs[leg].state),
                      statesByWeakness,
                    ) ?? 'not_applicable',
                ),
        };
      }),
    ),
  );
}

/**
 * Counts over a run. Executions in error are in no denominator, except that `outcomes.error` counts them of all uploads.
 * - `outcomes`: uploads that are no control.
 * - `legs`: state seen, of the executions that expect the leg (plan) and where it was applicable, observable and could be looked
 *   for (not_applicable, not_observable and unknown are left out).
 * - `controls`: controls that raised no alert. `met`: expectations met.
 * - `matrix`: initiator × protocol × host role; a cell of several executions shows the weakest.
 */
export function coverage(executions: readonly ExecutionResult[], plan: Plan): Coverage {
  const expectedLegs = new Map(plan.executions.map((each) => [each.id, each.expected.legs]));
  const judged = executions.filter(({ outcome }) => outcome !== 'error');
  const uploads = executions.filter(({ control }) => !control);
  const judgedUploads = judged.filter(({ control }) => !control);
  const controls = judged.filter(({ control }) => control);
  return {
    outcomes: record(outcomes, (outcome) => ({
      count: uploads.filter((each) => each.outcome === outcome).length,
      of: outcome === 'error' ? uploads.length : judgedUploads.length,
    })),
    legs: record(legs, (leg) => {
      const counted = judged.filter(
        (each) =>
          expectedLegs.get(each.id)?.includes(leg) === true &&
          !['not_applicable', 'not_observable', 'unknown'].includes(each.legs[leg].state),
      );
      return { count: counted.filter((each) => each.legs[leg].state === 'seen').length, of: counted.length };
    }),
    controls: { count: controls.filter(({ alerts }) => alerts.length === 0).length, of: controls.length },
    met: { count: judged.filter(({ met }) => met).length, of: judged.length },
    errors: executions.length - judged.length,
    matrix: matrix(executions, plan),
  };
}
