import { describe, expect, it } from 'vitest';
import { fixedClock, InputError, LabError } from '../../../src/core/index.js';
import { bindAddress, bindFailure } from '../../../src/sinks/bind.js';
import { uploadMeter } from '../../../src/sinks/content-meter.js';
import { expectations } from '../../../src/sinks/expectations.js';
import { clientGate, printable } from '../../../src/sinks/gate.js';
import { gatewayRecord } from '../../../src/sinks/gateway-log.js';
import { pace } from '../../../src/sinks/pace.js';
import { receiptBook } from '../../../src/sinks/receipt-book.js';
import type { Receipt } from '../../../src/sinks/types.js';
import { expectUpload, testTracer } from '../../helpers/sink-lab.js';

const tracer = testTracer('shared', 2000);
const clock = fixedClock('2026-11-24T18:45:12.000Z');

describe('addresses', () => {
  it('are bound exactly, never as a wildcard', () => {
    expect(bindAddress('s', '127.0.2.1')).toBe('127.0.2.1');
    for (const wrong of ['0.0.0.0', '::', '0:0::0', '::ffff:0.0.0.0', 'localhost', '']) {
      expect(() => bindAddress('s', wrong), wrong).toThrow(InputError);
    }
  });

  it.each(['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'EWHATEVER'])(
    '%s names address and port, and a remedy',
    (code) => {
      const error = bindFailure(Object.assign(new Error('x'), { code }), {
        sink: 's',
        transport: 'TCP',
        address: '127.0.2.1',
        port: 21,
      });
      expect(error).toBeInstanceOf(LabError);
      expect(error.remedy).toMatch(/127\.0\.2\.1.*21|21.*127\.0\.2\.1/);
    },
  );

  it('are compared in canonical form', () => {
    const served = clientGate(['127.0.1.1', '0:0:0:0:0:0:0:1']);
    expect(['127.0.1.1', '::ffff:127.0.1.1', '::1'].map(served)).toEqual([true, true, true]);
    expect(['127.0.1.2', '', 'x'].map(served)).toEqual([false, false, false]);
  });
});

describe('expectations', () => {
  it('find a name in any spelling, or the execution id in it', () => {
    const plan = expectations([expectUpload(tracer)]);
    const { execution } = tracer.spec;
    for (const name of [
      tracer.fileName.toUpperCase(),
      `C:\\x\\${tracer.fileName}`,
      `/${execution.toUpperCase()}.TMP`,
    ]) {
      expect(plan.find('upload', name), name).toBeDefined();
    }
    expect(plan.find('download', tracer.fileName)).toBeUndefined();
    expect(plan.find('upload', `\u001b[2J ${tracer.fileName}`)).toBeUndefined();
    expect(plan.find('upload', `x${tracer.fileName}`)).toBeUndefined();
  });

  it('count attempts', () => {
    const plan = expectations([expectUpload(tracer, { times: 2 })]);
    const admit = () => 'expected' in plan.admit('upload', tracer.fileName);
    expect([admit(), admit(), admit()]).toEqual([true, true, false]);
  });
});

describe('upload meter', () => {
  const meter = () => uploadMeter([expectUpload(tracer)], clock);

  it('knows a tracer however it is cut', () => {
    for (const size of [1, 7, 500, 2000]) {
      const one = meter();
      for (let at = 0; at < 2000; at += size)
        expect(one.add(tracer.bytes.subarray(at, at + size))).toBeNull();
      expect(one.end()).toBeNull();
      expect(one.measure()).toEqual({
        size: 2000,
        sha256: tracer.sha256,
        firstByteAt: '2026-11-24T18:45:12.000Z',
        lastByteAt: '2026-11-24T18:45:12.000Z',
      });
    }
  });

  it('turns away what is no tracer as soon as the head is there', () => {
    expect(meter().add(Buffer.alloc(1024))).toMatchObject({ kind: 'not-tracer' });
    const small = meter();
    expect(small.add(Buffer.from('payroll'))).toBeNull();
    expect(small.end()).toMatchObject({ kind: 'not-tracer' });
    expect(meter().add(testTracer('another', 2000).bytes)).toMatchObject({ kind: 'not-tracer' });
  });

  it('turns away more, and marks less, than the plan names', () => {
    const one = meter();
    expect(one.add(tracer.bytes)).toBeNull();
    expect(one.add(Buffer.alloc(1))).toMatchObject({ kind: 'too-large' });
    const short = meter();
    short.add(tracer.bytes.subarray(0, 1999));
    expect(short.end()).toMatchObject({ kind: 'short' });
    expect(meter().end()).toMatchObject({ kind: 'short' });
  });
});

describe('pace', () => {
  it('spreads bytes over time, and forgets idle time', () => {
    let now = 0;
    const wait = pace(1000, () => now);
    expect(wait(500)).toBe(500);
    expect(wait(500)).toBe(1000);
    now = 5000;
    expect(wait(100)).toBe(100);
    expect(pace(undefined)(10 ** 9)).toBe(0);
  });
});

describe('receipt book', () => {
  const receipt = (id: string) => ({ id }) as Receipt;

  it('yields a receipt only once it is on disk, in order, until it is closed', async () => {
    const disk: string[] = [];
    const book = receiptBook(async ({ id }) => {
      await Promise.resolve();
      if (id === 'bad') throw new Error('disk full');
      disk.push(id);
    });
    const reading = (async () => {
      const seen: string[] = [];
      for await (const { id } of book.receipts()) {
        expect(disk).toContain(id);
        seen.push(id);
      }
      return seen;
    })();
    const results = await Promise.allSettled(['a', 'bad', 'b', 'a'].map((id) => book.publish(receipt(id))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    book.close();
    expect(await reading).toEqual(['a', 'b', 'a']);
    await expect(book.publish(receipt('late'))).rejects.toThrow(LabError);
  });
});

describe('gateway log', () => {
  it('has the ECS shape that readers of it know', () => {
    const record = gatewayRecord({
      at: clock.now(),
      sink: 'ftp-1',
      protocol: 'ftp',
      transport: 'tcp',
      action: 'write',
      outcome: 'success',
      client: { ip: '127.0.1.1', port: 40000 },
      server: { ip: '127.0.2.1', port: 21 },
      user: 'dyetrace',
      file: { name: 'a.dat', size: 7, sha256: 'ff' },
      details: { command: 'STOR', reply_code: 226 },
    });
    expect(record).toEqual({
      '@timestamp': '2026-11-24T18:45:12.000Z',
      event: { module: 'dyetrace_sink', dataset: 'dyetrace_sink.ftp', action: 'write', outcome: 'success' },
      observer: { type: 'server', name: 'ftp-1' },
      source: { ip: '127.0.1.1', port: 40000 },
      destination: { ip: '127.0.2.1', port: 21 },
      network: { protocol: 'ftp', transport: 'tcp' },
      file: { name: 'a.dat', size: 7, hash: { sha256: 'ff' } },
      user: { name: 'dyetrace' },
      ftp: { command: 'STOR', reply_code: 226 },
    });
  });

  it('shows a peer’s text without control characters, and not without end', () => {
    expect(printable('a\u001b[2Jb\r\nc')).toBe('a?[2Jb??c');
    expect(printable('x'.repeat(5000)).length).toBeLessThan(300);
  });
});
