import type { RunEvent } from '../runner/index.js';
import type { Terminal } from './terminal.js';

/** A run's progress: one replaced line on a terminal, one plain line per step elsewhere. All on standard error. */
export function progress(terminal: Terminal): (event: RunEvent) => void {
  let ended = 0;
  let started = 0;
  const step = (text: string) => {
    if (terminal.interactive) terminal.status(text);
    else terminal.err(text);
  };
  return (event) => {
    switch (event.kind) {
      case 'phase':
        step(`${event.phase}: ${event.text}`);
        break;
      case 'execution-started':
        started++;
        if (terminal.interactive)
          terminal.status(
            `execute: ${ended} done, ${started - ended} running: ${event.scenario} on ${event.host}`,
          );
        break;
      case 'execution-ended':
        ended++;
        if (event.error !== null) terminal.err(`${event.scenario} on ${event.host}: ${event.error}`);
        else if (!terminal.interactive) terminal.err(`done: ${event.scenario} on ${event.host}`);
        break;
      case 'connect-retry':
        terminal.err(`connecting to ${event.host}, attempt ${event.attempt} failed: ${event.error}`);
        break;
      case 'refusal':
        terminal.err(
          `sink ${event.refusal.sink} refused ${event.refusal.what} from ${event.refusal.client.ip}: ${event.refusal.reason}`,
        );
        break;
      case 'waiting':
        terminal.status(`collect: ${event.text}`);
        break;
      case 'receipt':
        break;
    }
  };
}
