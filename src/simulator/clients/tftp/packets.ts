/** TFTP packets (RFC 1350; options RFC 2347). */
export type TftpPacket =
  | { readonly kind: 'data'; readonly block: number; readonly content: Buffer }
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'oack'; readonly options: ReadonlyMap<string, string> };

function head(opcode: number, value: number): Buffer {
  const packet = Buffer.alloc(4);
  packet.writeUInt16BE(opcode, 0);
  packet.writeUInt16BE(value, 2);
  return packet;
}

function strings(bytes: Buffer): string[] {
  return bytes.toString('latin1').split('\0').slice(0, -1);
}

/** How content travels (RFC 1350, 1): as it is, or as NVT text with CR LF line ends. */
export type TftpMode = 'octet' | 'netascii';

/** WRQ or RRQ. */
export function requestPacket(
  write: boolean,
  name: string,
  mode: TftpMode,
  options: Readonly<Record<string, string>>,
): Buffer {
  const words = [name, mode, ...Object.entries(options).flat()];
  return Buffer.concat([
    Buffer.from([0, write ? 2 : 1]),
    Buffer.from(words.map((word) => `${word}\0`).join('')),
  ]);
}

export function dataPacket(block: number, content: Buffer): Buffer {
  return Buffer.concat([head(3, block), content]);
}

export function ackPacket(block: number): Buffer {
  return head(4, block);
}

export function errorPacket(code: number, message: string): Buffer {
  return Buffer.concat([head(5, code), Buffer.from(`${message}\0`)]);
}

/** @returns null for what is no packet that a server sends */
export function parsePacket(bytes: Buffer): TftpPacket | null {
  if (bytes.length < 4) return null;
  const value = bytes.readUInt16BE(2);
  switch (bytes.readUInt16BE(0)) {
    case 3:
      return { kind: 'data', block: value, content: bytes.subarray(4) };
    case 4:
      return { kind: 'ack', block: value };
    case 5:
      return { kind: 'error', code: value, message: strings(bytes.subarray(4))[0] ?? '' };
    case 6: {
      const words = strings(bytes.subarray(2));
      const options = new Map<string, string>();
      for (let at = 0; at + 1 < words.length; at += 2) {
        options.set((words[at] ?? '').toLowerCase(), words[at + 1] ?? '');
      }
      return { kind: 'oack', options };
    }
    default:
      return null;
  }
}
