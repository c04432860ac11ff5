import { isIP } from 'node:net';
import { canonicalIp } from '../core/index.js';
import type { Plan } from '../runner/index.js';

function spellings(name: string): string[] {
  const lower = name.trim().toLowerCase();
  const ip = canonicalIp(lower);
  if (ip !== undefined) return [ip];
  const short = lower.split('.')[0] ?? lower;
  return isIP(short) === 0 && short !== lower ? [lower, short] : [lower];
}

/**
 * Which host of the plan a record's host name means: name, FQDN, alias or address, in any case.
 * @returns a function from a record's host name to the plan's host id, or null for a host that the plan does not know
 */
export function hostNames(plan: Plan): (name: string | null) => string | null {
  const ids = new Map<string, string>();
  for (const { host } of plan.executions) {
    for (const name of [host.name, host.address, ...host.aliases, host.id])
      for (const spelling of spellings(name)) if (!ids.has(spelling)) ids.set(spelling, host.id);
  }
  return (name) => {
    if (name === null) return null;
    for (const spelling of spellings(name)) {
      const id = ids.get(spelling);
      if (id !== undefined) return id;
    }
    return null;
  };
}
