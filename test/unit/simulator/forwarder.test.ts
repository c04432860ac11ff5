import { describe, expect, it, vi, beforeEach, afterEach } from 'vitest';
import { systemClock } from '../../../src/core/index.js';
import { createForwarder } from '../../../src/simulator/forwarder.js';
import type { FaultHooks, ShippedRecord } from '../../../src/simulator/types.js';

const record = (number: number, source = 'winlogbeat'): ShippedRecord => ({
  source,
  host: 'WS01',
  at: 0,
  record: { number },
});

function start(faults: readonly FaultHooks[] = [], delayMs = 200) {
  const arrived: ShippedRecord[] = [];
  const forwarder = createForwarder({
    deliver: (shipped) => arrived.push(shipped),
    delayMs,
    faults,
    clock: systemClock,
  });
  return { forwarder, arrived, numbers: () => arrived.map((shipped) => shipped.record['number']) };
}

describe('forwarder', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('delivers after its delay, in order', () => {
    const { forwarder, numbers } = start();
    forwarder.ship(record(1));
    vi.advanceTimersByTime(150);
    forwarder.ship(record(2));
    expect(numbers()).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(numbers()).toEqual([1]);
    vi.advanceTimersByTime(150);
    expect(numbers()).toEqual([1, 2]);
    expect(forwarder.pending()).toBe(0);
  });

  it('flushes at once, and stops for good', () => {
    const { forwarder, numbers } = start();
    forwarder.ship(record(1));
    forwarder.flush();
    expect(numbers()).toEqual([1]);
    forwarder.ship(record(2));
    forwarder.stop();
    forwarder.stop();
    expect(numbers()).toEqual([1, 2]);
    forwarder.ship(record(3));
    vi.advanceTimersByTime(10_000);
    expect(numbers()).toEqual([1, 2]);
  });

  it('lets faults lose, change and delay records', () => {
    const faults: FaultHooks[] = [
      { forward: (shipped) => (shipped.record['number'] === 1 ? null : { record: shipped }) },
      {
        forward: (shipped) =>
          shipped.record['number'] === 2 ? { record: shipped, delayMs: 5000 } : { record: shipped },
      },
      { ingest: (shipped) => ({ ...shipped, record: { ...shipped.record, stored: true } }) },
    ];
    const { forwarder, arrived, numbers } = start(faults);
    for (const number of [1, 2, 3]) forwarder.ship(record(number));
    vi.advanceTimersByTime(200);
    expect(arrived).toMatchObject([{ record: { number: 3, stored: true } }]);
    forwarder.flush();
    expect(numbers()).toEqual([3]);
    expect(forwarder.pending()).toBe(1);
    vi.advanceTimersByTime(5000);
    expect(numbers()).toEqual([3, 2]);
  });

  it('never delivers what a fault still holds when it stops', () => {
    const { forwarder, numbers } = start([{ forward: (shipped) => ({ record: shipped, delayMs: 600_000 }) }]);
    forwarder.ship(record(1));
    forwarder.stop();
    vi.advanceTimersByTime(700_000);
    expect(numbers()).toEqual([]);
    expect(forwarder.pending()).toBe(0);
  });

  it('sorts late records by when they are due', () => {
    const late = (shipped: ShippedRecord) => ({
      record: shipped,
      delayMs: 1000 * Number(shipped.record['number']),
    });
    const { forwarder, numbers } = start([{ forward: late }], 0);
    for (const number of [3, 1, 2]) forwarder.ship(record(number));
    vi.advanceTimersByTime(2000);
    expect(numbers()).toEqual([1, 2]);
    vi.advanceTimersByTime(1000);
    expect(numbers()).toEqual([1, 2, 3]);
  });
});
