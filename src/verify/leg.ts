import type { CauseCode } from '../causes/index.js';
import type { Leg } from '../config/index.js';
import type { LegResult } from './result-schema.js';

export type TelemetryLink = 'sense' | 'ship' | 'parse';
export type LinkState = 'ok' | 'broken' | 'unknown' | 'not-applicable';

/** Where a leg breaks, and what showed it. */
export interface Break {
  readonly link: TelemetryLink;
  readonly cause: CauseCode;
  readonly detail: string;
  readonly evidence: readonly string[];
}

/** A leg as judged by itself: what run.json says of it, and what it says of the links sense, ship and parse. */
export interface LegJudgement {
  readonly leg: Leg;
  readonly expected: boolean;
  readonly result: LegResult;
  readonly links: Readonly<Record<TelemetryLink, LinkState>>;
  readonly breaks: readonly Break[];
  /** When the last record that the leg needs was in the SIEM; null where the SIEM does not say. */
  readonly completeAt: number | null;
  /** Why the SIEM could not be asked. */
  readonly error: string | null;
}

export const notApplicable = {
  sense: 'not-applicable',
  ship: 'not-applicable',
  parse: 'not-applicable',
} as const;

/** A leg without evidence, in one of the states that have none. */
export function emptyLeg(
  leg: Leg,
  expected: boolean,
  state: 'missing' | 'not_observable' | 'not_applicable' | 'unknown',
  text: string,
  more: Partial<Pick<LegJudgement, 'links' | 'breaks' | 'error'>> = {},
): LegJudgement {
  return {
    leg,
    expected,
    result: { state, evidence: [], missingFields: [], delayMs: null, via: null, text },
    links: more.links ?? notApplicable,
    breaks: more.breaks ?? [],
    completeAt: null,
    error: more.error ?? null,
  };
}

/** Several parts of a leg (two processes, three sockets) say one thing of a link: the worst of them. */
export function worst(states: readonly LinkState[]): LinkState {
  for (const state of ['broken', 'unknown', 'ok'] as const) if (states.includes(state)) return state;
  return 'not-applicable';
}

/** Each break once, however many records show it. */
export function distinctBreaks(breaks: readonly Break[]): Break[] {
  const byCause = new Map<string, Break>();
  for (const each of breaks) {
    const key = `${each.link} ${each.cause}`;
    const before = byCause.get(key);
    byCause.set(key, {
      ...each,
      detail: before?.detail ?? each.detail,
      evidence: [...new Set([...(before?.evidence ?? []), ...each.evidence])],
    });
  }
  return [...byCause.values()];
}
