import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  hasAllContent,
  isTransferOpen,
  judgeDownload,
  judgeUpload,
  newAttempt,
  wantedContent,
} from '../../../../src/sinks/smb/attempt.js';
import type { Share, SharedFile } from '../../../../src/sinks/smb/share.js';
import { expectDownload, expectUpload, testTracer } from '../../../helpers/sink-lab.js';

const tracer = testTracer('attempt', 5000);
const file = (direction: 'upload' | 'download'): SharedFile => ({
  expected: direction === 'upload' ? expectUpload(tracer) : expectDownload(tracer),
  path: '',
  used: 0,
  sha256: direction === 'upload' ? '' : tracer.sha256,
  received: '',
});
const start = { fromClient: 700, toClient: 900 };
const attempt = (direction: 'upload' | 'download', moved = true) => ({
  ...newAttempt(file(direction), start),
  moved,
});
const stored = (bytes: Buffer) => ({
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  head: bytes.subarray(0, 1024),
});

describe('isTransferOpen', () => {
  // Access masks as smbclient sends them, and those of MS-SMB2 2.2.13.1.1.
  it.each([
    ['put', 0x12019f, true, true],
    ['get', 0x120089, false, true],
    ['look at attributes', 0x80, false, false],
    ['set attributes', 0x100, false, false],
    ['delete', 0x10000, false, false],
    ['MAXIMUM_ALLOWED', 0x0200_0000, true, true],
    ['GENERIC_READ', 0x8000_0000, false, true],
    ['GENERIC_WRITE', 0x4000_0000, true, false],
    ['append', 0x4, true, false],
  ])('%s', (_, access, upload, download) => {
    expect(isTransferOpen(file('upload'), access)).toBe(upload);
    expect(isTransferOpen(file('download'), access)).toBe(download);
  });
});

describe('wantedContent', () => {
  it('tells a look from an attempt', () => {
    expect(wantedContent(0x80, 'open')).toBe(false);
    expect(wantedContent(0x120089, 'open')).toBe(true);
    expect(wantedContent(0x10000, 'open')).toBe(true);
    expect(wantedContent(0x80, 'create')).toBe(true);
  });
});

describe('hasAllContent', () => {
  const share = (size: number) => ({ sizeOf: () => size }) as unknown as Share;
  const sent = (bytes: number) => ({
    fromClient: start.fromClient + bytes,
    toClient: start.toClient + bytes,
  });

  it('needs the size on disk and as many bytes on the wire', () => {
    expect(hasAllContent(attempt('upload'), share(5000), sent(5200))).toBe(true);
    expect(hasAllContent(attempt('upload'), share(4999), sent(5200))).toBe(false);
    // The size was set, and the content never sent.
    expect(hasAllContent(attempt('upload'), share(5000), sent(900))).toBe(false);
    expect(hasAllContent(attempt('upload', false), share(5000), sent(5200))).toBe(false);
  });

  it('counts what a download has taken since its CREATE', () => {
    expect(hasAllContent(attempt('download'), share(0), sent(5200))).toBe(true);
    expect(hasAllContent(attempt('download'), share(0), sent(4999))).toBe(false);
    expect(hasAllContent(attempt('download', false), share(0), sent(5200))).toBe(false);
  });
});

describe('judgeUpload', () => {
  it('takes the tracer of the execution, whole', () => {
    expect(judgeUpload(attempt('upload'), stored(tracer.bytes), 5200)).toEqual({
      executionId: tracer.spec.execution,
      size: 5000,
      sha256: tracer.sha256,
      error: null,
      foreign: false,
    });
  });

  it.each([
    ['short', tracer.bytes.subarray(0, 4000), 4200, '4000 of 5000 bytes arrived', false],
    ['nothing', Buffer.alloc(0), 300, '0 of 5000 bytes arrived', false],
    ['a hole', tracer.bytes, 4000, 'only 4000 bytes were sent for 5000 bytes of content', false],
    ['no tracer', Buffer.alloc(5000, 'x'), 5200, 'the content is no tracer', true],
  ])('says what is wrong: %s', (_, bytes, fromClient, error, foreign) => {
    const verdict = judgeUpload(attempt('upload'), stored(bytes), fromClient);
    // The name tells the execution where the content does not.
    expect(verdict).toMatchObject({ executionId: tracer.spec.execution, error, foreign });
  });

  it("refuses another execution's tracer", () => {
    const other = testTracer('other', 5000);
    expect(judgeUpload(attempt('upload'), stored(other.bytes), 5200)).toMatchObject({
      executionId: other.spec.execution,
      error: `the tracer is that of execution ${other.spec.execution}`,
      foreign: true,
    });
  });

  it('keeps the error that ended it', () => {
    const broken = { ...attempt('upload'), error: 'the client broke the connection' };
    expect(judgeUpload(broken, stored(tracer.bytes), 5200).error).toBe('the client broke the connection');
  });
});

describe('judgeDownload', () => {
  it('is complete once as many bytes as the file has went out', () => {
    expect(judgeDownload(attempt('download'), 5200)).toMatchObject({
      size: 5000,
      error: null,
      sha256: tracer.sha256,
    });
    expect(judgeDownload(attempt('download'), 3000)).toMatchObject({
      size: 3000,
      error: 'at most 3000 of 5000 bytes were read',
    });
    expect(judgeDownload(attempt('download', false), 3000)).toMatchObject({ size: 0 });
  });
});
