import { createHash } from 'node:crypto';
import { seededRandom } from '../core/index.js';
import type { Activity, SimulatedProcess } from './activity.js';
import { everyday, type Session } from './background/everyday.js';
import { nearMisses } from './background/near-misses.js';
import { createWorld } from './background/world.js';

export interface BackgroundOptions {
  readonly computer: string;
  readonly seed: string;
  /** Events that the sensors write of what lies before `at`, at least. */
  readonly events: number;
  /** When the host starts, ms since the epoch: the hour before it is filled, and `duringMs` after it. */
  readonly at: number;
  /** System and services.exe of the host; absent: the background has its own. */
  readonly boot?: { readonly system: SimulatedProcess; readonly services: SimulatedProcess };
}

const hourMs = 3_600_000;
/** Longest session. */
const sessionMs = 120_000;
/** How long the ordinary goes on after the start. */
const duringMs = 600_000;

/** Records that the sensors of this room make of an activity, at least. */
function recordsOf(activity: Activity): number {
  switch (activity.kind) {
    case 'process-started':
    case 'process-ended':
    case 'socket-opened':
      return 2;
    case 'tftp-request':
    case 'prevented':
      return 0;
    default:
      return 1;
  }
}

function defaultBoot(computer: string, bootedAt: number) {
  const machine = createHash('sha256').update(computer).digest('hex').slice(0, 8);
  const system: SimulatedProcess = {
    pid: 4,
    guid: `{${machine}-0000-0000-eb03-000000000000}`,
    parent: null,
    image: 'System',
    originalFileName: '-',
    commandLine: '',
    currentDirectory: '',
    user: 'NT AUTHORITY\\SYSTEM',
    startedAt: bootedAt,
  };
  const services: SimulatedProcess = {
    ...system,
    pid: 724,
    guid: `{${machine}-0000-0000-ec03-000000000000}`,
    image: 'C:\\Windows\\System32\\services.exe',
    originalFileName: 'services.exe',
    commandLine: 'C:\\Windows\\system32\\services.exe',
    currentDirectory: 'C:\\Windows\\system32\\',
  };
  return { system, services };
}

/**
 * What ordinarily happens on a host: browsing, updates, scheduled tasks, PowerShell administration, shares, FTP, a backup. It
 * depends on its options alone. Nothing in it fires AN1169 with the default parameters, though some comes near: large but
 * inbound, outbound but small, large and outbound but by an unfiltered program or another protocol.
 * @returns activities in order of time
 */
export function backgroundActivities(options: BackgroundOptions): Activity[] {
  const { computer, at } = options;
  const random = seededRandom(`${options.seed}\nbackground\n${computer}`);
  const boot = options.boot ?? defaultBoot(computer, at - hourMs);
  const world = createWorld({
    computer,
    random,
    address: `10.20.1.${10 + random.integer(200)}`,
    boot,
  });
  const { activities } = world;
  const from = at - hourMs;
  const span = hourMs - sessionMs;
  for (const [times, session] of nearMisses) {
    for (let count = 0; count < times; count++) session(world, from + random.integer(span));
  }

  const total = everyday.reduce((sum, [weight]) => sum + weight, 0);
  function ordinary(): Session {
    let ticket = random.integer(total);
    for (const [weight, session] of everyday) {
      if (ticket < weight) return session;
      ticket -= weight;
    }
    return random.pick(everyday)[1];
  }

  let records = 0;
  let counted = 0;
  let sessions = 0;
  const count = () => {
    for (; counted < activities.length; counted++) {
      const activity = activities[counted];
      if (activity !== undefined) records += recordsOf(activity);
    }
    return records;
  };
  for (; count() < options.events; sessions++) ordinary()(world, from + random.integer(span));
  // The same pace after the start.
  const further = Math.round((sessions * duringMs) / span);
  for (let session = 0; session < further; session++) ordinary()(world, at + random.integer(duringMs));
  return activities.sort((a, b) => a.at - b.at);
}
