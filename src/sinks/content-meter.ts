import { createHash } from 'node:crypto';
import { rfc3339, type Clock } from '../core/index.js';
import { maxHeaderBytes, recogniseTracer } from '../tracer/index.js';
import type { ExpectedTransfer } from './types.js';

/** Why content is turned away. */
export interface ContentFault {
  readonly kind: 'not-tracer' | 'too-large' | 'short';
  readonly reason: string;
}

/** What a receipt says of the content, as it stands. */
export interface ContentMeasure {
  readonly size: number;
  readonly sha256: string;
  readonly firstByteAt: string | null;
  readonly lastByteAt: string | null;
}

/** Counts and hashes content as it passes; nothing is kept but the head. */
export interface ContentMeter {
  measure(): ContentMeasure;
  /** Execution that the header names, once it has been read. */
  executionId(): string | null;
  /** Counts the bytes, then says what is wrong with them, or null. */
  add(chunk: Buffer): ContentFault | null;
  /** To be called where the sender ended the content in order. */
  end(): ContentFault | null;
}

function counter(clock: Clock) {
  const hash = createHash('sha256');
  let size = 0;
  let first: number | null = null;
  let last: number | null = null;
  return {
    add(chunk: Buffer) {
      if (chunk.length === 0) return;
      last = clock.now();
      first ??= last;
      size += chunk.length;
      hash.update(chunk);
    },
    size: () => size,
    measure: (): ContentMeasure => ({
      size,
      sha256: hash.copy().digest('hex'),
      firstByteAt: first === null ? null : rfc3339(first),
      lastByteAt: last === null ? null : rfc3339(last),
    }),
  };
}

/**
 * Meters an upload, and checks that it is the tracer of one of the candidates.
 * @param candidates executions that may be sending; more than one only where the server names the file
 * @param identified called once the header has told which; false refuses it
 */
export function uploadMeter(
  candidates: readonly ExpectedTransfer[],
  clock: Clock,
  identified: (expected: ExpectedTransfer) => boolean = () => true,
): ContentMeter {
  const count = counter(clock);
  let head = Buffer.alloc(0);
  let execution: string | null = null;
  let expected = candidates.length === 1 ? candidates[0] : undefined;
  const limit = () => expected?.size ?? Math.max(0, ...candidates.map((one) => one.size));
  const noTracer = (): ContentFault => ({ kind: 'not-tracer', reason: 'the content is not a tracer' });
  const identify = (): ContentFault | null => {
    const identity = recogniseTracer(head);
    if (identity === null) return head.length >= maxHeaderBytes ? noTracer() : null;
    execution = identity.execution.toLowerCase();
    expected = candidates.find((one) => one.executionId === execution);
    if (expected === undefined) {
      return {
        kind: 'not-tracer',
        reason: `the tracer belongs to execution ${execution}, which is not expected here`,
      };
    }
    return identified(expected)
      ? null
      : { kind: 'not-tracer', reason: `execution ${execution} has been received` };
  };
  return {
    measure: count.measure,
    executionId: () => execution,
    add(chunk) {
      count.add(chunk);
      if (execution === null) {
        head = Buffer.concat([head, chunk.subarray(0, maxHeaderBytes - head.length)]);
        const fault = identify();
        if (fault !== null) return fault;
      }
      return count.size() > limit()
        ? { kind: 'too-large', reason: `more than the ${limit()} bytes that the plan names` }
        : null;
    },
    end() {
      if (count.size() === 0) return { kind: 'short', reason: 'no content arrived' };
      if (execution === null) return noTracer();
      return count.size() < limit()
        ? { kind: 'short', reason: `the content ended after ${count.size()} of ${limit()} bytes` }
        : null;
    },
  };
}

/** Meters a download: its content is ours, so that only the size is checked at the end. */
export function downloadMeter(expected: ExpectedTransfer, clock: Clock): ContentMeter {
  const count = counter(clock);
  return {
    measure: count.measure,
    executionId: () => expected.executionId,
    add(chunk) {
      count.add(chunk);
      return null;
    },
    end: () =>
      count.size() === expected.size
        ? null
        : { kind: 'short', reason: `${count.size()} of ${expected.size} bytes were served` },
  };
}
