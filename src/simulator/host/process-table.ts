import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom, type Clock } from '../../core/index.js';
import type { ActivityBus, SimulatedProcess } from '../activity.js';

export interface RunningProcess {
  readonly process: SimulatedProcess;
  /** Resolves with the exit code when the process has ended. Never rejects. */
  readonly ended: Promise<number>;
}

export interface ProcessStart {
  readonly parent: SimulatedProcess;
  readonly image: string;
  readonly originalFileName: string;
  readonly commandLine: string;
  readonly directory: string;
  /** The parent's, where absent. */
  readonly user?: string;
}

/** What a process does; resolves with its exit code. It has to come to an end when `signal` is aborted. */
export type ProcessBody = (process: SimulatedProcess, signal: AbortSignal) => Promise<number>;

export interface ProcessTable {
  /** PID 4: owner of the SMB redirector's sockets. */
  readonly system: SimulatedProcess;
  /** The service that SSH sessions come from; started at boot. */
  readonly sshd: SimulatedProcess;
  /** A PID that no process has; may have been another's before, as on Windows. */
  newPid(): number;
  /** A ProcessGuid in Sysmon's form. */
  newGuid(startedAt: number): string;
  start(request: ProcessStart, body: ProcessBody): RunningProcess;
  running(): readonly SimulatedProcess[];
  /** Ends a process and all that it started, directly or not. Resolves when they have ended. */
  terminateTree(root: SimulatedProcess): Promise<void>;
  /** Ends one process. @returns false where there is none with that PID */
  terminate(pid: number): boolean;
  terminateAll(): Promise<void>;
}

/** A body that does not heed its signal is given up after this long, in milliseconds. */
const graceMs = 2000;

/** Exit code that TerminateProcess is called with by taskkill and by job objects. */
const terminatedExitCode = 1;

export function processTable(options: {
  readonly computer: string;
  readonly seed: string;
  readonly clock: Clock;
  readonly bus: ActivityBus;
}): ProcessTable {
  const { clock, bus } = options;
  const random = seededRandom(`${options.seed}\nprocesses`);
  const machineId = createHash('sha256').update(options.computer).digest('hex').slice(0, 8);
  const live = new Map<number, { running: RunningProcess; controller: AbortController }>();
  const reserved = new Set<number>([0, 4]);
  let sequence = 0;

  function newPid(): number {
    for (;;) {
      // Windows' PIDs are multiples of four.
      const pid = 4 * (200 + random.integer(7000));
      if (!live.has(pid) && !reserved.has(pid)) return pid;
    }
  }
  // Machine, start time in seconds, then a running number: the layout that Sysmon's GUIDs show.
  function newGuid(startedAt: number): string {
    sequence += 1;
    const seconds = Math.floor(startedAt / 1000)
      .toString(16)
      .padStart(8, '0');
    const token = sequence.toString(16).padStart(8, '0');
    return `{${machineId}-${seconds.slice(4)}-${seconds.slice(0, 4)}-${token.slice(0, 4)}-${token.slice(4)}00000400}`;
  }
  function atBoot(pid: number, image: string, commandLine: string, parent: SimulatedProcess | null) {
    reserved.add(pid);
    const startedAt = clock.now() - 3_600_000;
    const process: SimulatedProcess = {
      pid,
      guid: newGuid(startedAt),
      parent,
      image,
      originalFileName: image.split('\\').at(-1) ?? image,
      commandLine,
      currentDirectory: 'C:\\Windows\\system32\\',
      user: 'NT AUTHORITY\\SYSTEM',
      startedAt,
    };
    return process;
  }
  const system = atBoot(4, 'System', '', null);
  const services = atBoot(
    724,
    'C:\\Windows\\System32\\services.exe',
    'C:\\Windows\\system32\\services.exe',
    null,
  );
  const openSsh = 'C:\\Windows\\System32\\OpenSSH\\sshd.exe';
  const sshd = atBoot(4 * (600 + random.integer(300)), openSsh, openSsh, services);

  function descendants(root: SimulatedProcess): number[] {
    const below = (process: SimulatedProcess | null): boolean =>
      process !== null && (process.guid === root.guid || below(process.parent));
    return [...live.values()]
      .map(({ running }) => running.process)
      .filter(below)
      .map((process) => process.pid);
  }
  async function endAll(pids: readonly number[]): Promise<void> {
    await Promise.all(
      pids.map(async (pid) => {
        const entry = live.get(pid);
        entry?.controller.abort();
        await entry?.running.ended;
      }),
    );
  }

  return {
    system,
    sshd,
    newPid,
    newGuid,
    start(request, body) {
      const startedAt = clock.now();
      const process: SimulatedProcess = {
        pid: newPid(),
        guid: newGuid(startedAt),
        parent: request.parent,
        image: request.image,
        originalFileName: request.originalFileName,
        commandLine: request.commandLine,
        currentDirectory: request.directory.endsWith('\\') ? request.directory : `${request.directory}\\`,
        user: request.user ?? request.parent.user,
        startedAt,
      };
      const controller = new AbortController();
      const { signal } = controller;
      async function run(): Promise<number> {
        const aborted = new Promise<number>((resolve) => {
          signal.addEventListener('abort', () => {
            void delay(graceMs, terminatedExitCode, { ref: false }).then(resolve);
          });
        });
        let exitCode: number;
        try {
          // It may have been ended before its first turn.
          exitCode = signal.aborted
            ? terminatedExitCode
            : await Promise.race([body(process, signal), aborted]);
        } catch {
          // Who starts a program prints what it threw; here only the process has to end.
          exitCode = 1;
        }
        if (signal.aborted) exitCode = terminatedExitCode;
        live.delete(process.pid);
        bus.emit({ kind: 'process-ended', at: clock.now(), process, exitCode });
        return exitCode;
      }
      bus.emit({ kind: 'process-started', at: startedAt, process });
      // The body starts in a later turn, so that the table knows the process before it does anything.
      const running: RunningProcess = { process, ended: Promise.resolve().then(run) };
      live.set(process.pid, { running, controller });
      return running;
    },
    running: () => [system, services, sshd, ...[...live.values()].map(({ running }) => running.process)],
    terminateTree: (root) => endAll(descendants(root)),
    terminate(pid) {
      const entry = live.get(pid);
      entry?.controller.abort();
      return entry !== undefined;
    },
    terminateAll: () => endAll([...live.keys()]),
  };
}
