import type { Clock } from '../core/index.js';
import type { FaultHooks, ShippedRecord } from './types.js';

/** Takes records from sensors and gateways to the SIEM. */
export interface Forwarder {
  readonly ship: (record: ShippedRecord) => void;
  /** Delivers at once what the ordinary delay holds back. What a fault delays further stays. */
  readonly flush: () => void;
  /** Records that have not been delivered yet. */
  readonly pending: () => number;
  /** Flushes and ends; what a fault still holds never arrives, nor does what is shipped afterwards. Idempotent. */
  readonly stop: () => void;
}

export interface ForwarderOptions {
  /** The SIEM's door. It gets the record as the SIEM stores it, after the `ingest` hooks. */
  readonly deliver: (record: ShippedRecord) => void;
  /** Ordinary delay in milliseconds. Default 200. */
  readonly delayMs?: number;
  readonly faults: readonly FaultHooks[];
  readonly clock: Clock;
}

interface Held {
  readonly record: ShippedRecord;
  readonly due: number;
  readonly late: boolean;
}

/** setTimeout takes no more: 2³¹ - 1 ms. */
const longestTimerMs = 2_147_483_647;

/** Records arrive in the order in which they were shipped, except those that a fault delays. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { clock, faults, delayMs = 200 } = options;
  // Two queues, each in order of its due times as long as its delays are equal; late ones are sorted in.
  const punctual: Held[] = [];
  const late: Held[] = [];
  let timer: NodeJS.Timeout | undefined;
  let timerDue = Infinity;
  let stopped = false;

  function deliver(record: ShippedRecord): void {
    options.deliver(
      faults.reduce(
        (altered, fault) => (fault.ingest === undefined ? altered : fault.ingest(altered)),
        record,
      ),
    );
  }

  function release(queue: Held[], isDue: (held: Held) => boolean): void {
    let count = 0;
    for (const held of queue) {
      if (!isDue(held)) break;
      count += 1;
    }
    for (const held of queue.splice(0, count)) deliver(held.record);
  }

  function schedule(): void {
    const next = Math.min(punctual[0]?.due ?? Infinity, late[0]?.due ?? Infinity);
    if (stopped || next >= timerDue) return;
    clearTimeout(timer);
    timerDue = next;
    // At least one millisecond: a clock that stands still must not spin.
    const wait = Math.min(Math.max(next - clock.now(), 1), longestTimerMs);
    timer = setTimeout(() => {
      timerDue = Infinity;
      const now = clock.now();
      release(punctual, (held) => held.due <= now);
      release(late, (held) => held.due <= now);
      schedule();
    }, wait);
    timer.unref();
  }

  function flush(): void {
    release(punctual, () => true);
  }

  return {
    ship(shipped) {
      if (stopped) return;
      let record = shipped;
      let extraMs = 0;
      for (const fault of faults) {
        if (fault.forward === undefined) continue;
        const passed = fault.forward(record);
        if (passed === null) return;
        record = passed.record;
        extraMs += passed.delayMs ?? 0;
      }
      const held = { record, due: clock.now() + delayMs + extraMs, late: extraMs > 0 };
      if (held.late) {
        const index = late.findLastIndex((other) => other.due <= held.due) + 1;
        late.splice(index, 0, held);
      } else {
        punctual.push(held);
      }
      schedule();
    },
    flush,
    pending: () => punctual.length + late.length,
    stop() {
      if (stopped) return;
      flush();
      stopped = true;
      clearTimeout(timer);
      late.length = 0;
    },
  };
}
