import { powershellProbes } from './probes-powershell.js';
import { programsProbes } from './probes-programs.js';
import { smbProbes } from './probes-smb.js';
import { systemProbes } from './probes-system.js';
import type { Probe } from './types.js';

/** Everything that is asked of a host, in the order of the report. */
export const probes: readonly Probe[] = [
  ...programsProbes,
  ...powershellProbes,
  ...smbProbes,
  ...systemProbes,
];
