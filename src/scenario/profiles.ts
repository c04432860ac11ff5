import type { Parameters } from '../config/index.js';
import type { ProfileName, Scenario } from './schema.js';

const kibibyte = 1024;

/**
 * Bytes of one file by volume profile. `large` lies just over the threshold that it is to cross; a piece of `slow` lies below
 * `minimumBytes` with what the protocol adds, so that only the sum is to be seen.
 */
export function profileSize(profile: ProfileName, parameters: Parameters): number {
  const medium = Math.max(256 * kibibyte, 2 * parameters.minimumBytes);
  const sizes: Record<ProfileName, number> = {
    large: parameters.largeTransferBytes + 64 * kibibyte,
    unbalanced: medium,
    slow: Math.floor(parameters.minimumBytes * 0.85),
    tiny: kibibyte,
    'archive-name': medium,
  };
  return sizes[profile];
}

/** Bytes of one file of a scenario. */
export function fileSize(scenario: Scenario, profile: ProfileName, parameters: Parameters): number {
  return scenario.size ?? profileSize(profile, parameters);
}

/** Why a profile cannot run with these parameters, or undefined where it can. */
export function unfit(scenario: Scenario, profile: ProfileName, parameters: Parameters): string | undefined {
  const size = fileSize(scenario, profile, parameters);
  if (scenario.maxBytes === undefined || size <= scenario.maxBytes) return undefined;
  return `profile ${profile} has ${size} bytes, and this way carries ${scenario.maxBytes} at most`;
}
