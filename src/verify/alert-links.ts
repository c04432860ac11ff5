import type { CauseCode } from '../causes/index.js';
import { isFiring, type AlertRow } from './alerts.js';
import { alertsError, type Context, type Evidence } from './context.js';
import type { ChainEntry } from './result-schema.js';
import { whyNoAlert } from './rule.js';

export interface AlertJudgement {
  readonly entry: ChainEntry;
  /** Every reason that holds; the first is the chain's cause. */
  readonly reasons: readonly { readonly cause: CauseCode; readonly detail: string }[];
}

/** How long after the transfer the last record of it came in, in ms; null where the SIEM does not say. */
function lateness(evidence: Evidence): number | null {
  const { siem, facts } = evidence;
  const rows = [...siem.processes, ...siem.connections, ...siem.flows, ...siem.transfers].filter(
    (row) => row.via !== 'time',
  );
  const times = rows.map((row) => row.ingested).filter((time) => time !== null);
  if (times.length === 0 || facts.transferEnd === null) return null;
  return Math.max(...times) - facts.transferEnd;
}

/**
 * The link alert. The analytic is the measure: where it fires on the very telemetry of the SIEM and no alert came, the rule is to
 * blame; where it does not fire because a leg is gone, nothing can be said of the rule.
 * @param brokenBefore a link before this one is broken or unknown
 */
export function alertOf(
  evidence: Evidence,
  context: Context,
  alerts: readonly AlertRow[],
  brokenBefore: boolean,
): AlertJudgement {
  const { expected } = evidence.facts.planned;
  const entry = (
    state: ChainEntry['state'],
    text: string,
    cause: CauseCode | null = null,
    ids: readonly string[] = [],
  ): ChainEntry => ({
    link: 'alert',
    state,
    legs: [],
    cause,
    evidence: [...ids],
    text,
  });
  if (alerts.length > 0) {
    const names = [...new Set(alerts.map((alert) => alert.ruleName ?? alert.ruleId ?? 'unnamed rule'))].join(
      ', ',
    );
    const state = expected.outcome === 'not_alerted' ? 'not-applicable' : 'ok';
    const text = state === 'ok' ? names : `${names}: an alert where none was expected`;
    return {
      entry: entry(
        state,
        text,
        null,
        alerts.map((alert) => alert.id),
      ),
      reasons: [],
    };
  }
  if (expected.outcome !== 'alerted')
    return { entry: entry('not-applicable', 'no alert is expected'), reasons: [] };
  const error = alertsError(context);
  if (error !== null)
    return {
      entry: entry('unknown', `the SIEM's alerts could not be read: ${error}`, 'siem-unreadable'),
      reasons: [],
    };
  const firing = evidence.hits.find(isFiring);
  if (firing !== undefined) {
    const reasons = whyNoAlert(evidence, context, firing, lateness(evidence));
    const [first] = reasons;
    return {
      entry: entry('broken', first?.detail ?? '', first?.cause ?? 'rule-silent', [firing.id]),
      reasons,
    };
  }
  if (brokenBefore)
    return {
      entry: entry('unknown', 'the analytic does not fire on what is left of the telemetry either'),
      reasons: [],
    };
  const hit = evidence.hits[0];
  const detail =
    hit === undefined
      ? 'it finds no hit'
      : hit.approvedBy !== null
        ? `the approved pattern ${hit.approvedBy} covers it`
        : `its hit is ${hit.severity} (${hit.bytesOut ?? 'unknown'} bytes out)`;
  return {
    entry: entry('broken', detail, 'analytic-silent'),
    reasons: [{ cause: 'analytic-silent', detail }],
  };
}

/** The link route: did an alert get the incident category that the lab's mapping gives? */
export function routeOf(evidence: Evidence, alerts: readonly AlertRow[]): ChainEntry {
  const { incidentCategory, expected } = evidence.facts.planned;
  const ids = alerts.map((alert) => alert.id);
  const entry = (state: ChainEntry['state'], text: string, cause: CauseCode | null = null): ChainEntry => ({
    link: 'route',
    state,
    legs: [],
    cause,
    evidence: ids,
    text,
  });
  if (expected.outcome !== 'alerted') return entry('not-applicable', 'no alert is expected');
  if (incidentCategory === null) return entry('not-applicable', 'the lab maps no incident category');
  if (alerts.length === 0) return entry('unknown', 'there is no alert');
  const right = alerts.find((alert) => alert.category?.toLowerCase() === incidentCategory.toLowerCase());
  if (right !== undefined) return entry('ok', incidentCategory);
  const given = [...new Set(alerts.map((alert) => alert.category))].filter((category) => category !== null);
  if (given.length === 0)
    return entry('broken', `no category, ${incidentCategory} is mapped`, 'category-missing');
  return entry('broken', `${given.join(', ')} instead of ${incidentCategory}`, 'wrong-category');
}
