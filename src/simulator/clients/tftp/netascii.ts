const [carriageReturn, lineFeed, nul] = [0x0d, 0x0a, 0x00];

/** Content as it goes over the wire in netascii (RFC 764): LF becomes CR LF, CR becomes CR NUL, byte by byte, so that it can be undone. */
export function toNetascii(content: Buffer): Buffer {
  const wire: number[] = [];
  for (const byte of content) {
    if (byte === lineFeed) wire.push(carriageReturn, lineFeed);
    else if (byte === carriageReturn) wire.push(carriageReturn, nul);
    else wire.push(byte);
  }
  return Buffer.from(wire);
}
