import { describe, expect, it } from 'vitest';
import { fixedClock } from '../../../../src/core/index.js';
import { activityBus, type Activity, type SimulatedProcess } from '../../../../src/simulator/activity.js';
import { processTable } from '../../../../src/simulator/host/process-table.js';

const at = Date.parse('2026-11-24T18:45:12.500Z');

function table(seed = 'seed') {
  const activities: Activity[] = [];
  const bus = activityBus();
  bus.subscribe((activity) => activities.push(activity));
  return { activities, processes: processTable({ computer: 'WS01', seed, clock: fixedClock(at), bus }) };
}

const request = (parent: SimulatedProcess) => ({
  parent,
  image: 'C:\\x.exe',
  originalFileName: 'x.exe',
  commandLine: 'x.exe',
  directory: 'C:\\work',
});
const untilAborted = (signal: AbortSignal): Promise<number> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(0), { once: true }));

describe('the process table', () => {
  it('gives System PID 4, and others multiples of four that nobody has', () => {
    const { processes } = table();
    expect(processes.system.pid).toBe(4);
    const started = Array.from({ length: 500 }, () =>
      processes.start(request(processes.sshd), (_, signal) => untilAborted(signal)),
    );
    const pids = [...processes.running()].map((process) => process.pid);
    expect(new Set(pids).size).toBe(pids.length);
    expect(pids.every((pid) => pid % 4 === 0)).toBe(true);
    expect(started).toHaveLength(500);
  });

  it('makes GUIDs that carry the machine and the start in seconds, as Sysmon’s do', () => {
    const { processes } = table();
    const guids = [processes.newGuid(at), processes.newGuid(at)];
    const seconds = Math.floor(at / 1000).toString(16);
    const [, machine, low, high] = /^\{([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-/.exec(guids[0] ?? '') ?? [];
    expect(`${high ?? ''}${low ?? ''}`).toBe(seconds);
    expect(machine).toHaveLength(8);
    expect(guids[0]).not.toBe(guids[1]);
    expect(guids[0]).toMatch(/^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/);
  });

  it('reports start and end, with the exit code', async () => {
    const { processes, activities } = table();
    const running = processes.start(request(processes.sshd), () => Promise.resolve(7));
    expect(await running.ended).toBe(7);
    expect(activities).toEqual([
      { kind: 'process-started', at, process: running.process },
      { kind: 'process-ended', at, process: running.process, exitCode: 7 },
    ]);
    expect(running.process.user).toBe('NT AUTHORITY\\SYSTEM');
    expect(running.process.currentDirectory).toBe('C:\\work\\');
  });

  it('ends a tree, also below a parent that has ended, and nothing beside it', async () => {
    const { processes, activities } = table();
    const root = processes.start(request(processes.sshd), (_, signal) => untilAborted(signal));
    const middle = processes.start(request(root.process), () => Promise.resolve(0));
    await middle.ended;
    const orphan = processes.start(request(middle.process), (_, signal) => untilAborted(signal));
    const beside = processes.start(request(processes.sshd), (_, signal) => untilAborted(signal));
    await processes.terminateTree(root.process);
    const ended = activities.flatMap((one) =>
      one.kind === 'process-ended' ? [[one.process.pid, one.exitCode]] : [],
    );
    expect(Object.fromEntries(ended)).toEqual({
      [middle.process.pid]: 0,
      [root.process.pid]: 1,
      [orphan.process.pid]: 1,
    });
    expect(processes.running()).toContain(beside.process);
    await processes.terminateAll();
  });

  it('ends a process whose body throws', async () => {
    const { processes } = table();
    const running = processes.start(request(processes.sshd), () => Promise.reject(new Error('crash')));
    expect(await running.ended).toBe(1);
    expect(processes.running()).not.toContain(running.process);
  });
});
