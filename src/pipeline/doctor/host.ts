import { systemClock } from '../../core/index.js';
import {
  renderCommand,
  type CommandStep,
  type Executor,
  type HostDescription,
} from '../../executors/index.js';
import { markerNames } from '../../safety/index.js';
import type { Scenario } from '../../scenario/index.js';
import { probes } from './probes.js';
import { words } from './readers.js';
import { unseen, type Answer, type Check, type HostNeeds, type Reading } from './types.js';

const questionTimeoutMs = 30_000;
/** The firewall's rules are half a mebibyte on a usual host. */
const maxAnswerBytes = 8 * 1024 * 1024;
/** A clock that is further off than this is mended before a run; less is measured and allowed for. Milliseconds. */
const clockLimitMs = 30_000;

/** @returns a function that asks each question once, and a reading that says why where there is no answer */
function asker(
  executor: Executor,
  shell: HostDescription['shell'],
): (question: string | CommandStep) => Promise<Answer | Reading> {
  const answers = new Map<string, Promise<Answer | Reading>>();
  async function ask(command: string): Promise<Answer | Reading> {
    const { exitCode, stdout, stderr, ended } = await executor.run(command, {
      timeoutMs: questionTimeoutMs,
      maxOutputBytes: maxAnswerBytes,
    });
    if (exitCode === null)
      return unseen(ended === 'timeout' ? 'no answer within 30 s' : `the command was ${ended}`);
    return { exitCode, stdout, stderr };
  }
  return (question) => {
    const command = typeof question === 'string' ? question : renderCommand(question, shell);
    const answer = answers.get(command) ?? ask(command);
    answers.set(command, answer);
    return answer;
  };
}

function checked(what: string, { state, text }: Reading, remedy: string): Check {
  return { what, state, text, remedy: state === 'ok' ? null : remedy };
}

function checkClock(what: string, { clock, clockUncertaintyMs }: HostDescription): Check {
  if (clock === null) return checked(what, unseen('the host did not tell the time'), 'w32tm.exe /resync');
  const offset = clock - systemClock.now();
  const shown = `${offset < 0 ? '-' : '+'}${(Math.abs(offset) / 1000).toFixed(1)} s`;
  const state = Math.abs(offset) - clockUncertaintyMs > clockLimitMs ? 'missing' : 'ok';
  return checked(what, { state, text: `${shown} beside the control host` }, 'w32tm.exe /resync');
}

/** Prerequisites that no row of the table covers: the scenario's own check, each command once. */
function ownPrerequisites(scenarios: readonly Scenario[]): Scenario['prerequisites'] {
  const covered = new Set(probes.flatMap(({ covers }) => covers));
  const all = scenarios.flatMap(({ prerequisites }) => prerequisites).filter(({ id }) => !covered.has(id));
  return [...new Map(all.map((one) => [one.check, one])).values()];
}

/** What a reader makes of an answer, and why where it cannot read it. */
async function reading(answer: Answer | Reading, read: (answer: Answer) => Reading): Promise<Reading> {
  return Promise.resolve('state' in answer ? answer : read(answer));
}

/** Asks a host for what its scenarios need, in the order of the table. Each question is asked once; nothing is changed. */
export async function checkHost(needs: HostNeeds, executor: Executor): Promise<Check[]> {
  const { host, lab, scenarios } = needs;
  const what = `host ${host.id}`;
  const description = await executor.describe();
  const { os, user, shell } = description;
  const checks: Check[] = [
    checked(
      what,
      shell === host.shell
        ? { state: 'ok', text: `${os}, user ${user}, DefaultShell ${shell}` }
        : { state: 'missing', text: `DefaultShell is ${shell}, lab.yaml says ${host.shell}` },
      `set shell: ${shell}`,
    ),
  ];
  const marker = await executor.read(host.marker, 4096).catch(() => null);
  checks.push(
    checked(
      `${what}, lab marker`,
      marker !== null && markerNames(marker, lab.lab.name)
        ? { state: 'ok', text: host.marker }
        : { state: 'missing', text: `${host.marker} does not name lab ${lab.lab.name}` },
      `on a lab host, write the line "dyetrace-lab: ${lab.lab.name}" into it`,
    ),
    checkClock(`${what}, clock`, description),
  );
  const ask = asker(executor, shell);
  for (const probe of probes) {
    for (const subject of probe.subjects(needs)) {
      const found = await reading(await ask(probe.question), (answer) => probe.read(answer, subject, needs));
      const name = [probe.id, subject].filter((part, at) => at === 0 || part !== probe.id).join(' ');
      checks.push(checked(`${what}, ${name}`, found, probe.remedy(subject)));
    }
  }
  for (const prerequisite of ownPrerequisites(scenarios)) {
    const found = await reading(await ask(prerequisite.check), (answer) =>
      answer.exitCode === 0
        ? { state: 'ok', text: prerequisite.text }
        : { state: 'missing', text: `not so: ${prerequisite.text} (${words(answer)})` },
    );
    checks.push(checked(`${what}, ${prerequisite.id}`, found, prerequisite.remedy));
  }
  return checks;
}
