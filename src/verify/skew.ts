import type { ExecutionFacts } from './facts.js';
import type { Gathered } from './rows.js';

/** A host's clock minus the control host's. */
export interface Skew {
  readonly ms: number;
  readonly uncertaintyMs: number;
  /** host: from the host's own channels. siem: from the SIEM's copy, in which a wrong time zone looks the same. */
  readonly from: 'host' | 'siem';
}

interface Interval {
  readonly least: number;
  readonly most: number;
}

/**
 * The first process of an execution began after its command was sent and before the sink saw the first byte; the same holds for
 * its first connection. Each gives an interval in which the skew lies.
 */
function intervals(facts: readonly ExecutionFacts[], gathered: Gathered, host: string): Interval[] {
  const first = (
    rows: readonly { execution: string; at: number | null; via: string; host: string | null }[],
    id: string,
  ) => {
    const times = rows
      .filter(
        (row) =>
          row.execution === id && row.host === host && !['time', 'pid', 'partial 5-tuple'].includes(row.via),
      )
      .map((row) => row.at)
      .filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  };
  return facts.flatMap(({ planned, startedAt, endedAt, receipts }) => {
    if (planned.host.id !== host || startedAt === null) return [];
    const bytes = receipts.flatMap((receipt) =>
      receipt.firstByteAt === null ? [] : [Date.parse(receipt.firstByteAt)],
    );
    const before = bytes.length > 0 ? Math.min(...bytes) : endedAt;
    // Sysmon 1 is exact to seconds, Sysmon 3 is not: its UtcTime has been seen a minute off.
    const at = first(gathered.processes, planned.id) ?? first(gathered.connections, planned.id);
    return at === null || before === null || before < startedAt
      ? []
      : [{ least: at - before, most: at - startedAt }];
  });
}

/** @returns the middle of what all executions of the host allow, and half of its width; null where nothing tells */
function estimate(from: readonly Interval[]): { ms: number; uncertaintyMs: number } | null {
  if (from.length === 0) return null;
  const least = Math.max(...from.map((interval) => interval.least));
  const most = Math.min(...from.map((interval) => interval.most));
  if (least <= most)
    return { ms: Math.round((least + most) / 2), uncertaintyMs: Math.ceil((most - least) / 2) };
  // They contradict each other: the clock moved, or times are rounded. The uncertainty spans them all.
  const middles = from.map((interval) => (interval.least + interval.most) / 2).sort((a, b) => a - b);
  const middle = middles[Math.floor(middles.length / 2)] ?? 0;
  const spread = Math.max(
    ...from.map((i) => Math.max(Math.abs(i.most - middle), Math.abs(i.least - middle))),
  );
  return { ms: Math.round(middle), uncertaintyMs: Math.ceil(spread) };
}

/** The clock skew of every host of which anything tells. */
export function skewOf(facts: readonly ExecutionFacts[], host: Gathered, siem: Gathered): Map<string, Skew> {
  const skews = new Map<string, Skew>();
  for (const id of new Set(facts.map(({ planned }) => planned.host.id))) {
    const own = estimate(intervals(facts, host, id));
    const copied = own ?? estimate(intervals(facts, siem, id));
    if (copied !== null) skews.set(id, { ...copied, from: own === null ? 'siem' : 'host' });
  }
  return skews;
}

/** What the skew is surely more than, in ms; 0 where its uncertainty covers it. */
export function sureSkew(skew: Skew | undefined): number {
  return skew === undefined ? 0 : Math.max(0, Math.abs(skew.ms) - skew.uncertaintyMs);
}

/** The skew to reckon with, in ms: none where none is proved, since the middle of a wide interval is no measurement. */
export function provedSkew(skew: Skew | undefined): number {
  return skew === undefined || sureSkew(skew) === 0 ? 0 : skew.ms;
}
