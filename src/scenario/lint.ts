import { placeholderNames, placeholdersIn } from './render.js';
import type { Scenario } from './schema.js';

export interface LintFinding {
  readonly scenario: string;
  readonly code: string;
  readonly text: string;
}

function commandTexts(scenario: Scenario): string[] {
  const texts = scenario.steps.flatMap((step) => ('cmd' in step ? [step.cmd] : [step.program, ...step.args]));
  const staged = scenario.stage.flatMap((file) => (file.kind === 'text' ? [file.content] : []));
  return [...texts, ...staged, ...scenario.cleanup];
}

/** What the schema cannot see: placeholders without a file, targets outside the sink, connections that are not undone. */
export function lintScenario(scenario: Scenario): LintFinding[] {
  const texts = commandTexts(scenario);
  const used = new Set(texts.flatMap(placeholdersIn));
  const staged = new Set<string>(scenario.stage.map((file) => file.kind));
  const findings: LintFinding[] = [];
  const find = (code: string, text: string) => findings.push({ scenario: scenario.id, code, text });

  for (const name of used) {
    if (!(placeholderNames as readonly string[]).includes(name))
      find('unknown-placeholder', `{${name}} is no placeholder`);
    if (['tracer', 'script', 'dll', 'text'].includes(name) && !staged.has(name))
      find('not-staged', `{${name}} is used, and no such file is staged`);
  }
  for (const text of texts) {
    const foreign = /(?:ftp|tftp):\/\/(?!\{sink\})[^\s/]+|\\\\(?!\{sink\})[A-Za-z0-9.-]+\\/.exec(text);
    if (foreign !== null) find('outside-sink', `"${foreign[0]}" reaches outside {sink}`);
  }
  if (
    texts.some((text) => /^net(\.exe)?$/.test(text)) &&
    !scenario.cleanup.some((command) => command.includes('/delete'))
  ) {
    find('missing-cleanup', 'net use without a net use /delete in cleanup');
  }
  if (
    scenario.control !== (scenario.expect.outcome === 'not_alerted') &&
    !scenario.profiles.includes('tiny')
  ) {
    find('control-mismatch', 'a control expects not_alerted, and only a control does');
  }
  return findings;
}
