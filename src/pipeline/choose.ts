import type { Lab } from '../config/index.js';
import { chooseScenarios, selectedHosts, suiteNamed, type Chosen, type Scenario } from '../scenario/index.js';
import type { RunSelection } from './run.js';

/** What of the library runs, and on which hosts: what the suite and the selection both name. */
export function chooseRun(
  library: readonly Scenario[],
  lab: Pick<Lab, 'suites'>,
  selection: RunSelection,
): Chosen & { readonly hosts?: readonly string[] } {
  const { suite, ...own } = selection;
  const selections = suite === undefined ? [own] : [suiteNamed(lab.suites, suite), own];
  const hosts = selectedHosts(selections);
  return { ...chooseScenarios(library, selections), ...(hosts === undefined ? {} : { hosts }) };
}
