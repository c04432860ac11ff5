import type { Reporter } from '../types.js';

/** run.json as it stands: for scripts that name the report. */
export const jsonReporter: Reporter = {
  fileName: 'run.json',
  render: (result) => `${JSON.stringify(result, null, 2)}\n`,
};
