import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../core/index.js';
import type { ContentFault, ContentMeter } from '../content-meter.js';
import type { Pace } from '../pace.js';
import type { ExpectedTransfer } from '../types.js';

/** How the content of a transfer ended: in order, turned away, or broken. */
export type Ending =
  | { readonly kind: 'complete' }
  | { readonly kind: 'refused'; readonly fault: ContentFault }
  | { readonly kind: 'broken'; readonly reason: string };

export interface MoveOptions {
  readonly socket: Socket;
  readonly meter: ContentMeter;
  readonly pace: Pace;
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

const broken = (reason: string): Ending => ({ kind: 'broken', reason });

function ending(fault: ContentFault | null): Ending {
  if (fault === null) return { kind: 'complete' };
  return fault.kind === 'short' ? broken(fault.reason) : { kind: 'refused', fault };
}

/** Ends the socket with a reason where nothing moves for the idle time, or the signal aborts. @returns undo */
function guard({ socket, idleTimeoutMs, signal }: MoveOptions): () => void {
  const idle = () => socket.destroy(new Error(`no data for ${idleTimeoutMs} ms`));
  const aborted = () => socket.destroy(new Error(messageOf(signal.reason)));
  socket.setTimeout(idleTimeoutMs);
  socket.on('timeout', idle);
  signal.addEventListener('abort', aborted, { once: true });
  if (signal.aborted) aborted();
  return () => {
    socket.off('timeout', idle);
    signal.removeEventListener('abort', aborted);
    // A peer that never closes its side must not hold the socket.
    socket.destroy();
  };
}

/** Waits as the rate asks; meanwhile the socket is not read and its idle time stands still. */
async function throttle({ socket, pace, idleTimeoutMs, signal }: MoveOptions, bytes: number): Promise<void> {
  const wait = pace(bytes);
  if (wait <= 0) return;
  socket.setTimeout(0);
  await delay(wait, undefined, { signal });
  socket.setTimeout(idleTimeoutMs);
}

/** Reads content until the sender closes. Nothing is stored. */
export async function receive(options: MoveOptions): Promise<Ending> {
  const { socket, meter, signal } = options;
  const release = guard(options);
  try {
    for await (const chunk of socket) {
      const fault = meter.add(chunk as Buffer);
      if (fault !== null) return ending(fault);
      await throttle(options, (chunk as Buffer).length);
    }
    return ending(meter.end());
  } catch (error) {
    return broken(messageOf(signal.aborted ? signal.reason : error));
  } finally {
    release();
  }
}

function write(socket: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(chunk, (error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}

/** Sends content and closes. Complete only when the receiver has closed its side in order as well. */
export async function send(options: MoveOptions, expected: ExpectedTransfer): Promise<Ending> {
  const { socket, meter, signal } = options;
  const release = guard(options);
  try {
    // What a receiver sends on a download's connection is counted and dropped; its end is what is waited for.
    socket.resume();
    for await (const chunk of expected.content?.() ?? []) {
      await write(socket, chunk);
      meter.add(chunk);
      await throttle(options, chunk.length);
    }
    const closed = socket.closed ? Promise.resolve() : once(socket, 'close', { signal });
    socket.end();
    await closed;
    return socket.errored === null ? ending(meter.end()) : broken(messageOf(socket.errored));
  } catch (error) {
    return broken(messageOf(signal.aborted ? signal.reason : error));
  } finally {
    release();
  }
}
