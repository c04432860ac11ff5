import { alertResult, candidates, executionsOfAlert, executionsOfHit, readAlerts } from './alerts.js';
import { ofExecution, type Context, type Evidence } from './context.js';
import { executionOfReceipt, factsOf, latestReceipts } from './facts.js';
import { gather } from './gather.js';
import { hostNames } from './hosts.js';
import { judgeExecution } from './judge-execution.js';
import type { ErrorEntry } from './result-schema.js';
import type { Gathered } from './rows.js';
import { skewOf } from './skew.js';
import type { VerifyInput, VerifyResult } from './types.js';
import { dropWorkingTables, makeWorkingTables } from './working-tables.js';

/** Records of the host that surely belong to an execution: the SIEM's copies are found by their ids, however damaged. */
function twinsOf(host: Gathered): { execution: string; id: string }[] {
  return [...host.processes, ...host.connections]
    .filter((row) => !['pid', 'partial 5-tuple', 'time'].includes(row.via))
    .map(({ execution, id }) => ({ execution, id }));
}

function siemErrors(input: VerifyInput): ErrorEntry[] {
  const { collection } = input;
  if (collection === null) return [];
  const failed = [...collection.siem, { source: 'alerts', error: collection.alerts.error }];
  return failed.flatMap(({ source, error }) =>
    error === null
      ? []
      : [{ where: `siem, ${source}`, code: error.code, message: error.message, remedy: error.remedy }],
  );
}

/**
 * Compares what was done (plan, journal, receipts) with what was seen (hosts' own channels, SIEM, alerts) and says for every
 * execution which link of the chain broke. Asks each store a bounded number of queries and leaves it as it was. The same input
 * gives the same result; no clock, no network.
 */
export async function verifyRun(input: VerifyInput): Promise<VerifyResult> {
  const { plan, collection, siem, host } = input;
  const facts = factsOf(plan, input.journal, input.receipts, input.refusals ?? []);
  const hostOf = hostNames(plan);
  try {
    await makeWorkingTables(host, facts, hostOf, []);
    const onHost = await gather(host);
    await makeWorkingTables(siem, facts, hostOf, twinsOf(onHost));
    const inSiem = await gather(siem);
    const alertRows = await readAlerts(siem);

    const context: Context = {
      plan,
      collection,
      hostSources: onHost.sources,
      siemSources: inSiem.sources,
      skew: skewOf(facts, onHost, inSiem),
    };
    const bare: Evidence[] = facts.map((each) => ({
      facts: each,
      host: ofExecution(onHost, each.planned.id),
      siem: ofExecution(inSiem, each.planned.id),
      hits: [],
    }));
    const about = candidates(bare);
    const hits = input.hits.map((hit) => ({
      hit,
      executions: executionsOfHit(hit, hostOf(hit.host.name), about),
    }));
    const alerts = alertRows.map((row) => ({ row, executions: executionsOfAlert(row, about) }));
    const executions = bare.map((evidence) => {
      const { id } = evidence.facts.planned;
      const own = hits.filter((each) => each.executions.includes(id)).map((each) => each.hit);
      const rows = alerts.filter((each) => each.executions.includes(id)).map((each) => each.row);
      return judgeExecution({ ...evidence, hits: own }, context, rows);
    });

    const toAlert = new Set(
      plan.executions
        .filter(
          (each) => !each.control && each.direction === 'upload' && each.expected.outcome !== 'not_alerted',
        )
        .map((each) => each.id),
    );
    return {
      executions,
      alerts: alerts.map(({ row, executions: own }) => ({ ...alertResult(row), execution: own[0] ?? null })),
      falsePositives: alerts
        .filter(({ executions: own }) => !own.some((id) => toAlert.has(id)))
        .map(({ row, executions: own }) => ({
          ...alertResult(row),
          host: row.hostName,
          process: row.commandLine ?? row.executable,
          execution: own[0] ?? null,
        })),
      clockSkew: [...new Set(plan.executions.map((each) => each.host.id))].map((id) => {
        const skew = context.skew.get(id);
        return { host: id, ms: skew?.ms ?? null, uncertaintyMs: skew?.uncertaintyMs ?? null };
      }),
      errors: siemErrors(input),
      unmatchedReceipts: latestReceipts(input.receipts)
        .filter((receipt) => !plan.executions.some((each) => each.id === executionOfReceipt(receipt)))
        .map((receipt) => receipt.id),
    };
  } finally {
    await dropWorkingTables(host);
    await dropWorkingTables(siem);
  }
}
