import { open, type FileHandle } from 'node:fs/promises';

/**
 * An NDJSON file whose lines are on disk (fsync) when `append` resolves. Appends are serialised in the order of the calls.
 */
export class DurableLog {
  readonly path: string;
  #handle: Promise<FileHandle>;
  #tail: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(path: string) {
    this.path = path;
    this.#handle = open(path, 'a');
    // Whoever appends sees the failure; it must not also be an unhandled rejection meanwhile.
    this.#handle.catch(() => undefined);
  }

  append(record: object): Promise<void> {
    const line = `${JSON.stringify(record)}\n`;
    const written = this.#tail.then(async () => {
      const handle = await this.#handle;
      await handle.appendFile(line);
      await handle.datasync();
    });
    this.#tail = written.catch(() => undefined);
    return written;
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#tail.then(async () => {
      const handle = await this.#handle;
      await handle.close();
    });
    return this.#closed;
  }
}
