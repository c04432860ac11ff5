/** [MS-SMB2] 2.2.41: the first byte of the protocol id of an encrypted message; of others it is 0xFE. */
const transform = 0xfd;
const lengthBytes = 4;

/** Watches one direction of an SMB connection: messages with a length of four bytes before each ([MS-SMB2] 2.1). */
export interface EncryptionWatch {
  push(chunk: Buffer): void;
  /** Whether an encrypted message has passed. */
  readonly seen: boolean;
}

export function encryptionWatch(): EncryptionWatch {
  let head = Buffer.alloc(0);
  /** Bytes of the message under way that are still to come. */
  let left = 0;
  let seen = false;
  return {
    push(chunk) {
      let rest = chunk;
      while (rest.length > 0) {
        if (left > 0) {
          const passed = Math.min(left, rest.length);
          left -= passed;
          rest = rest.subarray(passed);
          continue;
        }
        const wanted = lengthBytes + 1 - head.length;
        head = Buffer.concat([head, rest.subarray(0, wanted)]);
        rest = rest.subarray(wanted);
        if (head.length <= lengthBytes) return;
        left = head.readUIntBE(1, 3) - 1;
        seen ||= head[lengthBytes] === transform;
        head = Buffer.alloc(0);
      }
    },
    get seen() {
      return seen;
    },
  };
}
