import { describe, expect, it } from 'vitest';
import type { Activity, SimulatedProcess } from '../../../src/simulator/activity.js';
import { backgroundActivities } from '../../../src/simulator/background.js';
import { fixedClock } from '../../../src/core/index.js';
import { createSensors } from '../../../src/simulator/sensors/index.js';
import type { ShippedRecord } from '../../../src/simulator/types.js';
import { at } from './hand-made.js';

const options = { computer: 'WS01', seed: 'seed', events: 5000, at };
const activities = backgroundActivities(options);

type Closed = Extract<Activity, { kind: 'socket-closed' }>;
const flows = activities.filter((activity): activity is Closed => activity.kind === 'socket-closed');
const started = activities.flatMap((activity) =>
  activity.kind === 'process-started' ? [activity.process] : [],
);

const filter = ['powershell.exe', 'cmd.exe', 'rundll32.exe'];
const imageOf = ({ image }: SimulatedProcess) => image.slice(image.lastIndexOf('\\') + 1).toLowerCase();
function initiator(process: SimulatedProcess | null): SimulatedProcess | null {
  if (process === null || filter.includes(imageOf(process))) return process;
  return initiator(process.parent);
}

/** Everything that a filtered process names: its command line and its scripts. */
const texts = new Map(started.map((process) => [process, process.commandLine]));
for (const activity of activities) {
  if (activity.kind !== 'script-block') continue;
  texts.set(activity.process, `${texts.get(activity.process) ?? ''}\n${activity.text}`);
}
const suspects = started.filter((process) => filter.includes(imageOf(process)));
/** Images of filtered processes that name an address. */
function named(ip: string): string[] {
  const naming = suspects.filter((process) => texts.get(process)?.includes(ip) === true);
  return [...new Set(naming.map(imageOf))];
}

describe('background', () => {
  it('depends on its options alone', () => {
    expect(backgroundActivities(options)).toEqual(activities);
    const other = backgroundActivities({ ...options, seed: 'another' });
    expect(other).not.toEqual(activities);
  });

  it('gives the sensors at least the events that were asked for, before the start', () => {
    for (const events of [1, 300, 5000]) {
      const shipped: ShippedRecord[] = [];
      const sensors = createSensors({
        host: { computer: 'WS01', address: '127.0.1.1' },
        faults: [],
        clock: fixedClock(at),
        ship: (record) => shipped.push(record),
      });
      const before = backgroundActivities({ ...options, events }).filter((activity) => activity.at <= at);
      for (const activity of before) sensors.sense(activity);
      expect(shipped.length).toBeGreaterThanOrEqual(events);
      expect(shipped.length).toBeLessThan(events * 1.5 + 250);
    }
  });

  it('is spread over the hour, goes on after the start, and is in order', () => {
    const times = activities.map((activity) => activity.at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (let quarter = 0; quarter < 4; quarter++) {
      const from = at - 3_600_000 + quarter * 900_000;
      const count = times.filter((time) => time >= from && time < from + 900_000).length;
      expect(count / times.length).toBeGreaterThan(0.1);
    }
    expect(times.filter((time) => time > at).length).toBeGreaterThan(100);
  });

  it('has processes that start once, after their parents, and end after their sockets opened', () => {
    expect(new Set(started.map(({ guid }) => guid)).size).toBe(started.length);
    const ends = new Map(
      activities.flatMap((activity) =>
        activity.kind === 'process-ended' ? [[activity.process.guid, activity.at] as const] : [],
      ),
    );
    for (const process of started) {
      expect(process.parent?.startedAt).toBeLessThanOrEqual(process.startedAt);
      expect(ends.get(process.guid)).toBeGreaterThan(process.startedAt);
    }
    for (const { socket } of flows) {
      expect(socket.openedAt).toBeGreaterThanOrEqual(socket.owner.startedAt);
      expect(socket.openedAt).toBeLessThan(ends.get(socket.owner.guid) ?? Infinity);
    }
  });

  it('uses the ordinary network and documentation addresses only', () => {
    for (const { socket } of flows) {
      expect(socket.local.ip).toMatch(/^10\.20\.1\.\d+$/);
      expect(socket.remote.ip).toMatch(/^(10\.20\.0|192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$/);
    }
  });

  it('fires on nothing: no initiator reaches a threshold at any destination', () => {
    const services = { ftp: 'ftp', 'ftp-data': 'ftp', smb: 'smb', tftp: 'tftp', ssl: 'ftp' } as const;
    const sums = new Map<string, { out: number; in: number }>();
    for (const { socket, bytesSent, bytesReceived } of flows) {
      if (socket.service === null) continue;
      // SMB belongs to System: whoever names the server is suspected of all of it.
      const owner = initiator(socket.owner);
      const by = socket.owner.pid === 4 ? named(socket.remote.ip) : owner === null ? [] : [imageOf(owner)];
      for (const image of by) {
        const key = [image, socket.remote.ip, services[socket.service]].join(' ');
        const sum = sums.get(key) ?? { out: 0, in: 0 };
        sums.set(key, { out: sum.out + bytesSent, in: sum.in + bytesReceived });
      }
    }
    expect([...sums.keys()].map((key) => key.split(' ')[2]).sort()).toEqual(
      expect.arrayContaining(['ftp', 'smb', 'tftp']),
    );
    for (const sum of sums.values()) {
      expect(sum.out).toBeLessThan(10 * 2 ** 20);
      const unbalanced = sum.out / (sum.out + sum.in) >= 0.9 && sum.out >= 10 * 2 ** 10;
      expect(unbalanced).toBe(false);
    }
  });

  it('comes near on every side', () => {
    const of = (pick: (flow: Closed) => boolean) => flows.filter(pick).length;
    const filtered = ({ socket }: Closed) => initiator(socket.owner) !== null;
    const service = ({ socket }: Closed) => socket.service;
    const mib = 2 ** 20;
    // Large but inbound.
    expect(
      of((flow) => filtered(flow) && service(flow) === 'ftp-data' && flow.bytesReceived > 10 * mib),
    ).toBeGreaterThan(0);
    // Outbound but small.
    expect(
      of((flow) => filtered(flow) && service(flow) === 'ftp-data' && flow.bytesSent > flow.bytesReceived),
    ).toBeGreaterThan(0);
    expect(of((flow) => filtered(flow) && service(flow) === 'tftp')).toBeGreaterThanOrEqual(2);
    // Large and outbound, but another protocol, or by a program that the filter does not name.
    expect(
      of((flow) => filtered(flow) && service(flow) === null && flow.bytesSent > 10 * mib),
    ).toBeGreaterThan(0);
    expect(
      of((flow) => !filtered(flow) && service(flow) === 'ftp-data' && flow.bytesSent > 10 * mib),
    ).toBeGreaterThan(0);
    expect(of((flow) => service(flow) === 'smb' && flow.bytesSent > 10 * mib)).toBeGreaterThan(0);
    expect(started.filter((process) => imageOf(process) === 'robocopy.exe').map(initiator)).toEqual(
      started.filter((process) => imageOf(process) === 'robocopy.exe').map(() => null),
    );
  });

  it('takes the processes since boot from the host', () => {
    const boot = {
      system: { ...started[0], pid: 4, image: 'System', guid: '{own}' } as SimulatedProcess,
      services: { ...started[0], pid: 724 } as SimulatedProcess,
    };
    const own = backgroundActivities({ ...options, events: 300, boot });
    const owners = own.flatMap((activity) =>
      activity.kind === 'socket-opened' && activity.socket.service === 'smb' ? [activity.socket.owner] : [],
    );
    expect(new Set(owners.map(({ guid }) => guid))).toEqual(new Set(['{own}']));
  });
});
