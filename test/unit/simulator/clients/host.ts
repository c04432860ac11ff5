import { systemClock } from '../../../../src/core/index.js';
import { activityBus, type Activity, type SimulatedProcess } from '../../../../src/simulator/activity.js';
import type { ClientHost } from '../../../../src/simulator/clients/index.js';

export const owner: SimulatedProcess = {
  pid: 4242,
  guid: '{00000000-0000-0000-0000-000000004242}',
  parent: null,
  image: 'C:\\client.exe',
  originalFileName: 'client.exe',
  commandLine: 'client.exe',
  currentDirectory: 'C:\\',
  user: 'WS01\\lab',
  startedAt: 0,
};

/** A host for clients alone, and what they report. */
export function clientHost(address: string): ClientHost & { readonly activities: Activity[] } {
  const activities: Activity[] = [];
  const bus = activityBus();
  bus.subscribe((activity) => activities.push(activity));
  return { address, bus, clock: systemClock, activities };
}

export function only<Kind extends Activity['kind']>(
  activities: readonly Activity[],
  kind: Kind,
): Extract<Activity, { kind: Kind }>[] {
  return activities.filter(
    (activity): activity is Extract<Activity, { kind: Kind }> => activity.kind === kind,
  );
}
