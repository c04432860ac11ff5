import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fixedClock } from '../../../../src/core/index.js';
import { downloadMeter, uploadMeter } from '../../../../src/sinks/content-meter.js';
import { negotiate } from '../../../../src/sinks/tftp/options.js';
import type { TftpOptions, TftpPacket } from '../../../../src/sinks/tftp/packet.js';
import { receiver } from '../../../../src/sinks/tftp/receiver.js';
import { sender } from '../../../../src/sinks/tftp/sender.js';
import type { TftpEnding } from '../../../../src/sinks/tftp/types.js';
import { expectDownload, expectUpload, testTracer } from '../../../helpers/sink-lab.js';

const tracer = testTracer('exchange', 5 * 512 + 100);
const clock = fixedClock('2026-11-24T18:45:12.000Z');
const block = (number: number): TftpPacket => ({
  kind: 'data',
  block: number,
  data: tracer.bytes.subarray((number - 1) * 512, number * 512),
});
const ack = (number: number): TftpPacket => ({ kind: 'ack', block: number });

let sent: TftpPacket[];
let ended: [TftpEnding, TftpPacket | null][];
const common = (options: TftpOptions) => ({
  socket: { send: (packet: TftpPacket) => void sent.push(packet) },
  terms: negotiate(options, null),
  netascii: false,
  pace: () => 0,
  ended: (ending: TftpEnding, last: TftpPacket | null) => void ended.push([ending, last]),
});
const takeSent = () => sent.splice(0);

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  ended = [];
});
afterEach(() => vi.useRealTimers());

describe('receiver', () => {
  const start = (options: TftpOptions = {}) => {
    const exchange = receiver({ ...common(options), meter: uploadMeter([expectUpload(tracer)], clock) });
    exchange.start();
    return exchange;
  };

  it('acknowledges in lock step, and a repeated block again', () => {
    const exchange = start();
    exchange.packet(block(1));
    exchange.packet(block(1));
    exchange.packet(block(2));
    expect(sent).toEqual([ack(0), ack(1), ack(1), ack(2)]);
  });

  it('leaves the last ACK to who has the receipt written', () => {
    const exchange = start();
    for (let number = 1; number <= 6; number++) exchange.packet(block(number));
    expect(sent.at(-1)).toEqual(ack(5));
    expect(ended).toEqual([[{ kind: 'complete' }, ack(6)]]);
  });

  it('acknowledges a window once, and a gap once (RFC 7440 §4)', () => {
    const exchange = start({ windowsize: '3' });
    expect(takeSent()).toEqual([{ kind: 'oack', options: { windowsize: '3' } }]);
    for (const number of [1, 2, 3]) exchange.packet(block(number));
    expect(takeSent()).toEqual([ack(3)]);
    // Block 4 is lost.
    for (const number of [5, 6]) exchange.packet(block(number));
    expect(takeSent()).toEqual([ack(3)]);
    for (const number of [4, 5, 6]) exchange.packet(block(number));
    expect(ended).toEqual([[{ kind: 'complete' }, ack(6)]]);
  });

  it('repeats its last ACK on time, five times, then gives up', () => {
    const exchange = start({ timeout: '2' });
    exchange.packet(block(1));
    takeSent();
    vi.advanceTimersByTime(10_000);
    expect(takeSent()).toEqual([ack(1), ack(1), ack(1), ack(1), ack(1)]);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(2000);
    expect(ended).toMatchObject([[{ kind: 'broken' }, null]]);
  });

  it('answers an ACK, which it must never get, with error 4', () => {
    start().packet(ack(1));
    expect(ended).toMatchObject([[{ kind: 'broken' }, { kind: 'error', code: 4 }]]);
  });
});

describe('sender', () => {
  const start = async (options: TftpOptions = {}) => {
    const expected = expectDownload(tracer);
    const exchange = sender({ ...common(options), meter: downloadMeter(expected, clock) }, expected);
    exchange.start();
    await vi.advanceTimersByTimeAsync(0);
    return async (packet: TftpPacket) => {
      exchange.packet(packet);
      await vi.advanceTimersByTimeAsync(0);
    };
  };

  it('sends no block twice for an ACK that came twice (Sorcerer’s Apprentice)', async () => {
    const give = await start();
    expect(takeSent()).toEqual([block(1)]);
    await give(ack(1));
    await give(ack(1));
    await give(ack(1));
    expect(takeSent()).toEqual([block(2)]);
    for (const number of [2, 3, 4, 5, 6]) await give(ack(number));
    expect(ended).toEqual([[{ kind: 'complete' }, null]]);
  });

  it('waits for ACK 0 of its OACK, and repeats only on time', async () => {
    const give = await start({ windowsize: '2' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(takeSent()).toEqual(
      Array.from({ length: 2 }, () => ({ kind: 'oack', options: { windowsize: '2' } })),
    );
    await give(ack(0));
    expect(takeSent()).toEqual([block(1), block(2)]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(takeSent()).toEqual([block(1), block(2)]);
    // The second block was lost: the window starts again after the first.
    await give(ack(1));
    expect(takeSent()).toEqual([block(2), block(3)]);
  });

  it('is not complete where the last ACK never comes', async () => {
    const give = await start({ windowsize: '6' });
    await give(ack(0));
    await vi.advanceTimersByTimeAsync(7000);
    expect(ended).toMatchObject([
      [{ kind: 'broken', reason: 'the client acknowledged nothing after block 0' }, null],
    ]);
  });
});
