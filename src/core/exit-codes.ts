/** Exit codes of every command (README, "Exit codes"). */
export const exitCodes = {
  ok: 0,
  /** A gap, regression or unmet expectation that `--fail-on` names. */
  found: 1,
  badInput: 2,
  /** The lab or the SIEM failed: we could not look. */
  labFailed: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
