import { Decompress } from 'fzstd';

/** RFC 8878, sections 3.1.1 and 3.1.2: a frame, or one of sixteen kinds of skippable frames, with which a stream may begin. */
export function isZstd(bytes: Buffer): boolean {
  if (bytes.length < 4) return false;
  const magic = bytes.readUInt32LE(0);
  return magic === 0xfd2f_b528 || (magic & 0xffff_fff0) >>> 0 === 0x184d_2a50;
}

/** The format's own tool refuses larger windows as well, unless it is told otherwise (zstd(1), --memory). */
const largestWindow = 128 * 1024 * 1024;

/** How much memory the first frame asks for; 0 where it begins with another kind of frame. RFC 8878, section 3.1.1.1. */
function windowOf(head: Buffer): number {
  if (head.length < 14 || head.readUInt32LE(0) !== 0xfd2f_b528) return 0;
  const descriptor = head.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  if (!singleSegment) {
    const window = head.readUInt8(5);
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const sizes = [() => head.readUInt8(at), () => head.readUInt16LE(at) + 256, () => head.readUInt32LE(at)];
  return sizes[descriptor >> 6]?.() ?? Number(head.readBigUInt64LE(at));
}

function assertWindow(head: Buffer): void {
  const window = windowOf(head);
  if (window > largestWindow)
    throw new Error(
      `the packing needs ${String(window)} bytes of memory; at most ${String(largestWindow)} are given`,
    );
}

/** Four bytes unpack to 128 KiB at most: input goes in by so little that what comes out stays below 32 MiB. */
const step = 1024;

/** The head of what is packed: `length` bytes at most. */
export function unzstdHead(packed: Buffer, length: number): Buffer {
  assertWindow(packed);
  const parts: Buffer[] = [];
  let size = 0;
  const stream = new Decompress((bytes) => {
    parts.push(Buffer.from(bytes));
    size += bytes.length;
  });
  try {
    for (let at = 0; at < packed.length && size < length; at += step)
      stream.push(packed.subarray(at, at + step));
  } catch (error) {
    // What came before a break is a head as well.
    if (size === 0) throw error;
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Unpacks frames that follow each other. Checksums are not compared. @throws where the stream is broken or ends early. */
export async function* unzstd(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let ready: Buffer[] = [];
  const stream = new Decompress((bytes) => ready.push(Buffer.from(bytes)));
  let first = true;
  for await (const chunk of packed) {
    if (first) assertWindow(chunk);
    first = false;
    for (let at = 0; at < chunk.length; at += step) {
      stream.push(chunk.subarray(at, at + step));
      yield* ready;
      ready = [];
    }
  }
  stream.push(new Uint8Array(0), true);
  yield* ready;
}
