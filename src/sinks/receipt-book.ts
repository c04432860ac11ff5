import { LabError } from '../core/index.js';
import type { Receipt } from './types.js';

/** Where the receipts of a sink go: on disk first, then to whoever iterates. */
export interface ReceiptBook {
  /**
   * Resolves when the receipt is on disk. A receipt whose id was published before supersedes that one.
   * @throws what `onReceipt` throws; the receipt is then not yielded
   */
  publish(receipt: Receipt): Promise<void>;
  /** All receipts so far in order, superseding ones included, and further ones until `close`. */
  receipts(): AsyncIterable<Receipt>;
  /** Ends every iteration after what is there. */
  close(): void;
}

/** @param onReceipt makes a receipt durable; calls are serialised, so that lines keep the order of `receipts()` */
export function receiptBook(onReceipt: (receipt: Receipt) => Promise<void>): ReceiptBook {
  const written: Receipt[] = [];
  let waiting: (() => void)[] = [];
  let closed = false;
  let tail: Promise<void> = Promise.resolve();
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  return {
    publish(receipt) {
      if (closed) {
        return Promise.reject(
          new LabError({
            code: 'sink-stopped',
            message: `receipt ${receipt.id} came after the sink stopped`,
          }),
        );
      }
      const done = tail.then(async () => {
        await onReceipt(receipt);
        written.push(receipt);
        wake();
      });
      tail = done.catch(() => undefined);
      return done;
    },
    async *receipts() {
      for (let next = 0; ; ) {
        const receipt = written[next];
        if (receipt !== undefined) {
          next += 1;
          yield receipt;
        } else if (closed) {
          return;
        } else {
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
      }
    },
    close() {
      closed = true;
      wake();
    },
  };
}
