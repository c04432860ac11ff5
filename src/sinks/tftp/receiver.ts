import type { ContentFault } from '../content-meter.js';
import { netasciiDecoder } from './netascii.js';
import { tftpErrors, type TftpPacket } from './packet.js';
import { retransmitter } from './retransmit.js';
import type { Exchange, ExchangeOptions, TftpEnding } from './types.js';

const error = (code: number, message: string): TftpPacket => ({ kind: 'error', code, message });

function errorFor(fault: ContentFault): TftpPacket {
  const code = {
    'too-large': tftpErrors.diskFull,
    'not-tracer': tftpErrors.accessViolation,
    short: tftpErrors.undefined,
  };
  return error(code[fault.kind], fault.reason);
}

/**
 * Takes the DATA of a write request. Block numbers wrap from 65535 to 0. A block that is not the next one is not taken: the last
 * one in order is acknowledged again, once per gap (RFC 7440 §4), so that one lost block does not raise a storm of ACKs.
 */
export function receiver(options: ExchangeOptions): Exchange {
  const { socket, terms, meter, pace } = options;
  const decode = options.netascii ? netasciiDecoder() : (bytes: Buffer) => bytes;
  /** Blocks taken in order. */
  let taken = 0;
  let inWindow = 0;
  let unpaced = 0;
  let gapTold = false;
  let over = false;
  let delayed: NodeJS.Timeout | undefined;

  const end = (ending: TftpEnding, last: TftpPacket | null) => {
    if (over) return;
    over = true;
    clearTimeout(delayed);
    timer.stop();
    options.ended(ending, last);
  };
  const ack = (): TftpPacket => ({ kind: 'ack', block: taken & 0xffff });
  const acknowledge = () => {
    delayed = undefined;
    inWindow = 0;
    const first = taken === 0 && Object.keys(terms.acknowledged).length > 0;
    socket.send(first ? { kind: 'oack', options: terms.acknowledged } : ack());
  };
  const timer = retransmitter(terms.timeoutMs, acknowledge, () =>
    end({ kind: 'broken', reason: `no data from the client after block ${taken}` }, null),
  );
  const acknowledgeInPace = () => {
    const wait = pace(unpaced);
    unpaced = 0;
    if (wait < 1) {
      acknowledge();
      return;
    }
    timer.stop();
    delayed = setTimeout(() => {
      acknowledge();
      timer.reset();
    }, wait);
  };

  const take = (data: Buffer) => {
    taken += 1;
    inWindow += 1;
    unpaced += data.length;
    gapTold = false;
    timer.reset();
    const final = data.length < terms.blockSize;
    const fault = meter.add(decode(data)) ?? (final ? meter.end() : null);
    if (fault !== null) {
      end(
        fault.kind === 'short' ? { kind: 'broken', reason: fault.reason } : { kind: 'refused', fault },
        errorFor(fault),
      );
    } else if (final) {
      end({ kind: 'complete' }, ack());
    } else if (inWindow >= terms.windowSize) {
      acknowledgeInPace();
    }
  };
  const data = (block: number, bytes: Buffer) => {
    // An ACK that waits for the rate answers whatever is repeated meanwhile.
    if (delayed !== undefined) return;
    const ahead = (block - taken) & 0xffff;
    if (ahead === 1) {
      take(bytes);
    } else if (ahead === 0) {
      // A repeated last block: our ACK was lost. In the middle of a window none is due.
      if (taken > 0 && inWindow === 0) acknowledge();
    } else if (ahead < 0x8000 && !gapTold) {
      gapTold = true;
      acknowledge();
    }
  };

  return {
    start() {
      acknowledge();
      timer.reset();
    },
    packet(packet) {
      if (over) return;
      if (packet?.kind === 'data' && packet.data.length <= terms.blockSize) {
        data(packet.block, packet.data);
      } else if (packet?.kind === 'error') {
        end({ kind: 'broken', reason: `the client gave up: error ${packet.code} ${packet.message}` }, null);
      } else if (packet !== null && packet.kind !== 'wrq') {
        end(
          { kind: 'broken', reason: 'the client sent what is not TFTP data' },
          error(tftpErrors.illegal, 'Illegal TFTP operation'),
        );
      }
    },
    abort: (reason) => end({ kind: 'broken', reason }, error(tftpErrors.undefined, reason)),
  };
}
