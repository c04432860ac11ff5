import { createHash } from 'node:crypto';
import { executionId, systemClock } from '../../src/core/index.js';
import {
  defaultSinkLimits,
  receiptSchema,
  refusalSchema,
  type ExpectedTransfer,
  type Receipt,
  type Refusal,
  type SinkOptions,
} from '../../src/sinks/types.js';
import { tracerChunks, tracerFileName, type TracerSpec } from '../../src/tracer/index.js';

export interface TestTracer {
  readonly spec: TracerSpec;
  readonly fileName: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** A tracer in memory; another `name` gives another execution. */
export function testTracer(name: string, size: number): TestTracer {
  const execution = executionId('20261124-184512-test', name, 'host-1');
  const spec = { lab: 'lab', run: 'run', execution, contact: 'a@example.org', size, seed: 'seed' };
  const bytes = Buffer.concat([...tracerChunks(spec)]);
  return {
    spec,
    bytes,
    fileName: tracerFileName(execution, 'large'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** A piece of an execution that moves several files, each a tracer of its own. */
export function testPiece(whole: TestTracer, piece: number): TestTracer {
  const spec = { ...whole.spec, piece };
  const bytes = Buffer.concat([...tracerChunks(spec)]);
  const fileName = tracerFileName(spec.execution, 'slow', piece);
  return { spec, bytes, fileName, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export function expectUpload(tracer: TestTracer, extra: Partial<ExpectedTransfer> = {}): ExpectedTransfer {
  return {
    executionId: tracer.spec.execution,
    direction: 'upload',
    fileName: tracer.fileName,
    size: tracer.spec.size,
    times: 1,
    ...extra,
  };
}

export function expectDownload(tracer: TestTracer, extra: Partial<ExpectedTransfer> = {}): ExpectedTransfer {
  return {
    ...expectUpload(tracer),
    direction: 'download',
    // eslint-disable-next-line @typescript-eslint/require-await -- a generator that awaits nothing is still an AsyncIterable
    content: async function* () {
      yield* tracerChunks(tracer.spec);
    },
    ...extra,
  };
}

export interface SinkRecorder {
  readonly options: SinkOptions;
  /** Lines as `onReceipt` took them, repeated ids included. */
  readonly lines: Receipt[];
  readonly refusals: Refusal[];
  readonly log: Readonly<Record<string, unknown>>[];
}

/** Options of a sink on a free port of a loopback address, and what it reports, each checked against its schema. */
export function recordingSink(overrides: Partial<SinkOptions> = {}): SinkRecorder {
  const lines: Receipt[] = [];
  const refusals: Refusal[] = [];
  const log: Readonly<Record<string, unknown>>[] = [];
  return {
    lines,
    refusals,
    log,
    options: {
      id: 'sink-1',
      address: '127.0.2.1',
      port: 0,
      clients: ['127.0.0.1', '127.0.1.1'],
      account: { user: 'dyetrace', password: 'nonce-1234' },
      share: 'drop',
      expected: [],
      limits: defaultSinkLimits,
      directory: '.',
      onReceipt: (receipt) => {
        lines.push(receiptSchema.parse(receipt));
        return Promise.resolve();
      },
      onRefusal: (refusal) => refusals.push(refusalSchema.parse(refusal)),
      onLog: (record) => log.push(record),
      clock: systemClock,
      ...overrides,
    },
  };
}

/** One receipt per id: the last line wins. */
export function finalReceipts(lines: readonly Receipt[]): Receipt[] {
  return [...new Map(lines.map((line) => [line.id, line])).values()];
}
