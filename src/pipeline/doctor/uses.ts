import type { Scenario } from '../../scenario/index.js';
import type { HostNeeds } from './types.js';

/** Whether a scenario names a program: in its steps, or in what it stages. */
export function uses(scenario: Scenario, program: string): boolean {
  const name = new RegExp(`(?<![a-z])${program.replace('.', '\\.')}`, 'i');
  const client = new RegExp(`"-Client","${program.replace('.exe', '')}"`, 'i');
  const text = JSON.stringify([scenario.steps, scenario.slow, scenario.stage]);
  return name.test(text) || client.test(text);
}

/** Whether any of a host's scenarios names a program. */
const anyUses = ({ scenarios }: HostNeeds, program: string): boolean =>
  scenarios.some((scenario) => uses(scenario, program));

/** The program itself, where a scenario uses it. */
export const ifUsed =
  (program: string) =>
  (needs: HostNeeds): string[] =>
    anyUses(needs, program) ? [program] : [];

/** A question that Windows PowerShell answers. */
export const askPowerShell = (text: string) => ({
  program: 'powershell.exe',
  args: ['-NoProfile', '-NonInteractive', '-Command', text],
});
