import type { TftpOptions } from './packet.js';

/** What both sides agreed on. */
export interface TftpTerms {
  /** Bytes of one DATA block. */
  readonly blockSize: number;
  /** Blocks sent before an ACK is waited for (RFC 7440). */
  readonly windowSize: number;
  readonly timeoutMs: number;
  /** The options that are acknowledged; empty where a plain ACK or DATA answers (RFC 2347). */
  readonly acknowledged: TftpOptions;
  /** The size that the client announced for an upload. */
  readonly announcedSize: number | null;
}

const defaultTimeoutMs = 1000;
// A window has to fit the receive buffer of a socket (208 KiB on Linux), or the kernel drops what is not read in time.
const maxWindowBytes = 128 * 1024;
const maxWindow = 64;

function integer(text: string | undefined, min: number, max: number): number | null {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

/**
 * Answers the options of a request: blksize (RFC 2348), timeout and tsize (RFC 2349), windowsize (RFC 7440). What is unknown or out
 * of its range is left out of the OACK, and so not in force (RFC 2347).
 * @param servedSize bytes of the file that is read, in the mode asked for; null for an upload or where it is not known
 */
export function negotiate(options: TftpOptions, servedSize: number | null): TftpTerms {
  const blockSize = integer(options['blksize'], 8, 65464);
  const timeout = integer(options['timeout'], 1, 255);
  const size = integer(options['tsize'], 0, Number.MAX_SAFE_INTEGER);
  const window = integer(options['windowsize'], 1, 65535);
  const bytes = blockSize ?? 512;
  const windowSize = Math.min(window ?? 1, maxWindow, Math.max(1, Math.floor(maxWindowBytes / bytes)));
  const tsize = servedSize ?? size;
  return {
    blockSize: bytes,
    windowSize,
    timeoutMs: timeout === null ? defaultTimeoutMs : timeout * 1000,
    announcedSize: size,
    acknowledged: {
      ...(blockSize === null ? {} : { blksize: String(bytes) }),
      ...(timeout === null ? {} : { timeout: String(timeout) }),
      ...(size === null || tsize === null ? {} : { tsize: String(tsize) }),
      ...(window === null ? {} : { windowsize: String(windowSize) }),
    },
  };
}
