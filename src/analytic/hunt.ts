import type { Store } from '../telemetry/index.js';
import { createAnalytic } from './analytic.js';
import { hits, summary, unattributed } from './read.js';
import type { AnalyticContext, HuntInput, HuntResult } from './types.js';

/** The whole analytic over a store that holds the inputs' records: `dyetrace.hunt/1`. */
export async function runHunt(
  store: Store,
  inputs: readonly HuntInput[],
  context: AnalyticContext,
): Promise<HuntResult> {
  await createAnalytic(store, context);
  const found = await hits(store);
  const { processes, connections, transfers, flows } = await summary(store);
  const sum = (of: (input: HuntInput) => number) => inputs.reduce((total, input) => total + of(input), 0);
  return {
    schema: 'dyetrace.hunt/1',
    parameters: context.parameters,
    inputs: [...inputs],
    hits: found,
    unattributed: await unattributed(store),
    summary: {
      records: sum((input) => input.records),
      rows: sum((input) => input.rows),
      rejected: sum((input) => input.rejected),
      processes,
      connections,
      transfers,
      flows,
      hits: found.length,
    },
  };
}
