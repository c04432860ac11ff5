/**
 * An AbortSignal that SIGINT and SIGTERM raise. The first asks the run to stop and clean up; a second SIGINT ends the process at
 * once, and `dyetrace cleanup` does the rest from the journal.
 */
export function interruptSignal(onFirst: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    onFirst();
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
