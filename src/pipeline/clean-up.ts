import { existsSync } from 'node:fs';
import { resolveLab, type Lab } from '../config/index.js';
import { InputError, systemClock, systemCode, type Clock } from '../core/index.js';
import type { Executor } from '../executors/index.js';
import {
  cleanUp,
  openEffects,
  openJournal,
  readJournal,
  type CleanUpResult,
  type JournalLine,
} from '../runner/index.js';
import { endLeftServer } from '../sinks/index.js';
import { connector } from './run.js';
import { readPlan, type RunFolder } from './run-folder.js';

/** A simulated host ends with the process that held it; its disk is a local directory of the journal, which goes as one. */
function goneHost(): Executor {
  const gone = () => Promise.reject(new Error('the simulated host has ended'));
  return {
    run: () =>
      Promise.resolve({
        exitCode: 0,
        stdout: '',
        stderr: '',
        startedAt: 0,
        endedAt: 0,
        ended: 'exit',
        truncated: false,
      }),
    stage: gone,
    read: gone,
    describe: gone,
    makeDirectory: () => Promise.resolve(false),
    remove: () => Promise.resolve(),
    removeDirectory: () => Promise.resolve(),
    endProcesses: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function hostsOf(lines: readonly JournalLine[]): string[] {
  const hosts = lines.flatMap((line) =>
    line.state === 'intent' && 'host' in line.effect ? [line.effect.host] : [],
  );
  return [...new Set(hosts)];
}

/**
 * Undoes what a run left on hosts, sinks and this machine, from its journal alone, also after kill -9. The lab file gives the
 * way to the hosts; scope and authorisation may have ended meanwhile.
 * @param lab null for a run on the embedded lab
 * @throws InputError where the run has no journal, or the lab file is needed and absent
 */
export async function cleanUpRun(
  folder: RunFolder,
  lab: Lab | null,
  clock: Clock = systemClock,
): Promise<CleanUpResult> {
  const lines = await readJournal(folder.journal).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new InputError({
      code: 'no-journal',
      message: `${folder.path} has no journal`,
      where: { file: folder.journal },
      remedy: 'name the folder of a run',
    });
  });
  const effects = openEffects(lines);
  const ids = lines.flatMap((line) => ('id' in line ? [line.id] : []));
  const journal = openJournal(folder.journal, clock, Math.max(0, ...ids) + 1);
  const sessions = new Map<string, Promise<Executor>>();
  // Clean-up reaches the hosts that the journal names, whatever the scope says today.
  const resolved =
    lab === null ? null : await resolveLab({ ...lab, scope: { ...lab.scope, hosts: hostsOf(lines) } });
  const connect = resolved === null ? null : connector(resolved, () => undefined);
  try {
    return await cleanUp(effects, journal, {
      executor(host) {
        const session =
          sessions.get(host) ?? (connect === null ? Promise.resolve(goneHost()) : connect(host));
        sessions.set(host, session);
        return session;
      },
      endLeftServer,
    });
  } finally {
    for (const session of sessions.values())
      await session.then((executor) => executor.close()).catch(() => undefined);
    await journal.close();
  }
}

/**
 * Whether a run was one on the embedded lab. A run that was killed before its plan was written has touched no host, so there is
 * nothing for which a lab file would be needed.
 */
export async function isSimulated(folder: RunFolder): Promise<boolean> {
  if (!existsSync(folder.plan)) return true;
  return (await readPlan(folder)).run.simulated;
}
