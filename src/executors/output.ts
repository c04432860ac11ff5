/** Default of `RunOptions.maxOutputBytes`. */
export const defaultMaxOutputBytes = 2 ** 20;

/** Keeps the first `limit` bytes of a stream and lets the rest go, so that the command is never blocked by a full pipe. */
export function cappedOutput(limit: number): {
  readonly add: (chunk: Buffer) => void;
  readonly text: () => string;
  readonly truncated: () => boolean;
} {
  const chunks: Buffer[] = [];
  let kept = 0;
  let cut = false;
  return {
    add(chunk) {
      const room = chunk.subarray(0, limit - kept);
      if (room.length > 0) chunks.push(room);
      kept += room.length;
      if (room.length < chunk.length) cut = true;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
    truncated: () => cut,
  };
}
