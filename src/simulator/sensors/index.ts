import type { Clock } from '../../core/index.js';
import type { Activity } from '../activity.js';
import type { FaultHooks, ShippedRecord } from '../types.js';
import type { SensorHost } from './draft.js';
import { createEventLog, windowsSensors } from './event-log.js';
import { type WevtutilResult, wevtutilOver } from './wevtutil.js';
import { winlogbeatRecord } from './winlogbeat.js';
import { zeekSensor } from './zeek.js';

/** Everything that watches one host. */
export interface Sensors {
  /** Takes in what happened. Never throws. */
  readonly sense: (activity: Activity) => void;
  /** Answers `wevtutil.exe` from the host's own event log. */
  readonly wevtutil: (args: readonly string[]) => WevtutilResult;
  /** Writes the flows that are still open. */
  readonly finish: () => void;
}

/** Name of the network sensor: one for all hosts of the lab. */
const networkSensor = 'zeek';

/** The Windows sensors with their event log and shipper, and the network sensor, of one host. */
export function createSensors(options: {
  readonly host: SensorHost;
  readonly faults: readonly FaultHooks[];
  readonly clock: Clock;
  readonly ship: (record: ShippedRecord) => void;
}): Sensors {
  const { host, faults, clock, ship } = options;
  const log = createEventLog(host, faults);
  const windows = windowsSensors(host, log, (event) => ship(winlogbeatRecord(event)));
  const network = zeekSensor({ sensor: networkSensor, faults, ship });
  return {
    sense(activity) {
      windows(activity);
      network(activity);
    },
    wevtutil: wevtutilOver(log, clock),
    finish: () => network.finish(clock.now()),
  };
}
