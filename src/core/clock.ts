/** Where the time comes from. Injected, so that plans and tests do not depend on the wall. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until told. */
export function fixedClock(at: string | number): Clock {
  const time = typeof at === 'string' ? Date.parse(at) : at;
  return { now: () => time };
}

/** RFC 3339 UTC with milliseconds: the form of every time in Dyetrace's files. */
export function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
