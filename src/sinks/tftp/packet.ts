/** Options of a request or an OACK (RFC 2347): names in lower case. */
export type TftpOptions = Readonly<Record<string, string>>;

export type TftpPacket =
  | {
      readonly kind: 'rrq' | 'wrq';
      readonly fileName: string;
      /** In lower case. */
      readonly mode: string;
      readonly options: TftpOptions;
    }
  | { readonly kind: 'data'; readonly block: number; readonly data: Buffer }
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'oack'; readonly options: TftpOptions };

export type TftpRequest = Extract<TftpPacket, { kind: 'rrq' | 'wrq' }>;

/** RFC 1350 §5, and 8 of RFC 2347. */
export const tftpErrors = {
  undefined: 0,
  notFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegal: 4,
  unknownTid: 5,
  badOption: 8,
} as const;

const opcodes = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;

/** Texts that each end with a NUL; null where the last one does not. */
function texts(bytes: Buffer): string[] | null {
  if (bytes.length === 0) return [];
  if (bytes.at(-1) !== 0) return null;
  return bytes.subarray(0, -1).toString('utf8').split('\0');
}

function pairs(parts: readonly string[]): TftpOptions | null {
  if (parts.length % 2 !== 0) return null;
  const options = new Map<string, string>();
  for (let index = 0; index < parts.length; index += 2) {
    const name = (parts[index] ?? '').toLowerCase();
    if (name === '' || options.has(name)) return null;
    options.set(name, parts[index + 1] ?? '');
  }
  return Object.fromEntries(options);
}

function request(kind: 'rrq' | 'wrq', body: Buffer): TftpPacket | null {
  const parts = texts(body);
  const [fileName, mode, ...rest] = parts ?? [];
  const options = pairs(rest);
  if (fileName === undefined || fileName === '' || mode === undefined || options === null) return null;
  return { kind, fileName, mode: mode.toLowerCase(), options };
}

/** Reads a datagram (RFC 1350 §5, RFC 2347). @returns null for what is no TFTP packet */
export function parsePacket(bytes: Buffer): TftpPacket | null {
  if (bytes.length < 4) return null;
  const [opcode, number, body] = [bytes.readUInt16BE(0), bytes.readUInt16BE(2), bytes.subarray(4)];
  switch (opcode) {
    case opcodes.rrq:
      return request('rrq', bytes.subarray(2));
    case opcodes.wrq:
      return request('wrq', bytes.subarray(2));
    case opcodes.data:
      return { kind: 'data', block: number, data: body };
    case opcodes.ack:
      return bytes.length === 4 ? { kind: 'ack', block: number } : null;
    case opcodes.error: {
      // Some peers leave the NUL out.
      const end = body.indexOf(0);
      return {
        kind: 'error',
        code: number,
        message: body.subarray(0, end < 0 ? undefined : end).toString('utf8'),
      };
    }
    case opcodes.oack: {
      const parts = texts(bytes.subarray(2));
      const options = parts === null ? null : pairs(parts);
      return options === null ? null : { kind: 'oack', options };
    }
    default:
      return null;
  }
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index);
  return bytes;
}

function strings(...values: string[]): Buffer {
  return Buffer.from(values.map((value) => `${value}\0`).join(''), 'utf8');
}

/** The datagram of a packet. Texts must not hold a NUL. */
export function formatPacket(packet: TftpPacket): Buffer {
  switch (packet.kind) {
    case 'rrq':
    case 'wrq':
      return Buffer.concat([
        numbers(opcodes[packet.kind]),
        strings(packet.fileName, packet.mode, ...Object.entries(packet.options).flat()),
      ]);
    case 'data':
      return Buffer.concat([numbers(opcodes.data, packet.block), packet.data]);
    case 'ack':
      return numbers(opcodes.ack, packet.block);
    case 'error':
      return Buffer.concat([numbers(opcodes.error, packet.code), strings(packet.message)]);
    case 'oack':
      return Buffer.concat([numbers(opcodes.oack), strings(...Object.entries(packet.options).flat())]);
  }
}
