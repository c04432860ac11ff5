import type { ExecutionFacts } from './facts.js';

const quarterHour = 15 * 60_000;
const hour = 60 * 60_000;
/** UTC-12 to UTC+14. */
const maxZone = 14 * hour;
const toleranceMs = 2000;

/** How far a time lies outside the span in which the execution's records can have come to be; 0 inside. Signed, in ms. */
export function offsetOf(at: number, facts: ExecutionFacts, skewMs = 0): number {
  const time = at - skewMs;
  if (time < facts.from) return time - facts.from;
  return time > facts.until ? time - facts.until : 0;
}

/** Whether a difference is what a time zone makes: a multiple of a quarter of an hour, 14 hours at most. */
export function isZoneDifference(ms: number, tolerance = toleranceMs): boolean {
  const quarters = Math.round(ms / quarterHour);
  return (
    quarters !== 0 &&
    Math.abs(ms) <= maxZone + tolerance &&
    Math.abs(ms - quarters * quarterHour) <= tolerance
  );
}

export interface TimeFault {
  readonly cause: 'wrong-time-zone' | 'event-time-lost';
  readonly detail: string;
}

const spoken = (ms: number) => `${ms > 0 ? '+' : ''}${(ms / 1000).toFixed(0)} s`;

/**
 * What is wrong with the time that the SIEM has for a record.
 * With the host's own copy (`twin`) the two times are compared; a clock that is off shifts both alike and is no fault of the
 * parser. Without it only whole hours against the execution's own span count.
 */
export function timeFault(
  at: number | null,
  twin: number | null,
  facts: ExecutionFacts,
  skewMs: number,
): TimeFault | null {
  if (at === null) return null;
  if (twin !== null) {
    const difference = at - twin;
    if (isZoneDifference(difference))
      return {
        cause: 'wrong-time-zone',
        detail: `the SIEM says ${spoken(difference)} against the host's own record`,
      };
    // Sysmon's UtcTime and the event's TimeCreated may lie a minute apart (which of them is taken is the shipper's choice).
    if (Math.abs(difference) > 70_000)
      return {
        cause: 'event-time-lost',
        detail: `the SIEM says ${spoken(difference)} against the host's own record`,
      };
    return null;
  }
  const [least, most] = [at - skewMs - facts.until, at - skewMs - facts.from];
  const hours = Math.abs(least) < Math.abs(most) ? Math.round(least / hour) : Math.round(most / hour);
  if (hours === 0 || hours * hour < least || hours * hour > most || Math.abs(hours * hour) > maxZone)
    return null;
  return {
    cause: 'wrong-time-zone',
    detail: `the record lies ${hours > 0 ? '+' : ''}${hours} h from the transfer`,
  };
}

/**
 * Of rows that were found by a key which can come again (a 5-tuple), those nearest to the execution. Rows without a time stay
 * (they are joined by uid and tuple only), rows more than a time zone away go.
 */
export function nearest<T extends { readonly at: number | null }>(
  rows: readonly T[],
  facts: ExecutionFacts,
  skewMs = 0,
): T[] {
  const distance = (row: T) => (row.at === null ? 0 : Math.abs(offsetOf(row.at, facts, skewMs)));
  const timed = rows.filter((row) => row.at !== null);
  const best = Math.min(...timed.map(distance));
  return rows.filter(
    (row) => row.at === null || (distance(row) <= best + 60_000 && distance(row) <= maxZone + hour),
  );
}

/** The time of the fact itself by the control host's clock: the record's, held inside the execution's span. */
export function factTime(at: number | null, facts: ExecutionFacts, skewMs: number): number {
  const from = facts.startedAt ?? facts.from;
  const until = Math.max(facts.endedAt ?? facts.until, facts.transferEnd ?? 0);
  return Math.min(Math.max((at ?? until) - (at === null ? 0 : skewMs), from), until);
}
