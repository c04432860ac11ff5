import { executionIdIn, recogniseTracer } from '../../tracer/index.js';
import type { FrontConnection } from './front.js';
import type { Share, SharedFile, StoredContent } from './share.js';

/** Payload of a connection so far. */
export interface Counts {
  readonly fromClient: number;
  readonly toClient: number;
}

/** One use of a planned file over one connection, from the first CREATE to the last CLOSE. */
export interface Attempt {
  readonly file: SharedFile;
  readonly toClientBefore: number;
  readonly fromClientBefore: number;
  /** smbd has read (download) or written (upload) content. */
  moved: boolean;
  firstByteAt: number | null;
  lastByteAt: number | null;
  /** When its last handle was closed by the client, and what the connection had carried by then; null while one is open. */
  closed: { readonly at: number; readonly counts: Counts } | null;
  /** Second name of what arrived; null until the attempt is counted as used. */
  received: string | null;
  error: string | null;
  timer: NodeJS.Timeout | undefined;
}

export function countsOf(connection: FrontConnection): Counts {
  return { fromClient: connection.fromClient, toClient: connection.toClient };
}

export function newAttempt(file: SharedFile, counts: Counts): Attempt {
  return {
    file,
    toClientBefore: counts.toClient,
    fromClientBefore: counts.fromClient,
    moved: false,
    firstByteAt: null,
    lastByteAt: null,
    closed: null,
    received: null,
    error: null,
    timer: undefined,
  };
}

// MS-DTYP 2.4.3 and MS-SMB2 2.2.13.1.1: what grants content, in either direction.
const anyAccess = 0x1000_0000 | 0x0200_0000;
const readAccess = 0x0000_0001 | 0x8000_0000 | anyAccess;
const writeAccess = 0x0000_0002 | 0x0000_0004 | 0x4000_0000 | anyAccess;
const changeAccess = writeAccess | 0x0001_0000;

/** Whether a granted CREATE of a planned file begins its transfer, and is no look at its attributes alone. */
export function isTransferOpen(file: SharedFile, access: number): boolean {
  return (access & (file.expected.direction === 'upload' ? writeAccess : readAccess)) !== 0;
}

/** Whether a CREATE that failed was after content or a change, and no look for what might be there. */
export function wantedContent(access: number, disposition: string): boolean {
  return disposition !== 'open' || (access & (readAccess | changeAccess)) !== 0;
}

/** Whether all content of a closed attempt has passed. Payload cannot be less than content: SMB compresses nothing here. */
export function hasAllContent(attempt: Attempt, share: Share, counts: Counts): boolean {
  const { direction, size } = attempt.file.expected;
  if (!attempt.moved) return false;
  return direction === 'upload'
    ? share.sizeOf(attempt.file) === size && counts.fromClient - attempt.fromClientBefore >= size
    : counts.toClient - attempt.toClientBefore >= size;
}

export interface Verdict {
  readonly executionId: string | null;
  readonly size: number;
  readonly sha256: string;
  readonly error: string | null;
  /** The content was no tracer of the execution. */
  readonly foreign: boolean;
}

/** What an upload has brought. @param fromClient payload that the client sent from the CREATE on */
export function judgeUpload(attempt: Attempt, content: StoredContent, fromClient: number): Verdict {
  const { expected } = attempt.file;
  const identity = recogniseTracer(content.head);
  const execution = identity?.execution.toLowerCase() ?? null;
  const foreign = content.size > 0 && execution !== expected.executionId.toLowerCase();
  const problem = () => {
    if (attempt.error !== null) return attempt.error;
    if (content.size !== expected.size) return `${content.size} of ${expected.size} bytes arrived`;
    // A client may set the size first and fill it afterwards.
    if (fromClient < expected.size)
      return `only ${fromClient} bytes were sent for ${expected.size} bytes of content`;
    if (foreign)
      return execution === null ? 'the content is no tracer' : `the tracer is that of execution ${execution}`;
    return null;
  };
  return {
    executionId: execution ?? executionIdIn(expected.fileName),
    size: content.size,
    sha256: content.sha256,
    error: problem(),
    foreign,
  };
}

/**
 * What a download has taken. Samba does not log lengths: of a broken one the payload, or the file's size where that is less, is
 * the most that can have left.
 */
export function judgeDownload(attempt: Attempt, toClient: number): Verdict {
  const { expected, sha256 } = attempt.file;
  const size = Math.min(expected.size, attempt.moved ? toClient : 0);
  return {
    executionId: expected.executionId,
    size,
    sha256,
    error:
      attempt.error ?? (size < expected.size ? `at most ${size} of ${expected.size} bytes were read` : null),
    foreign: false,
  };
}
