import { defaultParameters, type Parameters, type Shell } from '../config/index.js';
import { messageOf } from '../core/index.js';
import { unfit } from './profiles.js';
import { placeholderNames, placeholdersIn } from './render.js';
import type { Scenario, ScenarioStep } from './schema.js';

export interface LintFinding {
  readonly scenario: string;
  readonly code: string;
  readonly text: string;
}

export interface LintOptions {
  /** Sizes of the volume profiles come from them; absent: the defaults. */
  readonly parameters?: Parameters;
  /** Writes a step as a shell takes it. @throws where it cannot be said in that shell */
  readonly render?: (step: ScenarioStep, shell: Shell) => string;
}

const stepsOf = (scenario: Scenario): ScenarioStep[] => [...scenario.steps, ...(scenario.slow.steps ?? [])];
const stagedOf = (scenario: Scenario) => [...scenario.stage, ...(scenario.slow.stage ?? [])];

function stepTexts(step: ScenarioStep): string[] {
  const pieces = [step.each ?? '', step.between];
  if ('cmd' in step) return [step.cmd, ...pieces];
  return [step.program, ...step.args, step.encoded?.script ?? '', ...(step.encoded?.args ?? []), ...pieces];
}

function commandTexts(scenario: Scenario): string[] {
  const staged = stagedOf(scenario).flatMap((file) =>
    file.kind === 'text' ? [file.content, file.each ?? '', file.between] : [],
  );
  return [...stepsOf(scenario).flatMap(stepTexts), ...staged, ...scenario.cleanup];
}

/** An address other than the sink's: a URL, a UNC path, or a bare IPv4 address. The host itself is no destination: steps wait by ping. */
const foreign =
  /(?:ftps?|tftp|https?):\/\/(?!\{sink\})[^\s/"']+|\\\\(?!\{sink\})[A-Za-z0-9.-]+\\|\b(?!127\.0\.0\.1\b)\d{1,3}(?:\.\d{1,3}){3}\b/;

/** RFC 1350 counts blocks in 16 bits; a client without options sends 512 bytes in each (RFC 2348 allows 65,464). */
const longestTftp = 65_535 * 65_464;

type Find = (code: string, text: string) => void;

function checkPlaceholders(scenario: Scenario, texts: readonly string[], find: Find): void {
  const staged = new Set<string>(stagedOf(scenario).map((file) => file.kind));
  for (const name of new Set(texts.flatMap(placeholdersIn))) {
    if (!(placeholderNames as readonly string[]).includes(name))
      find('unknown-placeholder', `{${name}} is no placeholder`);
    if (['tracer', 'script', 'dll', 'text'].includes(name) && !staged.has(name))
      find('not-staged', `{${name}} is used, and no such file is staged`);
  }
}

function checkPrerequisites({ prerequisites }: Scenario, find: Find): void {
  for (const { id, check } of prerequisites) {
    // Ends with 0 whatever is there, or is nothing at all.
    if (/^\s*(?:exit(?: \/b)? 0|rem\b.*|echo\b[^|&]*)?\s*$/i.test(check))
      find('no-check', `prerequisite ${id}: "${check}" checks nothing`);
  }
}

function checkVolume(scenario: Scenario, parameters: Parameters, find: Find): void {
  if (scenario.protocol === 'tftp' && scenario.maxBytes === undefined)
    find('tftp-limit', 'TFTP has 65,535 blocks: say maxBytes (33,553,919 for a client without options)');
  if (scenario.protocol === 'tftp' && (scenario.maxBytes ?? 0) > longestTftp)
    find('tftp-limit', `maxBytes is more than TFTP can carry (${String(longestTftp)})`);
  for (const profile of scenario.profiles) {
    const why = unfit(scenario, profile, parameters);
    if (why !== undefined) find('profile-unfit', why);
  }
}

function checkShells(scenario: Scenario, { render }: LintOptions, find: Find): void {
  if (render === undefined) return;
  for (const step of stepsOf(scenario)) {
    for (const shell of ['cmd', 'powershell'] as const) {
      try {
        render(step, shell);
      } catch (error) {
        find('quoting', `under ${shell} as DefaultShell: ${messageOf(error)}`);
      }
    }
  }
}

/**
 * What the schema cannot see: placeholders without a file, targets outside the sink, connections that are not undone, prerequisites
 * that check nothing, volumes that do not fit, commands that one of the shells cannot take.
 */
export function lintScenario(scenario: Scenario, options: LintOptions = {}): LintFinding[] {
  const texts = commandTexts(scenario);
  const findings: LintFinding[] = [];
  const find: Find = (code, text) => {
    findings.push({ scenario: scenario.id, code, text });
  };
  checkPlaceholders(scenario, texts, find);
  for (const text of texts) {
    const found = foreign.exec(text);
    if (found !== null) find('outside-sink', `"${found[0]}" reaches outside {sink}`);
  }
  if (
    texts.some((text) => /(?:^|[\s&|(])net(?:\.exe)?(?:$|\s+use\b)/i.test(text)) &&
    !scenario.cleanup.some((command) => command.includes('/delete'))
  ) {
    find('missing-cleanup', 'net use without a net use /delete in cleanup');
  }
  if (scenario.control !== (scenario.expect.outcome === 'not_alerted'))
    find('control-mismatch', 'a control expects not_alerted, and only a control does');
  checkPrerequisites(scenario, find);
  checkVolume(scenario, options.parameters ?? defaultParameters, find);
  checkShells(scenario, options, find);
  return findings;
}
