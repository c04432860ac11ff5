import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, gunzipSync, constants } from 'node:zlib';
import type { Sample } from '../types.js';
import { isZstd, unzstd, unzstdHead } from './zstd.js';

const sampleBytes = 256 * 1024;
/** As long as the longest line that is read. */
const longestSample = 16 * 1024 * 1024;
const gzipMagic = Buffer.from([0x1f, 0x8b]);

/** How the bytes of an input are packed, told by its first bytes. */
export type Packing = 'none' | 'gzip' | 'zstd';
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface Probe {
  readonly sample: Sample;
  readonly packing: Packing;
  readonly gzip: boolean;
  readonly encoding: Encoding;
  /** Whether a byte order mark stands before the text. */
  readonly marked: boolean;
  /** Size on disk. */
  readonly size: number;
}

/** The encoding that a byte order mark tells; UTF-8 without one. */
function encodingOf(bytes: Buffer): { encoding: Encoding; marked: boolean } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', marked: true };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', marked: true };
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return { encoding: 'utf-8', marked };
}

/** Looks at the head of a file. @throws whatever the file system says. */
export async function probe(path: string): Promise<Probe> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    let packed = await head(file, sampleBytes);
    const packing = packingOf(packed);
    let bytes = unpackHead(packed, packing);
    const { length: filled } = packed;
    // The first record may be longer than that: then the sample grows until it holds one.
    if (filled === sampleBytes && packing === 'none' && !bytes.includes(10) && !isBinary(bytes)) {
      packed = await head(file, longestSample);
      bytes = packed.subarray(0, packed.indexOf(10) + 1 || sampleBytes);
    }
    const { encoding, marked } = encodingOf(bytes);
    const whole = packing === 'none' && filled === size;
    const decoded = new TextDecoder(encoding).decode(bytes);
    const text = whole ? decoded : decoded.slice(0, decoded.lastIndexOf('\n') + 1) || decoded;
    return { sample: { path, bytes, text }, packing, gzip: packing === 'gzip', encoding, marked, size };
  } finally {
    await file.close();
  }
}

/** The first bytes of a file, fewer where it ends before. */
async function head(file: FileHandle, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** NUL bytes stand in no text but UTF-16, which has line ends of its own. */
const isBinary = (bytes: Buffer): boolean => bytes.includes(0);

function packingOf(bytes: Buffer): Packing {
  if (bytes.subarray(0, 2).equals(gzipMagic)) return 'gzip';
  return isZstd(bytes) ? 'zstd' : 'none';
}

/** The sample ends in the midst of the stream: what is there is taken. */
function unpackHead(packed: Buffer, packing: Packing): Buffer {
  if (packing === 'none') return packed;
  try {
    return packing === 'zstd'
      ? unzstdHead(packed, sampleBytes)
      : gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, sampleBytes);
  } catch {
    return packed;
  }
}

/** The bytes of a file, unpacked. Errors of the file and of the packing reach the reader of the stream. */
export function unpacked(path: string, packing: Packing): Readable {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  if (packing === 'none') return file;
  if (packing === 'zstd') return Readable.from(unzstd(file));
  return pipeline(file, createGunzip({ chunkSize: 1024 * 1024 }), () => undefined);
}

/** UTF-8 bytes of a file in any of the encodings, without byte order mark. */
export async function* utf8(
  path: string,
  { packing, encoding }: Pick<Probe, 'packing' | 'encoding'>,
): AsyncGenerator<Buffer> {
  if (encoding === 'utf-8') {
    let first = true;
    for await (const chunk of unpacked(path, packing)) {
      const bytes = chunk as Buffer;
      yield first && encodingOf(bytes).marked ? bytes.subarray(3) : bytes;
      first = false;
    }
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const chunk of unpacked(path, packing)) {
    yield Buffer.from(decoder.decode(chunk as Buffer, { stream: true }));
  }
  yield Buffer.from(decoder.decode());
}
