import { describe, expect, it } from 'vitest';
import { negotiate } from '../../../../src/sinks/tftp/options.js';

describe('TFTP options', () => {
  it('are the RFC 1350 terms where none is asked for', () => {
    expect(negotiate({}, null)).toMatchObject({ blockSize: 512, windowSize: 1, acknowledged: {} });
  });

  it('acknowledge what is in force, with the size that is served', () => {
    const terms = negotiate({ blksize: '1024', tsize: '0', timeout: '3', windowsize: '8' }, 4711);
    expect(terms).toMatchObject({ blockSize: 1024, windowSize: 8, timeoutMs: 3000 });
    expect(terms.acknowledged).toEqual({ blksize: '1024', tsize: '4711', timeout: '3', windowsize: '8' });
  });

  it('leave out what is unknown or out of range (RFC 2347, 2348, 2349, 7440)', () => {
    const wrong = {
      blksize: '7',
      timeout: '256',
      windowsize: '0',
      tsize: '-1',
      multicast: '',
      rollover: '0',
    };
    expect(negotiate(wrong, 10)).toMatchObject({ blockSize: 512, windowSize: 1, acknowledged: {} });
    expect(negotiate({ blksize: '65465' }, null).acknowledged).toEqual({});
    expect(negotiate({ blksize: '65464' }, null).acknowledged).toEqual({ blksize: '65464' });
  });

  it('answer a window that no receive buffer holds with a smaller one', () => {
    const terms = negotiate({ blksize: '8192', windowsize: '65535' }, null);
    expect(terms.windowSize * terms.blockSize).toBeLessThanOrEqual(128 * 1024);
    expect(terms.acknowledged).toMatchObject({ windowsize: String(terms.windowSize) });
  });
});
