// RFC 1350 §5 names netascii after RFC 764: an end of line travels as CR LF, a CR of its own as CR NUL. The sink's end of line is LF.
const [nul, lf, cr] = [0, 10, 13];

/** Turns netascii into content; a CR at the end of one call is kept for the next. */
export function netasciiDecoder(): (bytes: Buffer) => Buffer {
  let pending = false;
  return (bytes) => {
    const out: number[] = [];
    for (const byte of bytes) {
      if (pending) {
        pending = false;
        // What may not follow a CR is taken as it is.
        if (byte === lf) out.push(lf);
        else if (byte === nul) out.push(cr);
        else out.push(cr, byte);
      } else if (byte === cr) {
        pending = true;
      } else {
        out.push(byte);
      }
    }
    return Buffer.from(out);
  };
}

/** One byte of content as netascii. */
export function netasciiByte(byte: number): readonly number[] {
  if (byte === lf) return [cr, lf];
  return byte === cr ? [cr, nul] : [byte];
}
