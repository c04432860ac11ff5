import type { Readable, Writable } from 'node:stream';

/** Standard input. Children share their parent's, so that what one leaves unread the next one finds. */
export interface Input {
  /** The next line without its line break, or null at the end. */
  readLine(): Promise<string | null>;
  readAll(): Promise<Buffer>;
}

/** Standard output or error. */
export interface Output {
  write(chunk: string | Buffer): Promise<void>;
}

export const emptyInput: Input = {
  readLine: () => Promise.resolve(null),
  readAll: () => Promise.resolve(Buffer.alloc(0)),
};

export const discard: Output = { write: () => Promise.resolve() };

/** Input from a stream; it ends when the stream does or `signal` is aborted. */
export function streamInput(stream: Readable, signal: AbortSignal): Input {
  let pending = Buffer.alloc(0);
  let ended = signal.aborted;
  let wake = (): void => undefined;
  const end = (): void => {
    ended = true;
    wake();
  };
  stream.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    wake();
  });
  for (const event of ['end', 'close', 'error']) stream.once(event, end);
  signal.addEventListener('abort', end, { once: true });
  const more = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  return {
    async readLine() {
      for (;;) {
        const at = pending.indexOf(0x0a);
        if (at >= 0) {
          const line = pending.subarray(0, at).toString('utf8');
          pending = pending.subarray(at + 1);
          return line.replace(/\r$/, '');
        }
        if (ended) {
          const rest = pending.toString('utf8');
          pending = Buffer.alloc(0);
          return rest === '' ? null : rest;
        }
        await more();
      }
    },
    async readAll() {
      while (!ended) await more();
      const all = pending;
      pending = Buffer.alloc(0);
      return all;
    },
  };
}

/** Input that is already there: a file or the left side of a pipe. */
export function bufferInput(content: Buffer): Input {
  let rest = content;
  return {
    readLine() {
      if (rest.length === 0) return Promise.resolve(null);
      const at = rest.indexOf(0x0a);
      const line = at < 0 ? rest : rest.subarray(0, at);
      rest = at < 0 ? Buffer.alloc(0) : rest.subarray(at + 1);
      return Promise.resolve(line.toString('utf8').replace(/\r$/, ''));
    },
    readAll() {
      const all = rest;
      rest = Buffer.alloc(0);
      return Promise.resolve(all);
    },
  };
}

/** Output to a stream; resolves when the chunk was taken, or when `gone` says that nobody will take it. */
export function streamOutput(stream: Writable, gone: AbortSignal): Output {
  return {
    write: (chunk) =>
      new Promise((resolve) => {
        if (gone.aborted || stream.destroyed || stream.writableEnded) {
          resolve();
          return;
        }
        const done = (): void => {
          gone.removeEventListener('abort', done);
          resolve();
        };
        // ssh2 never calls back for a channel that the other side has closed.
        gone.addEventListener('abort', done, { once: true });
        stream.write(chunk, done);
      }),
  };
}

/** Output that is kept, for pipes and tests. */
export function bufferOutput(): Output & { content(): Buffer } {
  const chunks: Buffer[] = [];
  return {
    write(chunk) {
      chunks.push(Buffer.from(chunk));
      return Promise.resolve();
    },
    content: () => Buffer.concat(chunks),
  };
}
