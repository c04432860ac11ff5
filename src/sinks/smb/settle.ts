import { randomUUID } from 'node:crypto';
import type { Endpoint } from '../../core/index.js';
import type { ReceiptBook } from '../receipt-book.js';
import type { SinkOptions } from '../types.js';
import { judgeDownload, judgeUpload, type Attempt, type Counts } from './attempt.js';
import { smbLogRecord, smbReceipt, type Transfer } from './receipt.js';
import type { Share } from './share.js';

export interface Settlement {
  readonly attempt: Attempt;
  readonly client: Endpoint;
  /** Payload of the connection that belongs to this transfer. */
  readonly share: Counts;
}

/** Turns an attempt that is over into its receipt. */
export interface Settler {
  settle(settlement: Settlement): void;
  /** Resolves when every receipt so far is written. @throws what writing one threw */
  settled(): Promise<void>;
}

/**
 * @param server where the sink listens, once it does
 * @param refuse notes content that was turned away
 */
export function settler(
  options: SinkOptions,
  share: Share,
  book: ReceiptBook,
  server: () => Endpoint,
  refuse: (client: Endpoint, what: string, reason: string) => void,
): Settler {
  let tail: Promise<void> = Promise.resolve();
  const failures: Error[] = [];

  const write = async ({ attempt, client, share: counts }: Settlement) => {
    const { file } = attempt;
    const received = attempt.received ?? '';
    const verdict =
      file.expected.direction === 'upload'
        ? judgeUpload(
            attempt,
            await share.inspect(received, file.expected.size),
            // Of the CREATE's own connection, whatever part of it an earlier receipt has.
            (attempt.closed?.counts.fromClient ?? Infinity) - attempt.fromClientBefore,
          )
        : judgeDownload(attempt, counts.toClient);
    const transfer: Transfer = {
      id: randomUUID(),
      sink: options.id,
      executionId: verdict.executionId,
      direction: file.expected.direction,
      fileName: file.expected.fileName,
      client,
      server: server(),
      bytesFromClient: counts.fromClient,
      bytesToClient: counts.toClient,
      size: verdict.size,
      sha256: verdict.sha256,
      error: verdict.error,
      firstByteAt: attempt.moved ? attempt.firstByteAt : null,
      lastByteAt: attempt.moved ? attempt.lastByteAt : null,
    };
    if (verdict.foreign)
      refuse(client, `CREATE ${file.expected.fileName}`, verdict.error ?? 'the content is no tracer');
    await book.publish(smbReceipt(transfer));
    const at = attempt.closed?.at ?? attempt.lastByteAt ?? options.clock.now();
    options.onLog(smbLogRecord(transfer, at, { user: options.account.user, share: options.share }));
    share.discard(file, received);
  };

  return {
    settle(settlement) {
      attemptDone(settlement.attempt, share);
      tail = tail
        .then(() => write(settlement))
        .catch((error: unknown) => {
          failures.push(error instanceof Error ? error : new Error(String(error)));
        });
    },
    async settled() {
      await tail;
      const [failure] = failures.splice(0);
      if (failure !== undefined) throw failure;
    },
  };
}

/** Counts the attempt as used where its CLOSE has not done so already. */
function attemptDone(attempt: Attempt, share: Share): void {
  clearTimeout(attempt.timer);
  attempt.received ??= share.retire(attempt.file);
}
