import { faults } from '../simulator/index.js';

/** Names of the faults that the embedded lab can be given. */
export const faultNames: readonly string[] = faults.names;
