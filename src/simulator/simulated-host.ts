import { activityBus } from './activity.js';
import { backgroundActivities } from './background.js';
import { createWindowsHost } from './host/index.js';
import { createSensors } from './sensors/index.js';
import type { SimulatedHost, SimulatedHostOptions } from './types.js';

/** How often the ordinary activity of the host goes on, in milliseconds. */
const paceMs = 250;

/**
 * A simulated Windows host: an SSH server that runs command lines as Windows would, real sockets, and the sensors that watch
 * both. What happens on it is reported on one bus; sensors, their faults and the ordinary activity around it know nothing else.
 */
export function createSimulatedHost(options: SimulatedHostOptions): SimulatedHost {
  const { clock, faults } = options;
  const bus = activityBus();
  const sensors = createSensors({
    host: { computer: options.name, address: options.address },
    faults,
    clock,
    ship: options.ship,
  });
  bus.subscribe(sensors.sense);
  const host = createWindowsHost({ ...options, bus, wevtutil: sensors.wevtutil });
  const { system, sshd } = host.processes;
  let timer: NodeJS.Timeout | undefined;
  let finished = false;

  function liveOn(): void {
    const activities = backgroundActivities({
      computer: options.name,
      seed: options.seed,
      events: options.backgroundEvents,
      at: clock.now(),
      boot: { system, services: sshd.parent ?? system },
    });
    let next = 0;
    const catchUp = () => {
      const now = clock.now();
      for (let activity = activities[next]; activity !== undefined && activity.at <= now; ) {
        sensors.sense(activity);
        next += 1;
        activity = activities[next];
      }
    };
    catchUp();
    timer = setInterval(catchUp, paceMs);
    timer.unref();
  }

  return {
    start() {
      if (options.backgroundEvents > 0) liveOn();
      return host.start();
    },
    async stop() {
      clearInterval(timer);
      await host.stop();
      if (finished) return;
      finished = true;
      sensors.finish();
    },
  };
}
