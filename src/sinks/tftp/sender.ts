import { messageOf } from '../../core/index.js';
import type { ExpectedTransfer } from '../types.js';
import { blocksOf, type Block } from './blocks.js';
import { tftpErrors, type TftpPacket } from './packet.js';
import { retransmitter } from './retransmit.js';
import type { Exchange, ExchangeOptions, TftpEnding } from './types.js';

/**
 * Serves the DATA of a read request. Block numbers wrap from 65535 to 0. Only an ACK that acknowledges something new moves the
 * window, a repeated one is ignored and time alone repeats DATA: no Sorcerer's Apprentice (RFC 1123 §4.2.3.1).
 */
export function sender(options: ExchangeOptions, expected: ExpectedTransfer): Exchange {
  const { socket, terms, meter, pace } = options;
  const blocks = blocksOf(expected.content?.() ?? [], terms.blockSize, options.netascii);
  /** Blocks that the client has. */
  let acknowledged = 0;
  let window: Block[] = [];
  let lastRead = false;
  let awaitsOack = Object.keys(terms.acknowledged).length > 0;
  let busy = false;
  let over = false;
  let delayed: NodeJS.Timeout | undefined;

  const end = (ending: TftpEnding, last: TftpPacket | null) => {
    if (over) return;
    over = true;
    clearTimeout(delayed);
    timer.stop();
    void blocks.return(undefined);
    options.ended(ending, last);
  };
  const sendWindow = () => {
    for (const [index, { data }] of window.entries()) {
      socket.send({ kind: 'data', block: (acknowledged + 1 + index) & 0xffff, data });
    }
  };
  const repeat = () => {
    if (awaitsOack) socket.send({ kind: 'oack', options: terms.acknowledged });
    else sendWindow();
  };
  const timer = retransmitter(terms.timeoutMs, repeat, () =>
    end({ kind: 'broken', reason: `the client acknowledged nothing after block ${acknowledged}` }, null),
  );
  const fill = async (): Promise<number> => {
    let bytes = 0;
    while (window.length < terms.windowSize && !lastRead) {
      const next = await blocks.next();
      if (next.done === true || over) return bytes;
      lastRead = next.value.data.length < terms.blockSize;
      bytes += next.value.data.length;
      window.push(next.value);
      meter.add(next.value.content);
    }
    return bytes;
  };
  const advance = async (): Promise<void> => {
    busy = true;
    timer.stop();
    const wait = pace(await fill());
    const go = () => {
      busy = false;
      if (over) return;
      sendWindow();
      timer.reset();
    };
    if (wait < 1) go();
    else delayed = setTimeout(go, wait);
  };
  const proceed = () => {
    advance().catch((error: unknown) => {
      const reason = `the content could not be read: ${messageOf(error)}`;
      end({ kind: 'broken', reason }, { kind: 'error', code: tftpErrors.undefined, message: reason });
    });
  };
  const finish = () => {
    const fault = meter.end();
    end(fault === null ? { kind: 'complete' } : { kind: 'broken', reason: fault.reason }, null);
  };
  const ack = (block: number) => {
    if (busy) return;
    if (awaitsOack) {
      if (block !== 0) return;
      awaitsOack = false;
      proceed();
      return;
    }
    const newly = (block - acknowledged) & 0xffff;
    if (newly === 0 || newly > window.length) return;
    acknowledged += newly;
    window = window.slice(newly);
    if (lastRead && window.length === 0) finish();
    else proceed();
  };

  return {
    start() {
      if (!awaitsOack) {
        proceed();
        return;
      }
      repeat();
      timer.reset();
    },
    packet(packet) {
      if (over) return;
      if (packet?.kind === 'ack') {
        ack(packet.block);
      } else if (packet?.kind === 'error') {
        end({ kind: 'broken', reason: `the client gave up: error ${packet.code} ${packet.message}` }, null);
      } else if (packet !== null && packet.kind !== 'rrq') {
        end(
          { kind: 'broken', reason: 'the client sent what is not a TFTP acknowledgement' },
          { kind: 'error', code: tftpErrors.illegal, message: 'Illegal TFTP operation' },
        );
      }
    },
    abort: (reason) =>
      end({ kind: 'broken', reason }, { kind: 'error', code: tftpErrors.undefined, message: reason }),
  };
}
