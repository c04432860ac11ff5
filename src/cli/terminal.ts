import type { WriteStream } from 'node:tty';

/** What a command writes to: results on standard output, progress and errors on standard error. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** A line that the next one replaces, on a terminal; on anything else nothing. */
  status(text: string): void;
  readonly colour: boolean;
  readonly width: number;
  readonly interactive: boolean;
}

/** NO_COLOR (no-color.org) and FORCE_COLOR are heeded; otherwise colour is for terminals alone. */
function wantsColour(stream: { readonly isTTY?: boolean }): boolean {
  if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false;
  if (process.env['FORCE_COLOR'] !== undefined && process.env['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY === true && process.env['TERM'] !== 'dumb';
}

export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  const interactive = (stderr as Partial<WriteStream>).isTTY === true;
  let statusShown = false;
  const clearStatus = () => {
    if (statusShown) stderr.write('\r\u001B[K');
    statusShown = false;
  };
  return {
    out: (text) => {
      clearStatus();
      stdout.write(`${text}\n`);
    },
    err: (text) => {
      clearStatus();
      stderr.write(`${text}\n`);
    },
    status: (text) => {
      if (!interactive) return;
      const width = (stderr as Partial<WriteStream>).columns ?? 80;
      stderr.write(`\r\u001B[K${text.slice(0, width - 1)}`);
      statusShown = true;
    },
    colour: wantsColour(stdout),
    width: (stdout as Partial<WriteStream>).columns ?? 100,
    interactive,
  };
}
