import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolveLab, type Lab, type LabSink, type ResolvedLab } from '../config/index.js';
import { DyetraceError, messageOf, systemClock } from '../core/index.js';
import { fetchHostKey, type Executor } from '../executors/index.js';
import { markerNames, scopeOf } from '../safety/index.js';
import { loadScenarios, matchesGlob } from '../scenario/index.js';
import { connector } from './run.js';

export interface Check {
  readonly what: string;
  readonly state: 'ok' | 'missing' | 'could not look';
  readonly text: string;
  readonly remedy: string | null;
}

const ok = (what: string, text: string): Check => ({ what, state: 'ok', text, remedy: null });

function failed(what: string, error: unknown): Check {
  const remedy = error instanceof DyetraceError ? (error.remedy ?? null) : null;
  return { what, state: 'could not look', text: messageOf(error), remedy };
}

/** The host keys that SSH servers offer now. To be compared with the hosts' own before they are pinned in lab.yaml. */
export async function showHostKeys(lab: Lab): Promise<{ host: string; hostKey: string }[]> {
  const { hosts } = await resolveLab(lab);
  const keys: { host: string; hostKey: string }[] = [];
  for (const host of hosts) {
    if (host.executor.kind === 'ssh')
      keys.push({ host: host.id, hostKey: await fetchHostKey(host.address, host.executor.port) });
  }
  return keys;
}

/** Binds a sink's port and lets it go again. */
async function bindable(sink: LabSink): Promise<void> {
  if (sink.protocol === 'tftp') {
    const socket = createSocket(sink.address.includes(':') ? 'udp6' : 'udp4');
    socket.bind(sink.port, sink.address);
    await once(socket, 'listening');
    socket.close();
    return;
  }
  const server = createServer();
  server.listen(sink.port, sink.address);
  await once(server, 'listening');
  server.close();
}

async function checkSink(sink: LabSink): Promise<Check> {
  const what = `sink ${sink.id}`;
  try {
    await bindable(sink);
    return ok(what, `${sink.address}:${sink.port} can be bound`);
  } catch (error) {
    return {
      what,
      state: 'missing',
      text: messageOf(error),
      remedy: `free ${sink.address}:${sink.port}, or give the sink another port`,
    };
  }
}

async function checkHost(lab: ResolvedLab, id: string, executor: Executor): Promise<Check[]> {
  const what = `host ${id}`;
  const host = lab.hosts.find((candidate) => candidate.id === id);
  if (host === undefined) return [];
  const checks: Check[] = [];
  const { os, user, shell } = await executor.describe();
  checks.push(
    shell === host.shell
      ? ok(what, `${os}, user ${user}, DefaultShell ${shell}`)
      : {
          what,
          state: 'missing',
          text: `DefaultShell is ${shell}, lab.yaml says ${host.shell}`,
          remedy: `set shell: ${shell}`,
        },
  );
  const marker = await executor.read(host.marker, 4096).catch(() => null);
  checks.push(
    marker !== null && markerNames(marker, lab.lab.name)
      ? ok(`${what}, lab marker`, host.marker)
      : {
          what: `${what}, lab marker`,
          state: 'missing',
          text: `${host.marker} does not name lab ${lab.lab.name}`,
          remedy: `on a lab host, write the line "dyetrace-lab: ${lab.lab.name}" into it`,
        },
  );
  const scenarios = (await loadScenarios()).filter((scenario) =>
    host.scenarios.some((glob) => matchesGlob(scenario.id, glob)),
  );
  const prerequisites = new Map(
    scenarios.flatMap((scenario) =>
      scenario.prerequisites.map((prerequisite) => [prerequisite.id, prerequisite]),
    ),
  );
  for (const prerequisite of prerequisites.values()) {
    const result = await executor.run(prerequisite.check, { timeoutMs: 30_000 });
    checks.push(
      result.exitCode === 0
        ? ok(`${what}, ${prerequisite.id}`, prerequisite.text)
        : {
            what: `${what}, ${prerequisite.id}`,
            state: 'missing',
            text: `not so: ${prerequisite.text}`,
            remedy: prerequisite.remedy,
          },
    );
  }
  return checks;
}

/** Checks what a run needs: authorisation, hosts, markers, prerequisites, sinks. Changes nothing. */
export async function doctor(lab: Lab): Promise<Check[]> {
  const resolved = await resolveLab(lab);
  const scope = scopeOf(resolved);
  const checks: Check[] = [];
  try {
    scope.time(systemClock.now());
    checks.push(ok('authorisation', `by ${lab.authorisation.by} until ${lab.authorisation.until}`));
  } catch (error) {
    checks.push(failed('authorisation', error));
  }
  const connect = connector(resolved, () => undefined);
  for (const host of resolved.hosts) {
    let executor: Executor | undefined;
    try {
      executor = await connect(host.id);
      checks.push(...(await checkHost(resolved, host.id, executor)));
    } catch (error) {
      checks.push(failed(`host ${host.id}`, error));
    } finally {
      await executor?.close().catch(() => undefined);
    }
  }
  for (const sink of resolved.sinks) checks.push(await checkSink(sink));
  return checks;
}
