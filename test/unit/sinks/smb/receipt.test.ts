import { describe, expect, it } from 'vitest';
import { smbLogRecord, smbReceipt } from '../../../../src/sinks/smb/receipt.js';
import { receiptSchema } from '../../../../src/sinks/types.js';

const transfer = {
  id: 'r1',
  sink: 'smb-1',
  executionId: 'd0000000',
  direction: 'download' as const,
  fileName: 'a.dat',
  client: { ip: '127.0.1.1', port: 50_000 },
  server: { ip: '127.0.2.1', port: 445 },
  bytesFromClient: 2000,
  bytesToClient: 30_000,
  size: 28_000,
  sha256: 'ab',
  error: 'the file was not closed',
  firstByteAt: Date.parse('2026-11-24T19:00:00.250Z'),
  lastByteAt: null,
};

describe('smbReceipt', () => {
  it('names the socket as the client knows it', () => {
    expect(receiptSchema.parse(smbReceipt(transfer))).toMatchObject({
      complete: false,
      error: 'the file was not closed',
      command: 'CREATE',
      firstByteAt: '2026-11-24T19:00:00.250Z',
      lastByteAt: null,
      sockets: [
        {
          role: 'data',
          transport: 'tcp',
          openedBy: 'client',
          source: transfer.client,
          destination: transfer.server,
          bytesFromClient: 2000,
          bytesToClient: 30_000,
        },
      ],
    });
    expect(smbReceipt({ ...transfer, error: null }).complete).toBe(true);
  });
});

describe('smbLogRecord', () => {
  it('says read or write, and how it ended', () => {
    const record = (more: object) =>
      smbLogRecord({ ...transfer, ...more }, transfer.firstByteAt, { user: 'u', share: 'drop' });
    expect(record({})).toMatchObject({
      '@timestamp': '2026-11-24T19:00:00.250Z',
      event: { action: 'read', outcome: 'failure' },
      file: { path: '\\\\127.0.2.1\\drop\\a.dat' },
      user: { name: 'u' },
    });
    expect(record({ direction: 'upload', error: null })).toMatchObject({
      event: { action: 'write', outcome: 'success' },
    });
  });
});
