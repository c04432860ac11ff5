/** Tells how long to wait after some bytes, in milliseconds, so that a rate is kept. */
export type Pace = (bytes: number) => number;

/**
 * A rate that all transfers of a sink share. The monotonic clock, not the wall's: a corrected wall clock must not stall a transfer.
 * @param bytesPerSecond undefined sets no limit
 */
export function pace(bytesPerSecond: number | undefined, now: () => number = () => performance.now()): Pace {
  if (bytesPerSecond === undefined) return () => 0;
  let free = now();
  return (bytes) => {
    const at = now();
    free = Math.max(free, at) + (bytes / bytesPerSecond) * 1000;
    return free - at;
  };
}
