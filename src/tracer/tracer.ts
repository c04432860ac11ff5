import { createCipheriv, createHash } from 'node:crypto';
import { isExecutionId, InputError } from '../core/index.js';

/** What a tracer says of itself. */
export interface TracerIdentity {
  readonly lab: string;
  readonly run: string;
  readonly execution: string;
  readonly contact: string;
}

export interface TracerSpec extends TracerIdentity {
  /** Exact size in bytes, header included. */
  readonly size: number;
  readonly seed: string;
  /** Number of this piece of an execution that moves several; absent where it moves one file. */
  readonly piece?: number;
}

const firstLine = 'HARMLESS TEST DATA';
const lastLine = 'End of header. Deterministic filler follows.';
const chunkBytes = 64 * 1024;

/** Bytes of content in which the header stands, at most. */
export const maxHeaderBytes = 1024;

/** Line breaks would let a value forge another field. */
function oneLine(value: string): string {
  return value.replaceAll(/[\r\n]+/g, ' ').slice(0, 120);
}

function header(spec: TracerSpec): Buffer {
  const lines = [
    firstLine,
    'Tool: Dyetrace (purple-team simulation for ATT&CK analytic AN1169)',
    `Lab: ${oneLine(spec.lab)}`,
    `Run: ${oneLine(spec.run)}`,
    `Execution: ${oneLine(spec.execution)}`,
    `Contact: ${oneLine(spec.contact)}`,
    ...(spec.piece === undefined ? [] : [`Piece: ${spec.piece}`]),
    `Size: ${spec.size}`,
    'Verify: the SHA-256 of this file stands in plan.json of the run',
    lastLine,
    '',
  ];
  return Buffer.from(lines.join('\r\n'), 'utf8');
}

/** Smallest size, in bytes, that holds the header. */
export function minimumTracerSize(identity: TracerIdentity): number {
  return header({ ...identity, size: Number.MAX_SAFE_INTEGER, seed: '' }).length;
}

/**
 * The chunks of a tracer: a readable header, then an AES-128-CTR key stream, so that the seed and the execution alone decide
 * every byte. Constant memory at any size.
 * @throws InputError where the size cannot hold the header
 */
export function* tracerChunks(spec: TracerSpec): Generator<Buffer> {
  const head = header(spec);
  if (!Number.isSafeInteger(spec.size) || spec.size < head.length) {
    throw new InputError({
      code: 'tracer-too-small',
      message: `a tracer of ${spec.size} bytes cannot hold its header of ${head.length} bytes`,
      remedy: `choose a size of at least ${head.length} bytes`,
    });
  }
  yield head;
  const piece = spec.piece === undefined ? '' : `\n${spec.piece}`;
  const key = createHash('sha256').update(`${spec.seed}\n${spec.run}\n${spec.execution}${piece}`).digest();
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16, 32));
  const zeros = Buffer.alloc(chunkBytes);
  for (let left = spec.size - head.length; left > 0; left -= chunkBytes) {
    yield cipher.update(left >= chunkBytes ? zeros : zeros.subarray(0, left));
  }
}

/** The content as a stream of chunks, for staging and serving. */
// eslint-disable-next-line @typescript-eslint/require-await -- a generator that awaits nothing is still an AsyncIterable
export async function* tracerContent(spec: TracerSpec): AsyncGenerator<Buffer> {
  yield* tracerChunks(spec);
}

/** SHA-256 of the content, in hexadecimal. */
export function tracerSha256(spec: TracerSpec): string {
  const hash = createHash('sha256');
  for (const chunk of tracerChunks(spec)) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * Tells a tracer from anything else by the head of its content.
 * @param head the first {@link maxHeaderBytes} bytes, or the whole file where it is shorter
 * @returns what it says of itself, or null where it is no tracer
 */
export function recogniseTracer(head: Buffer): TracerIdentity | null {
  const text = head.subarray(0, maxHeaderBytes).toString('utf8');
  if (!text.startsWith(`${firstLine}\r\n`)) return null;
  const end = text.indexOf(`\r\n${lastLine}\r\n`);
  if (end < 0) return null;
  const fields = new Map(
    text
      .slice(0, end)
      .split('\r\n')
      .map((line): [string, string] => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
  );
  const [lab, run, execution, contact] = [
    fields.get('Lab'),
    fields.get('Run'),
    fields.get('Execution'),
    fields.get('Contact'),
  ];
  if (lab === undefined || run === undefined || execution === undefined || contact === undefined) return null;
  return isExecutionId(execution) ? { lab, run, execution, contact } : null;
}

/**
 * The execution id in a file name, in any spelling that Windows makes of it: upper case, 8.3, with a path, with another
 * extension. The id is the whole base name of eight characters, so the 8.3 form cannot cut it.
 */
export function executionIdIn(fileName: string): string | null {
  const base = fileName.split(/[\\/]/).at(-1) ?? '';
  for (const part of base.split(/[^0-9A-Za-z]+/)) if (isExecutionId(part)) return part.toLowerCase();
  return null;
}

/**
 * Name of the tracer on the wire: the execution id, with an extension that the volume profile asks for; of a piece the piece's
 * number (`dk3f9q2x.001`).
 */
export function tracerFileName(execution: string, profile: string, piece?: number): string {
  if (piece !== undefined) return `${execution}.${String(piece).padStart(3, '0')}`;
  return `${execution}.${profile === 'archive-name' ? 'zip' : 'dat'}`;
}
