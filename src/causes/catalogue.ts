import { executionCauses } from './execution-causes.js';
import { siemCauses } from './siem-causes.js';
import { telemetryCauses } from './telemetry-causes.js';
import type { Cause } from './types.js';

const entries = { ...executionCauses, ...telemetryCauses, ...siemCauses } as const;

/** A stable code: scripts and later versions may rely on it. */
export type CauseCode = keyof typeof entries;

/** Every cause that a gap can have, in the order of the chain's links. */
export const catalogue: Readonly<Record<CauseCode, Cause>> = entries;
export const causeCodes = Object.keys(entries) as CauseCode[];

export function isCauseCode(code: string): code is CauseCode {
  return Object.hasOwn(entries, code);
}
