import type { Activity } from '../activity.js';
import type { FaultHooks, WindowsEvent } from '../types.js';
import type { EventDraft, SensorHost } from './draft.js';
import { channels } from './event-manifest.js';
import { defenderEvents, powershellSensor } from './powershell.js';
import { securityEvents } from './security.js';
import { sysmonEvents } from './sysmon.js';

/** The event logs of one host, by channel. */
export interface EventLog {
  readonly channels: readonly string[];
  /** @returns undefined where there is no such channel; names are compared without case. */
  events(channel: string): readonly WindowsEvent[] | undefined;
  /** Numbers an event and keeps it, unless a fault loses it. */
  write(draft: EventDraft): WindowsEvent | null;
}

/** @param faults `windowsEvent` hooks alter or lose an event before it is kept. */
export function createEventLog(host: SensorHost, faults: readonly FaultHooks[]): EventLog {
  const logs = new Map(channels.map((name) => [name.toLowerCase(), [] as WindowsEvent[]]));
  return {
    channels,
    events: (channel) => logs.get(channel.toLowerCase()),
    write(draft) {
      const log = logs.get(draft.channel.toLowerCase());
      if (log === undefined) throw new RangeError(`no channel ${draft.channel}`);
      let event: WindowsEvent | null = { ...draft, recordId: log.length + 1, computer: host.computer };
      for (const fault of faults) {
        if (event === null) break;
        if (fault.windowsEvent !== undefined) event = fault.windowsEvent(event);
      }
      if (event !== null) log.push(event);
      return event;
    },
  };
}

/** Listens to a host's activity and writes what its Windows sensors see of it. */
export function windowsSensors(
  host: SensorHost,
  log: EventLog,
  onEvent: (event: WindowsEvent) => void,
): (activity: Activity) => void {
  const powershell = powershellSensor(host);
  return (activity) => {
    const drafts = [
      ...sysmonEvents(host, activity),
      ...securityEvents(host, activity),
      ...powershell(activity),
      ...defenderEvents(activity),
    ];
    for (const draft of drafts) {
      const event = log.write(draft);
      if (event !== null) onEvent(event);
    }
  };
}
